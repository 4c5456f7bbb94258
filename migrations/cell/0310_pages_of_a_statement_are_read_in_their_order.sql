-- A page of a statement is read from an index in its order, whichever direction and days are asked for: what came in
-- and what went out have an index each, and no other is made for every line of a bank.
do $$
declare
  books text;
  old regclass;
begin
  for books in
    select nspname from pg_namespace
     where nspname ~ '^(world|snapshot)_[0-9a-f]{32}$' or nspname in ('synthetic', 'world_template')
  loop
    -- Copied books name their indexes differently.
    for old in
      select i.indexrelid
        from pg_index i
       where i.indrelid = to_regclass(format('%I.entry', books))
         and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    loop
      execute format('drop index %s', old);
    end loop;
    execute format(
      'create index entry_in on %I.entry (account_ref, booked_on, id) include (amount_minor) where amount_minor > 0', books);
    execute format(
      'create index entry_out on %I.entry (account_ref, booked_on, id) include (amount_minor) where amount_minor < 0', books);
  end loop;
end $$;
