-- A world may be in a time of its own: ahead of real time, further with every turn, and back only with its books.
alter table worlds.world
  add column ahead_ms bigint not null default 0 check (ahead_ms >= 0),
  -- In the world's time: where a turn that was asked for ends, as long as it is under way.
  add column turning_to timestamptz,
  -- In the world's time: when something falls due in the books by itself; null where nobody looked yet.
  add column books_due_at timestamptz;
alter table worlds.snapshot add column ahead_ms bigint not null default 0 check (ahead_ms >= 0);

-- What of the rooms' rows moves by itself, and from when on: a clock that is turned stops at each of these moments, and
-- at every midnight while something of them has passed and is not over.
create table worlds.falling_due (
  place  int primary key,
  name   text not null,
  moment text not null,
  clause text not null
);
insert into worlds.falling_due (place, name, moment, clause) values
  (10, 'payments.payment', 'execute_at', 'status = ''ACCP'''),
  (11, 'payments.standing', 'next_at', 'status = ''ACTIVE'''),
  (12, 'payments.bulk', 'execute_at', 'status in (''ACCP'', ''ACSP'')'),
  (15, 'payments.bulk', 'created_at + interval ''24 hours''', 'status = ''AWUP'''),
  (13, 'payments.transfer', 'next_at', 'status in (''written'', ''accepted'')'),
  (14, 'payments.sub_merchant', 'next_at', 'status = ''PENDING'''),
  (16, 'payments.recall', 'answer_by', 'status = ''PENDING'''),
  (20, 'cards."authorization"', 'expires_at', 'status = ''pending'' and approved'),
  (21, 'cards.dispute', 'evidence_due_at', 'status = ''opened'''),
  (22, 'cards.core_order', 'written_at', 'carried_at is null'),
  (23, 'cards.card', 'make_date(expiry_year, expiry_month, 1)::timestamp at time zone ''UTC''',
       'token is not null and status in (''ordered'', ''inactive'', ''active'', ''suspended'')'),
  (30, 'lending.application', 'next_at', 'status in (''submitted'', ''in_review'')'),
  (31, 'lending.application', 'expires_at', 'status in (''draft'', ''needs_information'')'),
  (32, 'lending.payout', 'next_at', 'status in (''written'', ''accepted'')'),
  (33, 'lending.loan', 'next_due_on::timestamp at time zone ''UTC''', 'next_due_on is not null'),
  (40, 'kyc.verification', 'look_at', 'true'),
  (50, 'fx.conversion', 'next_at', 'status in (''PENDING'', ''FUNDS_RESERVED'')');

create trigger falling_due_is_said_by_migrations before insert or update or delete or truncate on worlds.falling_due
  for each statement execute function worlds.refuse();

-- The next of these moments of a partner, behind one; null where nothing is to come.
create function worlds.next_due(partner text, behind timestamptz) returns timestamptz
language plpgsql stable security definer set search_path = pg_catalog as $$
declare
  d record;
  found timestamptz;
  first timestamptz;
begin
  for d in select * from worlds.falling_due loop
    execute format('select min(%s) from %s where partner_id = $1 and %s > $2 and %s', d.moment, d.name, d.moment, d.clause)
      into found using partner, behind;
    first := least(first, found);
  end loop;
  return first;
end $$;

do $$
declare
  books text;
  who text;
begin
  for books in
    select nspname from pg_namespace
     where nspname ~ '^(world|snapshot)_[0-9a-f]{32}$' or nspname in ('synthetic', 'world_template')
  loop
    -- Days that began in these books: what is arranged for a day is paid once, when it begins.
    execute format('create table %I.begun (day date primary key)', books);
    -- What was posted and is not over: money goes on from the account where it waits, once, when its time comes.
    execute format(
      'create table %I.later (
         reference    text primary key check (reference ~ ''^[A-Z0-9]{1,20}$''),
         due_at       timestamptz not null,
         from_account text not null,
         to_account   text not null,
         amount_minor bigint not null check (amount_minor > 0),
         text         text not null,
         -- As the account that is credited reads who it comes from, and the other one who it goes to.
         payer        jsonb not null,
         payee        jsonb not null,
         posting_id   bigint unique
       )', books);
    execute format('create index later_due on %I.later (due_at) where posting_id is null', books);
    -- By how many millionths a simulator moved a rate.
    execute format(
      'create table %I.rate_move (pair text primary key, ppm int not null check (ppm between -500000 and 500000))', books);
    -- What registers and lists say of somebody, as a simulator said.
    execute format(
      'create table %I.finding (
         national_id text primary key,
         identity    text not null check (identity in (''confirmed'', ''contradicted'', ''unclear'')),
         screening   text not null check (screening in (''clear'', ''review'', ''unavailable''))
       )', books);
    execute format(
      'create trigger begun_stays before update or delete or truncate on %I.begun
         for each statement execute function %I.refuse()', books, books);
    -- Whoever may write in the books that were there may write in these.
    for who in
      select distinct grantee from information_schema.role_table_grants
       where table_schema = books and table_name = 'transfer' and grantee <> current_user
    loop
      execute format('grant select, insert, update, delete on all tables in schema %I to %I', books, who);
    end loop;
  end loop;
end $$;

revoke all on function worlds.next_due(text, timestamptz) from public;
do $$
begin
  if current_database() like 'production%' then
    drop function worlds.next_due(text, timestamptz);
  end if;
end $$;
