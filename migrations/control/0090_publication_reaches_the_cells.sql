-- What the cells hold: signed documents by epoch, and the small second stream of what must stop at once.
create table publication.document (
  cell        text not null check (cell in ('sandbox', 'production')),
  audience    text not null check (audience in ('gateway', 'authorization')),
  epoch       bigint not null check (epoch > 0),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  compiled_at timestamptz not null,
  -- The journal's place that the document stands for.
  journal_seq bigint not null,
  -- As it travels. Only the newest keep theirs; epoch and digest are kept for good.
  envelope    text,
  primary key (cell, audience, epoch)
);

create table publication.revocation (
  cell        text not null check (cell in ('sandbox', 'production')),
  -- Gapless within a cell: its processes notice what they missed.
  seq         bigint not null check (seq > 0),
  kind        text not null check (kind in ('client', 'certificate', 'partner', 'permission')),
  id          text not null,
  at          timestamptz not null,
  expires_at  timestamptz not null,
  journal_seq bigint not null,
  primary key (cell, seq),
  unique (cell, kind, id, journal_seq)
);

-- How far the journal has been read for revocations.
create table publication.cursor (
  is_it       boolean primary key default true check (is_it),
  journal_seq bigint not null
);
insert into publication.cursor (journal_seq) values (0);
