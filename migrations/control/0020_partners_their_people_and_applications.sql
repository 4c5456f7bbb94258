-- Who calls: organisations, their people, their applications, and every key that was ever admitted.
create table partners.partner (
  id                text primary key check (id ~ '^partner_[0-9a-f]{32}$'),
  organisation      text not null,
  legal_name        text not null,
  country           char(2) not null,
  declared_statuses text[] not null,
  status            text not null default 'active' check (status in ('active', 'suspended')),
  registered_at     timestamptz not null
);

-- Why a partner was stopped: kept here, for the journal carries no free text about people.
create table partners.suspension (
  id           bigint generated always as identity primary key,
  partner_id   text not null references partners.partner (id),
  reason       text not null,
  suspended_by text not null,
  suspended_at timestamptz not null,
  ended_at     timestamptz
);
create unique index suspension_one_open on partners.suspension (partner_id) where ended_at is null;

create table partners.person (
  id            text primary key check (id ~ '^person_[0-9a-f]{32}$'),
  partner_id    text not null references partners.partner (id),
  name          text not null,
  email         text not null constraint person_email unique check (email = lower(email)),
  password_hash text not null,
  roles         text[] not null check (cardinality(roles) > 0),
  status        text not null default 'active' check (status in ('active', 'left')),
  created_at    timestamptz not null
);
create index person_partner on partners.person (partner_id);

create table partners.session (
  sha256    bytea primary key check (length(sha256) = 32),
  holder    text not null references partners.person (id),
  opened_at timestamptz not null,
  seen_at   timestamptz not null
);
create index session_holder on partners.session (holder);
create index session_age on partners.session (opened_at);

create table partners.attempt (
  key        bytea primary key check (length(key) = 32),
  failures   int not null,
  last_at    timestamptz not null,
  not_before timestamptz not null
);

create table partners.application (
  id                text primary key check (id ~ '^application_[0-9a-f]{32}$'),
  partner_id        text not null references partners.partner (id),
  cell              text not null check (cell in ('sandbox', 'production')),
  name              text not null,
  authentication    text not null check (authentication in ('private_key_jwt', 'tls_client_auth')),
  sender_constraint text not null check (sender_constraint in ('mtls', 'dpop')),
  jwks              jsonb not null,
  reveal_key        jsonb,
  redirect_uris     text[] not null,
  grant_types       text[] not null check (cardinality(grant_types) > 0),
  products          text[] not null check (cardinality(products) > 0),
  rehearsal         boolean not null default false,
  status            text not null check (status in ('requested', 'active', 'declined', 'revoked')),
  requested_at      timestamptz not null,
  activated_at      timestamptz,
  ended_at          timestamptz,
  check (not rehearsal or cell = 'sandbox'),
  check ((status in ('declined', 'revoked')) = (ended_at is not null)),
  check (status <> 'active' or activated_at is not null)
);
create index application_partner on partners.application (partner_id);
create index application_cell on partners.application (cell, id);

-- A key pair belongs to one organisation in one cell for ever, under its RFC 7638 thumbprint (hex). A retired one, whose
-- certificate or application was revoked, never comes back.
create table partners.key (
  sha256        text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  partner_id    text not null references partners.partner (id),
  cell          text not null check (cell in ('sandbox', 'production')),
  purpose       text not null check (purpose in ('authentication', 'reveal')),
  first_seen_at timestamptz not null,
  retired_at    timestamptz
);

create table partners.certificate (
  -- x5t#S256 of RFC 8705.
  sha256         text primary key check (sha256 ~ '^[A-Za-z0-9_-]{43}$'),
  application_id text not null references partners.application (id),
  key_sha256     text not null references partners.key (sha256),
  serial_number  text not null unique,
  pem            text not null,
  issued_at      timestamptz not null,
  not_after      timestamptz not null,
  revoked_at     timestamptz
);
create index certificate_application on partners.certificate (application_id);
