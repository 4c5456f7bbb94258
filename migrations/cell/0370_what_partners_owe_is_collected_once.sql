-- What the bank collects from an account of a partner for its invoices: a row before the core is asked, one reference for
-- each, so that an answer that was lost is asked for and nothing is taken twice.
create table payments.collection (
  -- As the control plane names it.
  id              text primary key check (id ~ '^collection_[0-9a-f]{32}$'),
  reference       text not null unique,
  partner_id      text not null,
  debtor_number   text not null check (debtor_number ~ '^\d{20}$'),
  -- Missing where there is no such account: then nothing is sent.
  debtor_ref      text,
  creditor_number text not null check (creditor_number ~ '^\d{20}$'),
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  text            text not null,
  status          text not null check (status in ('written', 'accepted', 'booked', 'rejected')),
  reason_code     text,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  check ((status = 'rejected') = (reason_code is not null)),
  check (debtor_ref is not null or status = 'rejected')
);
create index collection_booked on payments.collection (updated_at) where status = 'booked';
