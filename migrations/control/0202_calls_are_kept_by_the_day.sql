-- Calls are kept by the day on which they were made: a day is written to for a while, read as a whole, and one time
-- forgotten as a whole. What is there before this stays in a part of its own.
alter table usage.event rename to event_before;
alter table usage.event_before rename constraint event_pkey to event_before_pkey;
alter index usage.event_latest rename to event_before_latest;

create table usage.event (like usage.event_before including defaults including constraints) partition by range (day);
alter table usage.event add primary key (partner_id, day, call_id);
create index event_latest on usage.event (partner_id, cell, call_id desc);

do $$
begin
  if exists (select from usage.event_before) then
    execute format(
      'alter table usage.event attach partition usage.event_before for values from (minvalue) to (%L)',
      (select max(day) + 1 from usage.event_before));
  else
    drop table usage.event_before;
  end if;
end $$;

-- Where a call of a day goes that has no part of its own: none is ever refused for it.
create table usage.event_else partition of usage.event default;

-- Makes parts for days that have none; answers how many. A day of which calls are kept elsewhere already stays there.
create function usage.open_days(first date, last date) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  one date;
  made int := 0;
begin
  for one in select generate_series(first, last, interval '1 day')::date loop
    continue when to_regclass('usage.event_' || to_char(one, 'YYYYMMDD')) is not null
               or exists (select from usage.event where day = one);
    begin
      execute format('create table usage.%I partition of usage.event for values from (%L) to (%L)',
                     'event_' || to_char(one, 'YYYYMMDD'), one, one + 1);
      made := made + 1;
    exception when invalid_object_definition then
      -- It lies in the part of what was there before.
      null;
    end;
  end loop;
  return made;
end $$;
