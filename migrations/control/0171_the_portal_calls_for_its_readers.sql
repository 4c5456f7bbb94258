-- Try it: the portal calls the sandbox for whoever reads, with a key that it keeps for their organisation.
create schema try_it;

create table try_it.client (
  partner_id     text primary key,
  application_id text not null,
  -- The private JWK, sealed with a key that stands outside of the database.
  sealed_key     bytea not null,
  made_at        timestamptz not null
);
