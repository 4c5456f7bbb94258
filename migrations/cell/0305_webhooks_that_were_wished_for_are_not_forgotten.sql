-- A payment whose webhook is to come twice: the wish waits here until the first one has been brought, whoever dies meanwhile.
create table worlds.wish (
  -- The order that it is about: one that is sent again wishes nothing more.
  reference  text primary key,
  partner_id text not null,
  due_at     timestamptz not null,
  said_at    timestamptz
);
create index wish_due on worlds.wish (due_at) where said_at is null;
