-- A quote is a promise with an end: it is used once, and until it is over it counts against limits. An exchange is legs
-- that are written before they are sent.
create schema fx;

-- Rates are whole millionths of the second currency for one unit of the first.
create table fx.pair (
  name           text primary key check (name ~ '^[A-Z]{3}/[A-Z]{3}$'),
  markup_bps     int not null check (markup_bps between 0 and 1000),
  -- Added while the market of the pair is closed.
  closed_bps     int not null check (closed_bps between 0 and 1000),
  -- Minor units of so'm that may be open in this pair, of all partners together.
  exposure_minor bigint not null check (exposure_minor >= 0)
);
insert into fx.pair (name, markup_bps, closed_bps, exposure_minor) values
  ('USD/UZS', 60, 50, 5000000000000),
  ('EUR/UZS', 80, 60, 2000000000000),
  ('EUR/USD', 40, 40, 2000000000000);

-- Minor units of so'm that a partner may have open; the row without a partner is everybody's beginning.
create table fx.partner_limit (
  partner_id     text primary key,
  exposure_minor bigint not null check (exposure_minor >= 0)
);
insert into fx.partner_limit (partner_id, exposure_minor) values ('', 500000000000);

-- What the treasury publishes, where the bank keeps its rates itself. A rate is good until the treasury said.
create table fx.rate (
  pair       text not null references fx.pair (name),
  as_of      timestamptz not null,
  good_until timestamptz not null,
  mid_micros bigint not null check (mid_micros > 0),
  source     text not null check (source <> ''),
  primary key (pair, as_of),
  check (good_until > as_of)
);

-- Days that a decree closes, beyond those that the calendars of the currencies know by rule.
create table fx.closed_day (
  currency char(3) not null,
  day      date not null,
  name     text not null,
  primary key (currency, day)
);

-- The bank's own accounts that exchanges pass through: one for each currency.
create table fx.position_account (
  currency    char(3) primary key,
  account_ref text not null unique,
  number      text not null check (number ~ '^\d{20}$'),
  bank_code   text not null check (bank_code ~ '^\d{5}$'),
  name        text not null
);

create table fx.quote (
  id              text primary key check (id ~ '^quote_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  pair            text not null references fx.pair (name),
  fixed_side      text not null check (fixed_side in ('SELL', 'BUY')),
  lock_period     text not null check (lock_period in ('PT1M', 'PT15M', 'PT1H', 'PT24H')),
  value_date      date not null,
  flags           text[] not null,
  mid_micros      bigint not null check (mid_micros > 0),
  rate_micros     bigint not null check (rate_micros > 0),
  rate_as_of      timestamptz not null,
  rate_source     text not null,
  markup_bps      int not null check (markup_bps >= 0),
  sell_minor      bigint not null check (sell_minor > 0),
  sell_currency   char(3) not null,
  fee_minor       bigint not null check (fee_minor >= 0 and fee_minor < sell_minor),
  buy_minor       bigint not null check (buy_minor > 0),
  buy_currency    char(3) not null check (buy_currency <> sell_currency),
  -- What the bank earns against the middle rate, in the currency that is bought; rounding may make it a minor unit less.
  markup_minor    bigint not null,
  notional_minor  bigint not null check (notional_minor >= 0),
  status          text not null check (status in ('ACTIVE', 'ACCEPTED', 'CANCELLED')),
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  -- It counts against the limits until then: its end, for ever once it was accepted, and until now when it is over.
  exposed_until   timestamptz not null,
  constraint quote_key_is_one_quote unique (partner_id, idempotency_key)
);
create index quote_of_partner on fx.quote (partner_id, created_at);
create index quote_open_in_pair on fx.quote (pair, exposed_until) include (notional_minor);
create index quote_open_of_partner on fx.quote (partner_id, exposed_until) include (notional_minor);

create table fx.conversion (
  id               text primary key check (id ~ '^conversion_[0-9a-f]{32}$'),
  partner_id       text not null,
  application_id   text not null,
  idempotency_key  text not null,
  body_sha256      text not null,
  consent_id       text not null constraint conversion_consent_exchanges_once unique,
  quote_id         text not null constraint conversion_uses_a_quote_once unique references fx.quote (id),
  -- The customer's accounts: as the partner knows them, and as the core does.
  sell_account_id  text not null,
  sell_ref         text not null,
  sell_number      text not null,
  sell_bank        text not null,
  buy_account_id   text not null,
  buy_number       text not null,
  buy_bank         text not null,
  customer_name    text not null,
  status           text not null
                     check (status in ('PENDING', 'FUNDS_RESERVED', 'SETTLED', 'FAILED', 'UNWOUND')),
  -- The leg that is on its way, if any.
  carrying         text check (carrying in ('sell', 'buy', 'return')),
  reason_code      text,
  -- What unwinding cost the partner, once it was asked for.
  cost_minor       bigint check (cost_minor >= 0),
  unwinding_key    text,
  unwinding_sha256 text,
  settles_at       timestamptz not null,
  tries            int not null default 0,
  next_at          timestamptz not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint conversion_key_is_one_conversion unique (partner_id, idempotency_key),
  check (carrying is null or status in ('PENDING', 'FUNDS_RESERVED')),
  check ((status <> 'PENDING') or carrying = 'sell'),
  check ((status <> 'UNWOUND') or cost_minor is not null)
);
create index conversion_open on fx.conversion (next_at) where status in ('PENDING', 'FUNDS_RESERVED');
create index conversion_of_partner on fx.conversion (partner_id, id);

create table fx.leg (
  reference       text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  line            bigint generated always as identity,
  conversion_id   text not null references fx.conversion (id),
  kind            text not null check (kind in ('sell', 'buy', 'return')),
  debtor_ref      text not null,
  creditor_number text not null,
  creditor_bank   text not null,
  creditor_name   text not null,
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  text            text not null,
  outcome         text check (outcome in ('booked', 'rejected')),
  reason_code     text,
  created_at      timestamptz not null,
  check ((outcome is not distinct from 'rejected') = (reason_code is not null))
);
-- One leg of a kind is open or booked; only one that was rejected is followed by another.
create unique index leg_once on fx.leg (conversion_id, kind) where outcome is distinct from 'rejected';
