-- Statements ask what stood on an account on a day, and partners ask what is arranged on it.
create index entry_of_account_by_day on synthetic.entry (account_ref, booked_on) include (amount_minor);

create table synthetic.arrangement (
  ref           text primary key check (ref ~ '^A\d{10}$'),
  account_ref   text not null references synthetic.account (ref),
  kind          text not null check (kind in ('standing-order', 'direct-debit', 'scheduled-payment', 'beneficiary')),
  payee_name    text not null,
  payee_account text not null check (payee_account ~ '^\d{20}$'),
  payee_bank    text not null check (payee_bank ~ '^\d{5}$'),
  text          text not null,
  amount_minor  bigint check (amount_minor > 0),
  frequency     text check (frequency in ('daily', 'weekly', 'monthly', 'quarterly', 'yearly')),
  -- Of a standing order the first day, of a direct debit the day of the mandate, of a scheduled payment its day.
  first_on      date,
  final_on      date check (final_on >= first_on),
  last_on       date,
  last_minor    bigint check (last_minor > 0),
  check ((amount_minor is not null) = (kind in ('standing-order', 'scheduled-payment'))),
  check ((frequency is not null) = (kind in ('standing-order', 'direct-debit'))),
  check ((first_on is not null) = (kind <> 'beneficiary')),
  check (final_on is null or kind in ('standing-order', 'direct-debit')),
  check ((last_on is null) = (last_minor is null)),
  check (last_on is null or kind = 'direct-debit')
);
create index arrangement_of_account on synthetic.arrangement (account_ref, kind, ref);

-- A posting is weighed with the statement that writes all of its entries, not entry by entry at commit: a year of
-- history is one statement.
drop trigger posting_sums_to_zero on synthetic.entry;
drop function synthetic.weigh_posting();
create function synthetic.weigh_postings() returns trigger language plpgsql as $$
declare
  lopsided bigint;
begin
  select e.posting_id into lopsided
    from new_entry e
    join synthetic.account a on a.ref = e.account_ref
   group by e.posting_id, a.currency
  having sum(e.amount_minor) <> 0
   limit 1;
  if found then
    raise exception 'posting % does not sum to zero', lopsided using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger postings_sum_to_zero after insert on synthetic.entry
  referencing new table as new_entry
  for each statement execute function synthetic.weigh_postings();
