-- What partners earn: agreements of two people, statements that the bank writes for them, and what was paid out.
create table revenue_share.agreement (
  id             text        primary key check (id ~ '^share_[0-9a-f]{32}$'),
  -- Whose customers bring the revenue.
  partner_id     text        not null,
  title          text        not null,
  basis          text        not null check (basis ~ '^[a-z-]+$'),
  -- Of the value: what of it is the bank's revenue; and of that, what is shared. Per cent, exact.
  income_percent numeric     not null check (income_percent between 0 and 100),
  share_percent  numeric     not null check (share_percent between 0 and 100),
  -- For each event, in money.
  per_event      numeric     not null check (per_event >= 0),
  currency       char(3)     not null,
  tax_percent    numeric     check (tax_percent >= 0),
  -- Who gets it, by weights.
  parties        jsonb       not null check (jsonb_typeof(parties) = 'array'),
  clawback_days  int         not null check (clawback_days between 0 and 3650),
  starts_on      date        not null,
  -- The first day on which it no longer rules.
  ends_on        date        check (ends_on > starts_on),
  agreed_at      timestamptz not null,
  change_id      text        not null
);
create index agreement_of_partner on revenue_share.agreement (partner_id, id);

create table revenue_share.statement (
  id           text        primary key check (id ~ '^statement_[0-9a-f]{32}$'),
  partner_id   text        not null,
  currency     char(3)     not null,
  exponent     int         not null check (exponent between 0 and 6),
  period_start date        not null,
  period_end   date        not null check (period_end > period_start),
  status       text        not null check (status in ('draft', 'issued')),
  number       text        unique,
  content      jsonb       not null check (jsonb_typeof(content) = 'object'),
  sha256       text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  net_minor    numeric     not null,
  tax_minor    numeric     not null,
  drafted_at   timestamptz not null,
  issued_at    timestamptz,
  check ((status = 'draft') = (number is null)),
  check ((status = 'draft') = (issued_at is null))
);
create unique index statement_one_draft on revenue_share.statement (partner_id, currency, period_start)
  where status = 'draft';
create index statement_of_partner on revenue_share.statement (partner_id, id desc);

-- What each party was given of each agreement and month, so that a later statement gives the difference only.
create table revenue_share.booked (
  statement_id text    not null references revenue_share.statement,
  n            int     not null,
  partner_id   text    not null,
  agreement_id text    not null references revenue_share.agreement,
  period_start date    not null,
  minor        numeric not null,
  primary key (statement_id, n)
);
create index booked_of_share on revenue_share.booked (partner_id, period_start);

-- Earnings that left the books: paid out, or set against what the partner owes.
create table revenue_share.payout (
  id         text        primary key check (id ~ '^payout_[0-9a-f]{32}$'),
  partner_id text        not null,
  kind       text        not null check (kind in ('transfer', 'netting')),
  currency   char(3)     not null,
  minor      numeric     not null check (minor > 0),
  reference  text        not null unique,
  paid_at    timestamptz not null,
  change_id  text        not null
);
create index payout_of_partner on revenue_share.payout (partner_id, id desc);

create function revenue_share.keep_issued() returns trigger language plpgsql as $$
begin
  if old.status = 'draft' then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  raise exception 'what was issued stays: a later statement puts it right';
end $$;
create trigger issued_statement_stays before update or delete on revenue_share.statement
  for each row execute function revenue_share.keep_issued();
create function revenue_share.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what was booked stays';
end $$;
create trigger booked_share_stays before update or delete or truncate on revenue_share.booked
  for each statement execute function revenue_share.refuse();
create trigger payout_stays before update or delete or truncate on revenue_share.payout
  for each statement execute function revenue_share.refuse();
