-- Signing keys of the issuer rotate: published, active, retiring, removed. The private halves are in the key provider.
create table oauth.signing_key (
  kid          text primary key,
  -- The public half.
  jwk          jsonb not null,
  state        text not null check (state in ('published', 'active', 'retiring', 'removed')),
  published_at timestamptz not null,
  activated_at timestamptz,
  retired_at   timestamptz,
  removed_at   timestamptz,
  -- In an emergency: whatever it signed is refused.
  denied       boolean not null default false,
  check (state <> 'active' or activated_at is not null),
  check (state <> 'retiring' or retired_at is not null),
  check ((state = 'removed') = (removed_at is not null)),
  check (not denied or state = 'removed')
);
create unique index signing_key_one_active on oauth.signing_key ((true)) where state = 'active';
