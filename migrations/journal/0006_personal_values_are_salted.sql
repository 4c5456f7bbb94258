-- What a person could be known by stands in no line: only a reference, and without the salt of its subject it leads nowhere.
create table journal.salt (
  subject text  primary key,
  salt    bytea not null check (length(salt) = 32)
);

-- The one thing of the journal's schema that goes away; the lines, and the chain over them, stay as they are.
create function journal.forget(whom text) returns boolean
  language sql security definer set search_path = pg_catalog as $$
  with gone as (delete from journal.salt where subject = whom returning 1)
  select exists (select from gone)
$$;
revoke all on function journal.forget(text) from public;
