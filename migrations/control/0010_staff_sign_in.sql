-- People of the bank. A session is kept as the digest of its secret: who reads this table can sign in as nobody.
create table staff.staff (
  id            text primary key check (id ~ '^staff_[0-9a-f]{32}$'),
  name          text not null,
  email         text not null unique check (email = lower(email)),
  password_hash text not null,
  roles         text[] not null check (cardinality(roles) > 0),
  status        text not null default 'active' check (status in ('active', 'left')),
  created_at    timestamptz not null
);

create table staff.session (
  sha256    bytea primary key check (length(sha256) = 32),
  holder    text not null references staff.staff (id),
  opened_at timestamptz not null,
  seen_at   timestamptz not null
);
create index session_holder on staff.session (holder);
create index session_age on staff.session (opened_at);

-- Tries to sign in, by digest of account and address: no address and no e-mail is kept.
create table staff.attempt (
  key        bytea primary key check (length(key) = 32),
  failures   int not null,
  last_at    timestamptz not null,
  not_before timestamptz not null
);
