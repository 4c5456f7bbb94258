-- Receipts are told again at each start, and the last few are kept: how soon a document was served by, the first one says.
create table publication.enforcement (
  cell     text not null check (cell in ('sandbox', 'production')),
  audience text not null check (audience in ('gateway', 'authorization')),
  reader   text not null,
  epoch    bigint not null,
  at       timestamptz not null,
  primary key (cell, audience, reader, epoch)
);
