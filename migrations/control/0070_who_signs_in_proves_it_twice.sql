-- Second factors, challenges and codes: one room for both offices, so that a holder is a `staff_…` or a `person_…`.
create schema sign_in;

-- One authenticator app for a holder. The secret is sealed with a key that the database does not hold. A step that
-- was used, and every earlier one, is refused for ever (RFC 6238 §5.2).
create table sign_in.totp (
  holder       text primary key,
  sealed       bytea not null,
  confirmed_at timestamptz,
  last_step    bigint
);

-- Keyed digests; a code that was used stays, so that it is never drawn again.
create table sign_in.recovery_code (
  holder  text not null,
  digest  bytea not null check (length(digest) = 32),
  used_at timestamptz,
  primary key (holder, digest)
);

create table sign_in.passkey (
  id           text primary key,
  holder       text not null,
  public_key   bytea not null,
  counter      bigint not null check (counter >= 0),
  transports   text[] not null,
  name         text not null,
  synced       boolean not null,
  added_at     timestamptz not null,
  last_used_at timestamptz
);
create index passkey_holder on sign_in.passkey (holder);

-- A challenge is answered once: taking it deletes it. `about` is the hash that a signature is over, `nonce` what makes
-- this signature's challenge its own.
create table sign_in.challenge (
  digest     bytea primary key check (length(digest) = 32),
  purpose    text not null check (purpose in ('sign-in', 'factor', 'registration', 'signature')),
  office     text not null check (office in ('portal', 'console')),
  holder     text,
  about      text,
  nonce      text,
  expires_at timestamptz not null,
  check ((purpose = 'sign-in') = (holder is null)),
  check ((purpose = 'signature') = (about is not null and nonce is not null))
);
create index challenge_age on sign_in.challenge (expires_at);

-- Tries of second factors and codes, as `staff.attempt` counts passwords.
create table sign_in.attempt (
  key        bytea primary key check (length(key) = 32),
  failures   int not null,
  last_at    timestamptz not null,
  not_before timestamptz not null
);

-- Six digits sent to an address. One that went to an address somebody else has proven has no digest: nothing fits it.
create table sign_in.mail_code (
  holder     text primary key,
  digest     bytea check (length(digest) = 32),
  sent_at    timestamptz not null,
  expires_at timestamptz not null,
  tries_left int not null check (tries_left >= 0)
);

-- What a session has proven, and how its holder tells it from their others.
alter table staff.session
  add column id        uuid not null default gen_random_uuid() unique,
  add column factor_at timestamptz,
  add column agent     text not null default '';
alter table partners.session
  add column id        uuid not null default gen_random_uuid() unique,
  add column factor_at timestamptz,
  add column agent     text not null default '';
