-- An invoice that was issued is put right by notes in both directions, disputed by the line, and told to the bank's books.
insert into billing.series (id, next) values ('DBN', 1), ('SBS', 1);

do $$
declare found text;
begin
  for found in
    select conname from pg_constraint
     where conrelid = 'billing.invoice'::regclass and contype = 'c'
       and (pg_get_constraintdef(oid) like '%credit_note%')
  loop
    execute format('alter table billing.invoice drop constraint %I', found);
  end loop;
  for found in
    select conname from pg_constraint
     where conrelid = 'billing.entry'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%receivable%'
  loop
    execute format('alter table billing.entry drop constraint %I', found);
  end loop;
end $$;
alter table billing.invoice
  add constraint invoice_kind_known check (kind in ('invoice', 'credit_note', 'debit_note')),
  add constraint invoice_note_has_its_invoice check ((kind <> 'invoice') = (credits is not null));
alter table billing.entry
  add constraint entry_account_known check (
    account ~ '^(receivable|payable|revenue|tax|bank|credit|service_credit|partner_share|shared_revenue)(:[a-z0-9_-]+)?$');

-- A partner that doubts a line: that amount, and no other, waits until somebody answered.
create table billing.dispute (
  id          text        primary key check (id ~ '^dispute_[0-9a-f]{32}$'),
  invoice_id  text        not null references billing.invoice,
  partner_id  text        not null,
  section     int         not null check (section >= 0),
  n           int         not null check (n >= 0),
  -- With its tax, in the currency of the invoice.
  frozen_minor numeric    not null check (frozen_minor > 0),
  net_minor   numeric     not null check (net_minor > 0),
  reason      text        not null,
  status      text        not null check (status in ('open', 'accepted', 'rejected', 'withdrawn')),
  opened_by   text        not null,
  opened_at   timestamptz not null,
  decided_by  text,
  decided_at  timestamptz,
  answer      text,
  check ((status = 'open') = (decided_at is null))
);
create unique index dispute_one_open on billing.dispute (invoice_id, section, n) where status = 'open';
create index dispute_of_partner on billing.dispute (partner_id, id desc);

-- Which account of the bank's general ledger stands for which of ours.
create table billing.gl_account (
  account    text primary key check (account ~ '^[a-z_]+$'),
  code       text not null check (code ~ '^[0-9A-Za-z.-]{1,34}$'),
  changed_at timestamptz not null
);
