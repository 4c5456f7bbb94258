-- Nobody publishes a price before knowing who wins and who loses by it; what an operation costs the bank stands beside.
create schema forecast;

create table forecast.replay (
  id            text        primary key check (id ~ '^replay_[0-9a-f]{32}$'),
  -- Of the canonical prices and terms: what was replayed, and nothing else, may be published by it.
  prices_sha256 text        not null check (prices_sha256 ~ '^[0-9a-f]{64}$'),
  version       text        not null,
  report        jsonb       not null check (jsonb_typeof(report) = 'object'),
  made_by       text        not null,
  made_at       timestamptz not null
);
create index replay_of_prices on forecast.replay (prices_sha256, made_at desc);

create table forecast.unit_cost (
  operation  text        primary key,
  -- In the currency of the list, for one unit.
  cost       numeric     not null check (cost >= 0),
  changed_at timestamptz not null
);
