-- Functions that act as the owner are worth stealing. What they touch is said by migrations alone, and where customers
-- are real they do not exist.
create function worlds.refuse() returns trigger language plpgsql set search_path = pg_catalog as $$
begin
  if current_user = (select pg_get_userbyid(relowner) from pg_class where oid = tg_relid) then
    return null;
  end if;
  raise exception 'what goes with a world is said by migrations alone';
end $$;
create trigger belonging_is_said_by_migrations before insert or update or delete or truncate on worlds.belonging
  for each statement execute function worlds.refuse();

do $$
begin
  if current_database() like 'production%' then
    drop function worlds.put_away(text, text);
    drop function worlds.copy_rows(text, text);
    drop function worlds.bring_back(text);
    drop function worlds.copy_books(text, text);
    drop function worlds.drop_books(text);
    drop function worlds.keep_template();
    drop function worlds.elsewhere(text, text);
    create or replace function cards.refuse() returns trigger language plpgsql as $body$
    begin
      raise exception 'what happened to a card stays written';
    end $body$;
  end if;
end $$;
