-- What a partner means to spend in a month: it is told at shares of it, once each.
create table budgets.budget (
  id             text        primary key check (id ~ '^budget_[0-9a-f]{32}$'),
  partner_id     text        not null,
  -- null: of all its applications together.
  application_id text,
  currency       char(3)     not null,
  limit_minor    numeric     not null check (limit_minor > 0),
  -- Whole per cent of it, ascending.
  thresholds     int[]       not null check (cardinality(thresholds) between 1 and 10),
  set_at         timestamptz not null,
  set_by         text        not null,
  removed_at     timestamptz
);
create unique index budget_one_each on budgets.budget (partner_id, coalesce(application_id, ''), currency)
  where removed_at is null;

-- Told once for a month and threshold, whoever looks and how often.
create table budgets.alert (
  budget_id   text        not null references budgets.budget,
  month       date        not null,
  threshold   int         not null,
  spent_minor numeric     not null,
  at          timestamptz not null,
  primary key (budget_id, month, threshold)
);
