-- A version is a promise with a last day: what becomes of it, who still stands on it, and who was told what when.
create schema versions;

-- Of the versions that are no longer simply alive. A version that is not here is.
create table versions.life (
  version       date primary key,
  deprecated_at timestamptz not null,
  sunset_at     timestamptz not null,
  retired_at    timestamptz,
  -- Where the bank ended it although somebody still called.
  retired_why   text,
  check (sunset_at > deprecated_at),
  check (retired_at is null or retired_at >= deprecated_at)
);

-- A partner that asked for more time, and got it from two people.
create table versions.extension (
  partner_id text not null,
  version    date not null references versions.life (version),
  until      timestamptz not null,
  reason     text not null,
  granted_at timestamptz not null,
  primary key (partner_id, version)
);

-- Hours in which an old version is refused on purpose, announced beforehand, so that nobody is surprised on the last day.
create table versions.brownout (
  id        text primary key check (id ~ '^brownout_[0-9a-f]{32}$'),
  version   date not null references versions.life (version),
  cell      text not null check (cell in ('sandbox', 'production')),
  starts_at timestamptz not null,
  ends_at   timestamptz not null,
  -- Payments are left alone, but for partners that agreed in writing.
  payments_of text[] not null default '{}',
  check (ends_at > starts_at)
);
create index brownout_of_version on versions.brownout (version, starts_at);

-- Which version an application speaks where it names none; without a row, the newest of the day on which it was made.
create table versions.pin (
  application_id text primary key,
  version        date not null,
  -- What it may go back to, and until when.
  before         date not null,
  moved_at       timestamptz not null
);

-- What will break somebody on a day: announced in the time that each contract promises, and only then published.
create table versions.coming (
  id           text primary key check (id ~ '^coming_[0-9a-f]{32}$'),
  product      text not null,
  -- Rule and operation, as the publication's judgement names them.
  key          text not null,
  operation    text,
  rule         text not null,
  summary      jsonb not null,
  takes_effect date not null,
  announced_at timestamptz not null,
  withdrawn_at timestamptz
);
create index coming_of_product on versions.coming (product, takes_effect);
