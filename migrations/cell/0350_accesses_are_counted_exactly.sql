-- Unattended reads of an account are counted exactly, by every gateway and over every restart (RTS Art. 36(5)(b)).
create schema accesses;

create table accesses.access (
  id          bigint generated always as identity primary key,
  consent_id  text not null,
  -- As the partner knows it; empty where the read is of no one account, such as their list.
  account     text not null,
  -- What was read, of which product: accounts.list, accounts.balances …
  family      text not null,
  at          timestamptz not null
);
create index access_of_key on accesses.access (consent_id, account, family, at);
create index access_age on accesses.access (at);

-- When a consent was last used, and whether the customer was there.
create table accesses.last (
  consent_id  text primary key,
  at          timestamptz not null,
  present     boolean not null
);

-- One access, where one is left in the last 24 hours. Takers of a key stand in line; the time is this database's.
create function accesses.take(
  the_consent text, the_account text, the_family text, allowed int, further_page boolean,
  out taken bigint, out granted boolean, out remaining int, out next_at timestamptz
) language plpgsql as $$
declare
  moment timestamptz;
  used int;
  first_at timestamptz;
  last_at timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(the_consent || ' ' || the_account || ' ' || the_family, 0));
  moment := clock_timestamp();
  select count(*), min(a.at), max(a.at) into used, first_at, last_at
    from accesses.access a
   where a.consent_id = the_consent and a.account = the_account and a.family = the_family
     and a.at > moment - interval '24 hours';
  -- Further pages of a list that was begun are the same access.
  if further_page and last_at > moment - interval '15 minutes' then
    granted := true;
  elsif used < allowed then
    insert into accesses.access (consent_id, account, family, at)
    values (the_consent, the_account, the_family, moment)
    returning id into taken;
    granted := true;
    used := used + 1;
    first_at := coalesce(first_at, moment);
  else
    granted := false;
  end if;
  remaining := greatest(allowed - used, 0);
  next_at := first_at + interval '24 hours';
end $$;
