-- Prices and shares in the value of a payment need that value: each line of a cell's journal counts once, by its place.
create table usage.business_event (
  cell           text        not null check (cell in ('sandbox', 'production')),
  seq            bigint      not null check (seq > 0),
  kind           text        not null check (kind ~ '^[a-z-]+$'),
  partner_id     text        not null,
  application_id text,
  subject        text        not null,
  -- Below zero where it takes back what was counted before.
  amount_minor   numeric     not null,
  currency       char(3)     not null,
  occurred_at    timestamptz not null,
  recorded_at    timestamptz not null,
  primary key (cell, seq)
);
create index business_event_of_partner on usage.business_event (partner_id, cell, occurred_at, seq);

-- How far the journal of each cell has been read: moves together with what was read.
create table usage.business_cursor (
  cell     text        primary key check (cell in ('sandbox', 'production')),
  seq      bigint      not null check (seq >= 0),
  heard_at timestamptz not null
);
