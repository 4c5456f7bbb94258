-- Work that takes long is known while it goes on: whoever began it may leave, and finds it again in any browser.
create schema tasks;

create table tasks.task (
  id         text        primary key check (id ~ '^task_[0-9a-f]{32}$'),
  kind       text        not null check (kind <> ''),
  -- What it is about, in words that are nobody's: names of registers, price lists and worlds.
  about      jsonb       not null,
  -- Whose it is; null: the bank's own.
  partner_id text,
  asked_by   text        not null,
  asked_at   timestamptz not null,
  steps      integer     not null check (steps > 0),
  steps_done integer     not null default 0 check (steps_done between 0 and steps),
  -- Whoever does it says so again while it goes on; a process that died says nothing any more.
  held_until timestamptz not null,
  state      text        not null default 'running' check (state in ('running', 'done', 'failed')),
  ended_at   timestamptz,
  fault      text,
  -- Where what came of it stands, such as the id of an import.
  result     text,
  check ((state = 'running') = (ended_at is null)),
  check ((state = 'failed') = (fault is not null))
);
create index task_newest on tasks.task (partner_id, kind, id desc);
create index task_ended on tasks.task (ended_at) where ended_at is not null;
