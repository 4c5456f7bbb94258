-- A partner may have make-believe banks of its own: each has its own books, in a schema, and its own rows of the rooms.
create schema worlds;

create table worlds.world (
  id         text primary key check (id ~ '^world_[0-9a-f]{32}$'),
  partner_id text not null,
  name       text not null check (name ~ '^[a-z][a-z0-9-]{0,39}$'),
  -- The partner's calls and its due work happen here; where none is in use, in the books that all share.
  in_use     boolean not null default false,
  created_at timestamptz not null,
  used_at    timestamptz not null,
  unique (partner_id, name)
);
create unique index world_in_use on worlds.world (partner_id) where in_use;
create index world_idle on worlds.world (used_at);

create table worlds.snapshot (
  id       text primary key check (id ~ '^snapshot_[0-9a-f]{32}$'),
  world_id text not null references worlds.world (id) on delete cascade,
  taken_at timestamptz not null
);
create index snapshot_of_world on worlds.snapshot (world_id, id);

-- What the core of a partner is like for a while, as the partner asked.
create table worlds.weather (
  partner_id text primary key,
  play       text not null,
  delay_ms   int not null check (delay_ms between 0 and 10000),
  until      timestamptz not null
);

-- Rows of the rooms that are not where the rooms look: of a world that is not in use, or of a snapshot.
create table worlds.kept (
  -- A world, a snapshot, or a partner, for what it did in the books that all share.
  holder text not null,
  place  int not null,
  row    jsonb not null
);
create index kept_by on worlds.kept (holder, place);

-- Which rows of the rooms go with a world, parents before children; `$1` is the partner. What is not here stays with the
-- partner in every world: the names of its customers and accounts, consents that are used up, and what guards against
-- asking too often.
create table worlds.belonging (
  place  int primary key,
  name   text not null unique,
  clause text not null default 'partner_id = $1'
);
insert into worlds.belonging (place, name, clause) values
  (10, 'payments.sub_merchant', default),
  (11, 'payments.mandate', default),
  (12, 'payments.standing', default),
  (13, 'payments.bulk', default),
  (14, 'payments.bulk_line', 'bulk_id in (select id from payments.bulk where partner_id = $1)'),
  (15, 'payments.bulk_part', 'bulk_id in (select id from payments.bulk where partner_id = $1)'),
  (16, 'payments.payment', default),
  (17, 'payments.payment_status', 'payment_id in (select id from payments.payment where partner_id = $1)'),
  (18, 'payments.split', default),
  (19, 'payments.leg', 'split_id in (select id from payments.split where partner_id = $1)'),
  (20, 'payments.refund', default),
  (21, 'payments.refund_leg', 'refund_id in (select id from payments.refund where partner_id = $1)'),
  (22, 'payments.recall', default),
  (23, 'payments.repayment', default),
  (24, 'payments.transfer', default),
  (25, 'payments.programme_statement', default),
  (26, 'payments.reconciliation_share', default),
  (30, 'cards.programme', default),
  (31, 'cards.cardholder', default),
  (32, 'cards.card', default),
  (33, 'cards.control_version', default),
  (34, 'cards."authorization"', default),
  (35, 'cards.core_order', default),
  (36, 'cards.movement', default),
  (37, 'cards.dispute', default),
  (38, 'cards.dispute_evidence', 'dispute_id in (select id from cards.dispute where partner_id = $1)'),
  (40, 'lending.application', default),
  (41, 'lending.offer', default),
  (42, 'lending.loan', default),
  (43, 'lending.instalment', 'loan in (select ref from lending.loan where partner_id = $1)'),
  (44, 'lending.payoff_quote', default),
  (45, 'lending.repayment', default),
  (46, 'lending.payout', default),
  (50, 'kyc.verification', default),
  (51, 'kyc.document', 'verification_id in (select id from kyc.verification where partner_id = $1)'),
  (52, 'kyc.business', default),
  (53, 'kyc.screening', default),
  (60, 'fx.quote', default),
  (61, 'fx.conversion', default),
  (62, 'fx.leg', 'conversion_id in (select id from fx.conversion where partner_id = $1)');

