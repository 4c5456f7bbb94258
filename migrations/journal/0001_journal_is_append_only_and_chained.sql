-- What happened is written once: roles may insert lines and read them; only journal.seal() places them in the chain.
create schema journal;

create table journal.entry (
  id   bigint generated always as identity primary key,
  body text not null check (jsonb_typeof(body::jsonb) = 'object')
);

create table journal.chain (
  seq      bigint primary key check (seq > 0),
  entry_id bigint not null unique references journal.entry (id),
  previous bytea  not null check (length(previous) = 32),
  hash     bytea  not null unique check (length(hash) = 32)
);

-- Lines that are committed and not yet in the chain. Nobody but the two functions below touches it.
create table journal.unsealed (entry_id bigint primary key references journal.entry (id));

create function journal.await_seal() returns trigger
  language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into journal.unsealed (entry_id) values (new.id);
  return null;
end $$;
create trigger entry_awaits_seal after insert on journal.entry
  for each row execute function journal.await_seal();

-- Committed lines get their places under one lock, so the chain never forks and no place is left empty.
create function journal.seal() returns bigint
  language plpgsql security definer set search_path = pg_catalog as $$
declare
  last_seq  bigint;
  last_hash bytea;
  before    bigint;
  line      record;
begin
  perform pg_advisory_xact_lock(hashtext('journal.seal'));
  select seq, hash into last_seq, last_hash from journal.chain order by seq desc limit 1;
  last_seq  := coalesce(last_seq, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  before    := last_seq;
  for line in
    with taken as (delete from journal.unsealed returning entry_id)
    select e.id, e.body from journal.entry e join taken t on t.entry_id = e.id order by e.id
  loop
    last_seq := last_seq + 1;
    insert into journal.chain (seq, entry_id, previous, hash)
    values (last_seq, line.id, last_hash,
            sha256('\x01'::bytea || last_hash || sha256('\x00'::bytea || convert_to(line.body, 'UTF8'))))
    returning hash into last_hash;
  end loop;
  if last_seq > before then
    perform pg_notify('journal', last_seq::text);
  end if;
  return last_seq;
end $$;

create function journal.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the journal is append-only';
end $$;
create trigger entry_stays before update or delete or truncate on journal.entry
  for each statement execute function journal.refuse();
create trigger chain_stays before update or delete or truncate on journal.chain
  for each statement execute function journal.refuse();

revoke all on function journal.seal(), journal.await_seal() from public;
