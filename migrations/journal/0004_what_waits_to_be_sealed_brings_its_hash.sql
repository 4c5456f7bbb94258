-- Sealing reads what waits and nothing else: however many lines there are, the next one costs the same.
alter table journal.unsealed add column leaf bytea;

create or replace function journal.await_seal() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into journal.unsealed (entry_id, leaf)
  select id, sha256('\x00'::bytea || convert_to(body, 'UTF8')) from fresh;
  return null;
end $$;

-- A line that has waited since before this migration is hashed where it lies.
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
  -- What others have sealed and committed needs no lock; what they have only taken is still seen here, and waited for.
  if not exists (select from journal.unsealed) then
    return coalesce((select max(seq) from journal.chain), 0);
  end if;
  perform pg_advisory_xact_lock(hashtext('journal.seal'));
  select seq, hash into last_seq, last_hash from journal.chain order by seq desc limit 1;
  last_seq := coalesce(last_seq, 0);
  if not exists (select from journal.unsealed) then
    return last_seq;
  end if;
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  for line in
    with taken as (delete from journal.unsealed returning entry_id, leaf)
    select t.entry_id as id,
           coalesce(t.leaf, (select sha256('\x00'::bytea || convert_to(e.body, 'UTF8'))
                               from journal.entry e
                              where e.id = t.entry_id)) as leaf
      from taken t
     order by t.entry_id
  loop
    n          := n + 1;
    ids[n]     := line.id;
    befores[n] := last_hash;
    last_hash  := sha256('\x01'::bytea || last_hash || line.leaf);
    hashes[n]  := last_hash;
  end loop;
  insert into journal.chain (seq, entry_id, previous, hash)
  select last_seq + placed.n, placed.id, placed.before, placed.hash
    from unnest(ids, befores, hashes) with ordinality as placed (id, before, hash, n)
   order by placed.n;
  last_seq := last_seq + n;
  perform pg_notify('journal', last_seq::text);
  return last_seq;
end $$;
