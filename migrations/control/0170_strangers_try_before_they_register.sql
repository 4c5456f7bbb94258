-- Whoever has not registered tries the sandbox for a day, and keeps what they made there when they register.
create table partners.visit (
  partner_id    text primary key references partners.partner (id),
  person_id     text not null unique references partners.person (id),
  -- Of what the browser keeps, to come back after its session is over.
  secret_sha256 bytea not null unique check (octet_length(secret_sha256) = 32),
  began_at      timestamptz not null,
  ends_at       timestamptz not null check (ends_at > began_at),
  -- How it was over: somebody registered, or the day went by.
  claimed_at    timestamptz,
  ended_at      timestamptz,
  check (claimed_at is null or ended_at is null)
);
create index visit_open on partners.visit (ends_at) where claimed_at is null and ended_at is null;
