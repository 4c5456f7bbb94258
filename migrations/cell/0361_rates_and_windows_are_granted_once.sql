-- Gateways ask here before they admit. Buckets may be lost with a crash, and then start empty; windows, which are money, may not.

-- Unlogged, and emptied together with the buckets by a crash or a promotion: when this row is gone, all that was granted
-- is forgotten, and every bucket counts as empty from the moment of the new row on (G27). The first one is of no such loss.
create unlogged table limits.epoch (
  single     boolean primary key default true check (single),
  started_us bigint not null
);
insert into limits.epoch (started_us) values (0);

create unlogged table limits.bucket (
  key     text primary key,
  -- Micro-permits; below zero while a debt is paid off.
  level   bigint not null,
  -- Microseconds of this server's clock.
  at_us   bigint not null,
  -- When it is full again and need not be kept.
  full_us bigint not null
) with (fillfactor = 50);
create index bucket_full on limits.bucket (full_us);

create table limits.window (
  key     text not null,
  starts  date not null,
  granted bigint not null check (granted >= 0),
  primary key (key, starts)
) with (fillfactor = 50);
create index window_age on limits.window (starts);

-- One start of a gateway. Who was silent for long is fenced: it leases nothing and returns nothing more.
create table limits.gateway (
  boot       text primary key,
  name       text not null,
  started_at timestamptz not null default clock_timestamp(),
  heard_at   timestamptz not null default clock_timestamp(),
  fenced_at  timestamptz
);

create table limits.lease (
  boot     text   not null references limits.gateway on delete cascade,
  key      text   not null,
  starts   date   not null,
  granted  bigint not null,
  returned bigint not null default 0 check (returned <= granted),
  -- How many returns were credited: each has the next number, so that none is credited twice.
  returns  int    not null default 0,
  primary key (boot, key, starts)
) with (fillfactor = 50);
create index lease_age on limits.lease (starts);

create function limits.now_us() returns bigint language sql volatile as
  $$ select (extract(epoch from clock_timestamp()) * 1000000)::bigint $$;

create function limits.epoch_us() returns bigint language plpgsql as $$
declare
  found_us bigint;
begin
  select started_us into found_us from limits.epoch;
  if found_us is null then
    insert into limits.epoch (started_us) values (limits.now_us()) on conflict do nothing;
    select started_us into found_us from limits.epoch;
  end if;
  return found_us;
end $$;

-- For each ask as many permits as it wants and the bucket has, or none where that is less than it needs.
create function limits.lease_rates(
  keys text[], rates bigint[], capacities bigint[], leasts int[], wants int[], debts bigint[]
) returns table (granted int, level bigint) language plpgsql as $$
#variable_conflict use_column
declare
  epoch bigint := limits.epoch_us();
  moment bigint;
  held limits.bucket;
  most bigint;
  fills_in bigint;
begin
  for i in 1 .. coalesce(array_length(keys, 1), 0) loop
    select * into held from limits.bucket b where b.key = keys[i] for update;
    if held.key is null then
      insert into limits.bucket (key, level, at_us, full_us)
      values (keys[i], capacities[i], 0, 0) on conflict do nothing;
      select * into held from limits.bucket b where b.key = keys[i] for update;
    end if;
    moment := greatest(limits.now_us(), held.at_us);
    -- Whatever stands in the row: nothing was granted twice if the bucket holds no more than its epoch has brought.
    fills_in := capacities[i] * 1000000 / rates[i] + 1;
    most := case when moment - epoch >= fills_in then capacities[i]
                 else greatest(moment - epoch, 0) * rates[i] / 1000000 end;
    fills_in := greatest(capacities[i] - held.level, 0) * 1000000 / rates[i] + 1;
    level := case when moment - held.at_us >= fills_in then most
                  else least(most, held.level + (moment - held.at_us) * rates[i] / 1000000) end;
    -- A debt below zero gives permits back: never more than the bucket would hold without them.
    level := least(most, greatest(level - debts[i], -capacities[i]));
    granted := case when level >= leasts[i]::bigint * 1000000 then least(wants[i], level / 1000000) else 0 end;
    level := level - granted::bigint * 1000000;
    update limits.bucket b
       set level = lease_rates.level, at_us = moment,
           full_us = moment + (capacities[i] - lease_rates.level) * 1000000 / rates[i] + 1000000
     where b.key = keys[i];
    return next;
  end loop;
