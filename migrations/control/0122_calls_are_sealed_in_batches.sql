-- Calls come in batches, and the journal says the root of the tree over each: so every call can be proven by itself.
create table usage.sealed_batch (
  id        text   primary key,
  cell      text   not null,
  gateway   text   not null,
  boot      text   not null,
  first_seq bigint not null,
  last_seq  bigint not null check (last_seq >= first_seq),
  leaves    bytea  not null check (length(leaves) > 0 and length(leaves) % 32 = 0)
);
create index sealed_batch_of_call on usage.sealed_batch (cell, gateway, boot, last_seq);
