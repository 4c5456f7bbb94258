-- What partners owe: drafts that may be made again, invoices that never change, and the books behind them.
create schema billing;

-- Prices over many calls, fees and tax. A version of before this had none.
alter table catalogue.price_version disable trigger price_version_stays;
alter table catalogue.price_version
  add column terms jsonb not null default '{"rounding":"half_up","charges":[],"fees":[]}'
  check (jsonb_typeof(terms) = 'object');
alter table catalogue.price_version enable trigger price_version_stays;

-- Numbers without gaps: the next one is taken in the transaction that issues.
create table billing.series (
  id   text   primary key,
  next bigint not null check (next > 0)
);
insert into billing.series (id, next) values ('INV', 1), ('CRN', 1);

create table billing.invoice (
  id           text        primary key check (id ~ '^invoice_[0-9a-f]{32}$'),
  partner_id   text        not null,
  kind         text        not null check (kind in ('invoice', 'credit_note')),
  currency     char(3)     not null,
  exponent     int         not null check (exponent between 0 and 6),
  -- Half-open, in the bank's zone.
  period_start date        not null,
  period_end   date        not null check (period_end > period_start),
  status       text        not null check (status in ('draft', 'final', 'partly_paid', 'paid', 'void')),
  number       text        unique,
  -- Of a credit note: what it credits.
  credits      text        references billing.invoice,
  -- All that it was computed from and came to: whoever has it can do the sum again.
  content      jsonb       not null check (jsonb_typeof(content) = 'object'),
  -- Hex SHA-256 of the canonical content.
  sha256       text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  net_minor    numeric     not null,
  tax_minor    numeric     not null,
  paid_minor   numeric     not null default 0,
  drafted_at   timestamptz not null,
  issued_at    timestamptz,
  due_on       date,
  check ((status in ('draft', 'void')) = (number is null)),
  check ((kind = 'credit_note') = (credits is not null))
);
-- A month is drafted once for a partner and currency.
create unique index invoice_one_draft on billing.invoice (partner_id, currency, period_start)
  where kind = 'invoice' and status = 'draft';
create index invoice_of_partner on billing.invoice (partner_id, period_start desc, id desc);

-- What has been billed of each charge of each period, so that a later run bills the difference only.
create table billing.booked (
  invoice_id   text    not null references billing.invoice,
  n            int     not null,
  partner_id   text    not null,
  period_start date    not null,
  contract_id  text    not null,
  -- Charge and kind of line, such as `getBalances@2026-11#36/usage`.
  item         text    not null,
  minor        numeric not null,
  primary key (invoice_id, n)
);
create index booked_of_period on billing.booked (partner_id, period_start);

create function billing.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what was issued stays: write a credit note';
end $$;
create function billing.keep_issued() returns trigger language plpgsql as $$
begin
  if old.status = 'draft' then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  if tg_op = 'DELETE'
     or (old.number, old.content, old.sha256, old.net_minor, old.tax_minor, old.partner_id, old.period_start)
        is distinct from
        (new.number, new.content, new.sha256, new.net_minor, new.tax_minor, new.partner_id, new.period_start)
  then
    raise exception 'what was issued stays: write a credit note';
  end if;
  return new;
end $$;
create trigger issued_invoice_stays before update or delete on billing.invoice
  for each row execute function billing.keep_issued();
create trigger booked_stays before update or delete or truncate on billing.booked
  for each statement execute function billing.refuse();

-- Double entry. A posting key is used once: an act that is done again books nothing.
create table billing.posting (
  id     bigint      primary key generated always as identity,
  key    text        not null unique,
  text   text        not null,
  at     timestamptz not null
);
create table billing.entry (
  posting_id bigint  not null references billing.posting,
  account    text    not null check (account ~ '^(receivable|revenue|tax|bank|credit)(:[a-z0-9_-]+)?$'),
  currency   char(3) not null,
  -- Above zero is a debit.
  minor      numeric not null check (minor <> 0),
  primary key (posting_id, account, currency)
);
create index entry_of_account on billing.entry (account, posting_id);
create trigger entry_stays before update or delete or truncate on billing.entry
  for each statement execute function billing.refuse();
create trigger posting_stays before update or delete or truncate on billing.posting
  for each statement execute function billing.refuse();

create function billing.weigh_posting() returns trigger language plpgsql as $$
begin
  perform 1 from billing.entry where posting_id = new.posting_id group by currency having sum(minor) <> 0;
  if found then
    raise exception 'posting % does not sum to zero', new.posting_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger posting_sums_to_zero after insert on billing.entry
  deferrable initially deferred
  for each row execute function billing.weigh_posting();
