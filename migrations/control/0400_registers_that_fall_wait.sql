-- A file that takes much away from a register may be one that was cut off: it is kept, and waits for a second person.
alter table licences.register_import add column state text not null default 'in-force'
  check (state in ('waiting', 'in-force', 'refused'));
