-- Partners name an account that their invoices may be collected from; two people of the bank agree; what is due is then
-- taken through the core, each time under an id of its own, so that nothing is taken twice.
create table billing.mandate (
  id             text        primary key check (id ~ '^mandate_[0-9a-f]{32}$'),
  partner_id     text        not null,
  currency       char(3)     not null,
  account_number text        not null check (account_number ~ '^\d{20}$'),
  -- STIR or PINFL of whose account it is, and the name that the core has for it.
  holder_id      text        not null check (holder_id ~ '^(\d{9}|\d{14})$'),
  holder         text        not null,
  status         text        not null check (status in ('asked', 'active', 'ended')),
  given_at       timestamptz not null,
  given_by       text        not null,
  ended_at       timestamptz,
  check ((status = 'ended') = (ended_at is not null))
);
create unique index mandate_one_each on billing.mandate (partner_id, currency, status) where status <> 'ended';

-- Where the bank wants its money, by currency.
create table billing.income_account (
  currency       char(3)     primary key,
  account_number text        not null check (account_number ~ '^\d{20}$'),
  set_at         timestamptz not null,
  change_id      text        not null
);

create table billing.collection (
  id             text        primary key check (id ~ '^collection_[0-9a-f]{32}$'),
  invoice_id     text        not null references billing.invoice,
  mandate_id     text        not null references billing.mandate,
  partner_id     text        not null,
  income_account text        not null,
  amount_minor   numeric     not null check (amount_minor > 0),
  currency       char(3)     not null,
  -- `asked`: the bank has not said what became of it; it is asked again with the same id.
  status         text        not null check (status in ('asked', 'accepted', 'booked', 'rejected')),
  reason_code    text,
  reference      text,
  asked_at       timestamptz not null,
  told_at        timestamptz not null,
  check ((status = 'rejected') = (reason_code is not null))
);
-- One at a time for an invoice.
create unique index collection_one_open on billing.collection (invoice_id) where status in ('asked', 'accepted');
create index collection_of_partner on billing.collection (partner_id, id desc);
