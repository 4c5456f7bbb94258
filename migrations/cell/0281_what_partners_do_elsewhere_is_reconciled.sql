-- Programmes share accounts, and partners are in worlds of their own: the books that all share lack what is done there
-- and have what was done before, which the rooms do not show meanwhile. A reconciliation has to know how much that is.
create function worlds.elsewhere(account_ref text, account_number text) returns bigint
language sql stable security definer set search_path = pg_catalog as $$
  with away as (
         select partner_id from worlds.world where in_use),
       moved as (
         select t.debtor_ref, t.creditor_number, t.amount_minor
           from payments.transfer t join away on away.partner_id = t.partner_id
          where t.status = 'booked'
         union all
         select t.debtor_ref, t.creditor_number, -t.amount_minor
           from worlds.kept k
           join away on away.partner_id = k.holder
           join worlds.belonging b on b.place = k.place and b.name = 'payments.transfer'
          cross join lateral jsonb_populate_record(null::payments.transfer, k.row) t
          where t.status = 'booked')
  select coalesce(sum(case when debtor_ref = $1 then -amount_minor else amount_minor end), 0)::bigint
    from moved
   where debtor_ref = $1 or creditor_number = $2
$$;
revoke all on function worlds.elsewhere(text, text) from public;
