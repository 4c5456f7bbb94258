-- Work is read off the facts of other rooms; kept here is only who took an item, and until when it was put aside.
create schema work_queues;

create table work_queues.marking (
  -- `kind:subject`, as the fact names itself.
  item          text primary key check (item ~ '^[a-z-]+:.+$'),
  owner         text check (owner ~ '^staff_[0-9a-f]{32}$'),
  snoozed_until timestamptz,
  reason        text check (reason <> ''),
  marked_by     text not null,
  -- A fact that began later is another one: what was marked before is not about it.
  marked_at     timestamptz not null,
  check (snoozed_until is null or reason is not null)
);