end $$;

create function limits.lease_windows(
  the_boot text, keys text[], periods text[], zones text[], maxima bigint[], leasts bigint[], wants bigint[],
  live int
) returns table (granted bigint, remaining bigint, starts date, ends_in_ms bigint, returns int) language plpgsql as $$
#variable_conflict use_column
declare
  moment timestamptz;
  used bigint;
begin
  perform 1 from limits.gateway g where g.boot = the_boot and g.fenced_at is null for share;
  if not found then
    raise exception 'boot % is not registered, or fenced', the_boot using errcode = 'PF001';
  end if;
  for i in 1 .. coalesce(array_length(keys, 1), 0) loop
    -- The window of now is the one that was locked: a call at midnight finds the new one.
    moment := clock_timestamp();
    starts := date_trunc(periods[i], moment at time zone zones[i])::date;
    insert into limits.window (key, starts, granted) values (keys[i], lease_windows.starts, 0) on conflict do nothing;
    select w.granted into used
      from limits.window w
     where w.key = keys[i] and w.starts = lease_windows.starts
       for update;
    remaining := greatest(maxima[i] - used, 0);
    granted := case when remaining < leasts[i] then 0
                    else least(wants[i], greatest(leasts[i], remaining / (2 * live))) end;
    if granted > 0 then
      update limits.window w set granted = used + lease_windows.granted
       where w.key = keys[i] and w.starts = lease_windows.starts;
      insert into limits.lease as l (boot, key, starts, granted)
      values (the_boot, keys[i], lease_windows.starts, lease_windows.granted)
      on conflict (boot, key, starts) do update set granted = l.granted + excluded.granted
      returning l.returns into returns;
    else
      returns := coalesce((select l.returns from limits.lease l
                            where l.boot = the_boot and l.key = keys[i] and l.starts = lease_windows.starts), 0);
    end if;
    remaining := remaining - granted;
    ends_in_ms := extract(epoch from
      ((starts + ('1 ' || periods[i])::interval)::timestamp at time zone zones[i]) - moment) * 1000;
    return next;
  end loop;
end $$;

create function limits.return_windows(the_boot text, keys text[], days date[], numbers int[], permits bigint[])
returns int language plpgsql as $$
declare
  credited int := 0;
begin
  perform 1 from limits.gateway g where g.boot = the_boot and g.fenced_at is null for share;
  if not found then
    return 0;
  end if;
  for i in 1 .. coalesce(array_length(keys, 1), 0) loop
    -- The window before the lease, in the order of lease_windows.
    perform 1 from limits.window w where w.key = keys[i] and w.starts = days[i] for update;
    update limits.lease l
       set returned = l.returned + permits[i], returns = l.returns + 1
     where l.boot = the_boot and l.key = keys[i] and l.starts = days[i]
       and l.returns = numbers[i] and l.returned + permits[i] <= l.granted;
    if found then
      update limits.window w set granted = w.granted - permits[i] where w.key = keys[i] and w.starts = days[i];
      credited := credited + 1;
    end if;
  end loop;
  return credited;
end $$;

-- A sign of life. Answers how many gateways live, and whether this boot may go on; fences those that were silent for long.
create function limits.hear(the_boot text, the_name text, out live int, out fenced boolean) language plpgsql as $$
begin
  insert into limits.gateway as g (boot, name) values (the_boot, the_name)
  on conflict (boot) do update set heard_at = clock_timestamp() where g.fenced_at is null;
  update limits.gateway g set fenced_at = clock_timestamp()
   where g.fenced_at is null and g.heard_at < clock_timestamp() - interval '20 minutes';
  select g.fenced_at is not null into fenced from limits.gateway g where g.boot = the_boot;
  select count(*) into live
    from limits.gateway g
   where g.fenced_at is null and g.heard_at > clock_timestamp() - interval '15 seconds';
end $$;
