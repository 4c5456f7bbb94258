-- Anybody may type an address; it belongs to the one who has read a mail there. Until then two may claim it, so that
-- registering tells nobody whether an address is known.
alter table partners.person add column email_verified_at timestamptz;
update partners.person set email_verified_at = created_at;
alter table partners.person drop constraint person_email;
create unique index person_email on partners.person (email)
  where email_verified_at is not null and status = 'active';
create index person_claims on partners.person (email, created_at desc) where status = 'active';

-- A place in an organisation, offered to whoever reads the mail. Its token is kept as a digest and is used once.
create table partners.invitation (
  id          text primary key check (id ~ '^invitation_[0-9a-f]{32}$'),
  partner_id  text not null references partners.partner (id),
  email       text not null check (email = lower(email)),
  roles       text[] not null check (cardinality(roles) > 0),
  token       bytea not null unique check (length(token) = 32),
  invited_by  text not null references partners.person (id),
  invited_at  timestamptz not null,
  expires_at  timestamptz not null,
  accepted_at timestamptz,
  withdrawn_at timestamptz,
  check (accepted_at is null or withdrawn_at is null)
);
create index invitation_partner on partners.invitation (partner_id, id desc);
