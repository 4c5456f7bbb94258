-- A field that a partner is granted and never gets is a field that its contract can do without: so what leaves is counted.
create table usage.field (
  partner_id text        not null,
  cell       text        not null check (cell in ('sandbox', 'production')),
  operation  text        not null,
  -- A JSON pointer into an answer, * for every item of a list; empty for the answers themselves.
  field      text        not null,
  answers    bigint      not null check (answers > 0),
  first_at   timestamptz not null,
  last_at    timestamptz not null,
  primary key (partner_id, cell, operation, field)
);

-- A report that is told twice counts once.
create table usage.field_cursor (
  cell     text        not null,
  gateway  text        not null,
  boot     text        not null,
  seq      bigint      not null,
  heard_at timestamptz not null,
  primary key (cell, gateway, boot)
);
