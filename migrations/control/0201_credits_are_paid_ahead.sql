-- What a partner paid ahead, or was given: it pays lines of invoices before tax, and what is left when it ends is the bank's.
create table billing.prepaid (
  id           text        primary key check (id ~ '^prepaid_[0-9a-f]{32}$'),
  partner_id   text        not null,
  title        text        not null,
  currency     char(3)     not null,
  exponent     int         not null check (exponent between 0 and 6),
  amount_minor numeric     not null check (amount_minor > 0),
  -- `paid`: money came in for it. `given`: the bank's present, which is nobody's money.
  source       text        not null check (source in ('paid', 'given')),
  reference    text,
  -- Lower ones are used first.
  priority     int         not null,
  granted_at   timestamptz not null,
  expires_at   timestamptz check (expires_at > granted_at),
  -- What had not been used when it ended.
  broken_minor numeric     not null default 0 check (broken_minor between 0 and amount_minor),
  change_id    text        not null,
  check ((source = 'paid') = (reference is not null))
);
create index prepaid_of_partner on billing.prepaid (partner_id, id);
create index booked_credit on billing.booked (partner_id, item) where item like 'prepaid\_%';

do $$
declare
  found text;
begin
  for found in
    select conname from pg_constraint
     where conrelid = 'billing.entry'::regclass and contype = 'c' and pg_get_constraintdef(oid) like '%receivable%'
  loop
    execute format('alter table billing.entry drop constraint %I', found);
  end loop;
end $$;
alter table billing.entry
  add constraint entry_account_known check (
    account ~ '^(receivable|payable|prepaid|breakage|revenue|tax|bank|credit|service_credit|partner_share|shared_revenue)(:[a-z0-9_-]+)?$');
