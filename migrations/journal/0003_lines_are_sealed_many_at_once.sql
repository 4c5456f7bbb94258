-- Thousands of lines a second: what is written together waits and is sealed together, and nothing is checked twice.

-- A line has its place in an entry bundle, whose lengths have two bytes (C2SP tlog-tiles).
alter table journal.entry add constraint entry_fits_a_bundle check (octet_length(body) <= 65535) not valid;

-- seal() reads the lines that it places, so they are there; a hash that came twice would be seen by whoever verifies.
alter table journal.chain drop constraint chain_entry_id_fkey;
alter table journal.chain drop constraint chain_hash_key;

drop trigger entry_awaits_seal on journal.entry;
create or replace function journal.await_seal() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into journal.unsealed (entry_id) select id from fresh;
  return null;
end $$;
create trigger entry_awaits_seal after insert on journal.entry
  referencing new table as fresh
  for each statement execute function journal.await_seal();

-- What others have sealed and committed meanwhile needs no lock; what they have only taken is still seen here, and waited for.
create or replace function journal.seal() returns bigint
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  last_seq  bigint;
  last_hash bytea;
  line      record;
  ids       bigint[] := '{}';
  befores   bytea[]  := '{}';
  hashes    bytea[]  := '{}';
  n         int      := 0;
begin
  if not exists (select from journal.unsealed) then
    return coalesce((select max(seq) from journal.chain), 0);
  end if;
  perform pg_advisory_xact_lock(hashtext('journal.seal'));
  select seq, hash into last_seq, last_hash from journal.chain order by seq desc limit 1;
  last_seq  := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  for line in
    with taken as (delete from journal.unsealed returning entry_id)
    select e.id, sha256('\x00'::bytea || convert_to(e.body, 'UTF8')) as leaf
      from journal.entry e
      join taken t on t.entry_id = e.id
     order by e.id
  loop
    n          := n + 1;
    ids[n]     := line.id;
    befores[n] := last_hash;
    last_hash  := sha256('\x01'::bytea || last_hash || line.leaf);
    hashes[n]  := last_hash;
  end loop;
  if n > 0 then
    insert into journal.chain (seq, entry_id, previous, hash)
    select last_seq + placed.n, placed.id, placed.before, placed.hash
      from unnest(ids, befores, hashes) with ordinality as placed (id, before, hash, n)
     order by placed.n;
    last_seq := last_seq + n;
    perform pg_notify('journal', last_seq::text);
  end if;
  return last_seq;
end $$;

-- People look for what was done to something, for a kind of event, and for a time.
create index entry_by_subject on journal.entry ((body::jsonb ->> 'subject'), id);
create index entry_by_event on journal.entry ((body::jsonb ->> 'event'), id);
create index entry_by_time on journal.entry ((body::jsonb ->> 'at') collate "C");