-- Takes a partner's rows out of the rooms and keeps them: each row is kept as it was when it went.
create function worlds.put_away(partner text, holder text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  b record;
begin
  for b in select * from worlds.belonging order by place desc loop
    execute format(
      'with gone as (delete from %s t where %s returning to_jsonb(t) as row)
       insert into worlds.kept (holder, place, row) select $2, %s, row from gone', b.name, b.clause, b.place)
      using partner, holder;
  end loop;
end $$;

-- The same, and the rows stay in the rooms too.
create function worlds.copy_rows(partner text, holder text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  b record;
begin
  for b in select * from worlds.belonging order by place loop
    execute format(
      'insert into worlds.kept (holder, place, row) select $2, %s, to_jsonb(t) from %s t where %s',
      b.place, b.name, b.clause)
      using partner, holder;
  end loop;
end $$;

-- Puts what is kept back into the rooms. A column that a row did not have yet is null there.
create function worlds.bring_back(holder text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  b record;
begin
  for b in select * from worlds.belonging order by place loop
    execute format(
      'insert into %s overriding system value
       select r.* from worlds.kept k cross join lateral jsonb_populate_record(null::%s, k.row) r
        where k.holder = $1 and k.place = %s', b.name, b.name, b.place)
      using holder;
  end loop;
  delete from worlds.kept k where k.holder = bring_back.holder;
end $$;

-- What happened to a card stays written, but a world moves whole: only the functions above, which run as the owner of
-- the tables for somebody else, take lines from there and put them back.
create or replace function cards.refuse() returns trigger language plpgsql as $$
begin
  if current_user <> session_user
     and current_user = (select pg_catalog.pg_get_userbyid(relowner) from pg_catalog.pg_class where oid = tg_relid) then
    return null;
  end if;
  raise exception 'what happened to a card stays written';
end $$;

create function worlds.is_books(name text) returns boolean
language sql immutable set search_path = pg_catalog as $$
  select name ~ '^(world|snapshot)_[0-9a-f]{32}$' or name in ('synthetic', 'world_template')
$$;

-- New books: the tables, rows, rules and counters of others, in a schema of their own. Nothing in them leads out of it.
create function worlds.copy_books(source text, target text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  r record;
  here regnamespace;
  old text := source || '.';
  new text := target || '.';
begin
  if not worlds.is_books(source) or not worlds.is_books(target) or target = 'synthetic' then
    raise exception '% and % are not both books', source, target;
  end if;
  here := source::regnamespace;
  execute format('create schema %I', target);
  for r in select relname from pg_class where relnamespace = here and relkind = 'S' loop
    execute format('create sequence %I.%I', target, r.relname);
    execute format('select setval(%L, last_value, is_called) from %I.%I', new || r.relname, source, r.relname);
  end loop;
  for r in select relname from pg_class where relnamespace = here and relkind = 'r' loop
    execute format('create table %I.%I (like %I.%I including all)', target, r.relname, source, r.relname);
    execute format('insert into %I.%I select * from %I.%I', target, r.relname, source, r.relname);
  end loop;
  for r in
    select c.relname, a.attname, pg_get_expr(d.adbin, d.adrelid) as value
      from pg_attrdef d
      join pg_class c on c.oid = d.adrelid
      join pg_attribute a on a.attrelid = c.oid and a.attnum = d.adnum
     where c.relnamespace = here and pg_get_expr(d.adbin, d.adrelid) like '%' || old || '%'
  loop
    execute format('alter table %I.%I alter column %I set default %s', target, r.relname, r.attname,
                   replace(r.value, old, new));
  end loop;
  for r in
    select c.relname, k.conname, pg_get_constraintdef(k.oid) as rule
      from pg_constraint k join pg_class c on c.oid = k.conrelid
     where c.relnamespace = here and k.contype = 'f'
  loop
    execute format('alter table %I.%I add constraint %I %s', target, r.relname, r.conname, replace(r.rule, old, new));
  end loop;
  for r in select pg_get_functiondef(oid) as body from pg_proc where pronamespace = here loop
    execute replace(r.body, old, new);
  end loop;
  for r in
    select pg_get_triggerdef(t.oid) as rule
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = here and not t.tgisinternal
  loop
    execute replace(r.rule, old, new);
  end loop;
  execute format('grant usage on schema %I to %I', target, session_user);
  execute format('grant select, insert, update, delete on all tables in schema %I to %I', target, session_user);
  execute format('grant usage, select on all sequences in schema %I to %I', target, session_user);
end $$;

create function worlds.drop_books(name text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if not worlds.is_books(name) or name in ('synthetic', 'world_template') then
    raise exception '% are not books of a world', name;
  end if;
  execute format('drop schema if exists %I cascade', name);
end $$;

-- The books as they were seeded, before anybody moved money in those that all share. What a new world begins with.
create function worlds.keep_template() returns void
language plpgsql security definer set search_path = pg_catalog as $$
begin
  if to_regnamespace('world_template') is null then
    perform worlds.copy_books('synthetic', 'world_template');
  end if;
end $$;

-- Whoever may use the schema is granted its functions by name; nobody else has any business with them.
revoke all on all functions in schema worlds from public;
