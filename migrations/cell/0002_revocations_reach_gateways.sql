-- The second stream: small, sequenced, followed by every gateway of the cell. Rows are the record, notify is transport.
create schema revocations;

create table revocations.revocation (
  seq        bigint generated always as identity primary key,
  kind       text not null check (kind in ('consent', 'grant', 'client', 'token', 'certificate', 'key', 'partner')),
  id         text not null,
  at         timestamptz not null default now(),
  -- When nothing that it denies can live any more: the longest token life and skew after `at`.
  expires_at timestamptz not null,
  unique (kind, id, at)
);

create function revocations.tell() returns trigger language plpgsql as $$
begin
  perform pg_notify('revocations', new.seq::text);
  return null;
end $$;
create trigger revocation_tells after insert on revocations.revocation
  for each row execute function revocations.tell();
