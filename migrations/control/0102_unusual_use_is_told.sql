-- What looks like abuse, by whom, measured how; and the action that two people decide about.
create schema abuse;

create table abuse.finding (
  id             text primary key check (id ~ '^finding_[0-9a-f]{32}$'),
  partner_id     text not null,
  application_id text not null,
  cell           text not null check (cell in ('sandbox', 'production')),
  kind           text not null check (kind in ('volume', 'harvesting', 'scraping', 'quote-spam', 'guessing')),
  -- What was counted, and what would have been usual.
  measured       jsonb not null check (jsonb_typeof(measured) = 'object'),
  detail         text not null,
  found_at       timestamptz not null,
  status         text not null default 'open' check (status in ('open', 'acted', 'dismissed')),
  change_id      text not null,
  decided_at     timestamptz,
  check ((status = 'open') = (decided_at is null))
);
create index finding_newest on abuse.finding (id desc);
-- The same thing is not told again while people think about it.
create unique index finding_one_open on abuse.finding (application_id, kind) where status = 'open';
