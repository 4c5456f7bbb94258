-- The people of the sandbox had a year of income when the books began; as the days go on, what comes regularly comes on.
do $$
declare
  books text;
  who text;
begin
  for books in
    select nspname from pg_namespace
     where nspname ~ '^(world|snapshot)_[0-9a-f]{32}$' or nspname in ('synthetic', 'world_template')
  loop
    execute format(
      'create table %I.income (
         ref           text primary key check (ref ~ ''^I\d{10}$''),
         account_ref   text not null,
         -- An account of this bank; null where it comes from another one.
         payer_ref     text,
         payer_name    text not null,
         payer_account text not null check (payer_account ~ ''^\d{20}$''),
         text          text not null,
         amount_minor  bigint not null check (amount_minor > 0),
         frequency     text not null check (frequency in (''weekly'', ''monthly'')),
         -- The day on which it came last when the books began: it comes round from there.
         last_on       date not null
       )', books);
    for who in
      select distinct grantee from information_schema.role_table_grants
       where table_schema = books and table_name = 'transfer' and grantee <> current_user
    loop
      execute format('grant select, insert, update, delete on %I.income to %I', books, who);
    end loop;
  end loop;
end $$;
