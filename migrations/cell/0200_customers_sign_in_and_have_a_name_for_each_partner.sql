-- Who signs in at the bank, how wrong guesses are slowed down, and by which name each partner knows a customer.
create table customers.customer (
  id             text primary key check (id ~ '^customer_[0-9a-f]{32}$'),
  core_ref       text not null unique,
  display_name   text not null,
  login          text not null unique check (login = lower(login)),
  -- Algorithm, parameters, salt and hash in one line, so that the parameters can be raised later.
  password       text not null,
  second_factor  text not null check (second_factor in ('shown', 'totp')),
  -- Encrypted; the key is not in the database.
  totp_secret    bytea,
  -- RFC 6238 §5.2: a code is used once, so the step of the last one is remembered.
  totp_last_step bigint,
  check ((second_factor = 'totp') = (totp_secret is not null))
);

-- By the hash of what was typed, so that a login that does not exist is slowed down like one that does.
create table customers.guess (
  login_sha256 bytea primary key check (length(login_sha256) = 32),
  failures     int not null check (failures >= 0),
  not_before   timestamptz not null,
  touched_at   timestamptz not null
);
create index guess_age on customers.guess (touched_at);

create table customers.challenge (
  id           text primary key check (id ~ '^challenge_[0-9a-f]{32}$'),
  customer_id  text not null references customers.customer (id),
  -- Hash of the code where it was shown on the page; null where the customer's device makes it.
  code_sha256  bytea check (length(code_sha256) = 32),
  tries        int not null default 0,
  expires_at   timestamptz not null,
  used         boolean not null default false
);
create index challenge_age on customers.challenge (expires_at);

create table customers.alias (
  subject      text primary key,
  partner_id   text not null,
  customer_ref text not null,
  unique (partner_id, customer_ref)
);
