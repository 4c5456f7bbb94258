-- A document that was sent is not yet one that is served by: each reader says what it took, or why it refused.
create table publication.receipt (
  seq      bigint generated always as identity primary key,
  cell     text not null check (cell in ('sandbox', 'production')),
  audience text not null check (audience in ('gateway', 'authorization')),
  reader   text not null,
  taken    boolean not null,
  epoch    bigint,
  sha256   text,
  reason   text,
  highest  bigint not null check (highest >= 0),
  at       timestamptz not null
);
create index receipt_of_reader on publication.receipt (cell, audience, reader, seq desc);
