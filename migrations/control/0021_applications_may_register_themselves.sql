-- Dynamic registration (RFC 7591, 7592) and certificates that a partner signs itself (RFC 8705 §2.2).
alter table partners.application drop constraint application_authentication_check;
alter table partners.application add constraint application_authentication_check
  check (authentication in ('private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'));

-- What an application asked to be limited to; null: all that its products and its licence bring.
alter table partners.application add column scopes text[];
alter table partners.application add column authorization_details_types text[];

-- We number what we sign; a partner's own certificate has whatever number it likes.
alter table partners.certificate add column self_signed boolean not null default false;
alter table partners.certificate drop constraint certificate_serial_number_key;
create unique index certificate_serial_number on partners.certificate (serial_number) where not self_signed;

-- The right to register one application. In production two people of the bank give it, and say for what.
create table partners.initial_access_token (
  id           text primary key check (id ~ '^registration_[0-9a-f]{32}$'),
  partner_id   text not null references partners.partner (id),
  cell         text not null check (cell in ('sandbox', 'production')),
  -- What the registration has to stay within; null in the sandbox.
  limits       jsonb,
  status       text not null check (status in ('requested', 'granted', 'issued', 'used', 'declined')),
  requested_at timestamptz not null,
  -- SHA-256: whoever reads this table holds nothing that works.
  sha256       bytea unique check (length(sha256) = 32),
  expires_at   timestamptz,
  used_at      timestamptz,
  check (cell <> 'production' or limits is not null),
  check ((status in ('issued', 'used')) = (sha256 is not null and expires_at is not null)),
  check ((status = 'used') = (used_at is not null))
);
create index initial_access_token_partner on partners.initial_access_token (partner_id);

-- What manages an application by RFC 7592: one token, replaced at every update.
create table partners.registration (
  application_id text primary key references partners.application (id),
  token_sha256   bytea not null check (length(token_sha256) = 32),
  issued_at      timestamptz not null
);
