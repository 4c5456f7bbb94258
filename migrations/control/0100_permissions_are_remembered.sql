-- What each partner was allowed, in the gateways' own words, from which epoch on: "why was this allowed that day" has an
-- answer long after the documents themselves are gone. A row is written only when something changed for the partner.
create table publication.permission_version (
  cell        text not null check (cell in ('sandbox', 'production')),
  partner_id  text not null,
  epoch       bigint not null check (epoch > 0),
  -- Of the document that it stood in.
  snapshot_sha256 text not null check (snapshot_sha256 ~ '^[0-9a-f]{64}$'),
  at          timestamptz not null,
  matrix      text not null,
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- Canonical JSON: the partner and its applications as they stood in the document.
  body        text not null check (sha256 = encode(sha256(convert_to(body, 'UTF8')), 'hex')),
  primary key (cell, partner_id, epoch)
);

create function publication.permissions_stay() returns trigger language plpgsql as $$
begin
  raise exception 'what was allowed once stays on record';
end $$;
create trigger permission_version_stays before update or delete or truncate on publication.permission_version
  for each statement execute function publication.permissions_stay();

create index document_of_time on publication.document (cell, audience, compiled_at desc);
