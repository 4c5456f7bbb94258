-- Every call once: the row that deduplicates, the hourly tally and the cursor of its gateway are kept in one transaction.
-- The key holds the partner (nobody can suppress another's call) and the day (so the table can be partitioned by it later).
create table usage.event (
  partner_id     text        not null,
  day            date        not null,
  call_id        text        not null check (call_id ~ '^[0-9a-f]{32}$'),
  cell           text        not null check (cell in ('sandbox', 'production')),
  gateway        text        not null,
  boot           text        not null,
  seq            bigint      not null,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null,
  application_id text        not null,
  product        text        not null,
  operation      text        not null,
  contract_id    text,
  price_version  text,
  price_basis    text        not null check (price_basis in ('contract', 'list', 'regulated', 'unpriced')),
  unit_price     numeric     not null check (unit_price >= 0),
  consent_id     text,
  status         int         not null,
  code           text,
  billable       boolean     not null,
  units          bigint      not null check (units >= 0),
  latency_ms     double precision not null,
  upstream_ms    double precision,
  epoch          bigint      not null,
  primary key (partner_id, day, call_id)
);
create index event_latest on usage.event (partner_id, cell, call_id desc);

create table usage.hour (
  partner_id     text        not null,
  cell           text        not null,
  hour           timestamptz not null,
  application_id text        not null,
  product        text        not null,
  operation      text        not null,
  contract_id    text        not null,
  price_version  text        not null,
  price_basis    text        not null,
  unit_price     numeric     not null,
  calls          bigint      not null check (calls >= 0),
  billable_calls bigint      not null check (billable_calls between 0 and calls),
  billable_units bigint      not null check (billable_units >= 0),
  primary key (partner_id, cell, hour, application_id, product, operation, contract_id, price_version, price_basis, unit_price)
);

-- Which numbers of a gateway's run have arrived. A gap is a call that was made and has not been counted.
create table usage.cursor (
  cell     text not null,
  gateway  text not null,
  boot     text not null,
  received int8multirange not null,
  heard_at timestamptz not null,
  primary key (cell, gateway, boot)
);

-- What cannot be counted is neither billed nor thrown away: a person looks at it.
create table usage.quarantine (
  cell        text  not null,
  gateway     text  not null,
  boot        text  not null,
  seq         bigint not null,
  record      jsonb not null,
  why         text  not null,
  recorded_at timestamptz not null,
  primary key (cell, gateway, boot, seq)
);
