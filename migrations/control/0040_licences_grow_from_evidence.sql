-- What a partner is, by what evidence, and what of it the bank has stopped.
create table licences.matrix (
  seq       bigint generated always as identity unique,
  version   text primary key,
  body      jsonb not null check (jsonb_typeof(body) = 'object'),
  sha256    text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  loaded_at timestamptz not null
);

create function licences.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'a version of the matrix does not change: decisions name it';
end $$;
create trigger matrix_stays before update or delete or truncate on licences.matrix
  for each statement execute function licences.refuse();

-- What a partner asked to be held as.
create table licences.application (
  id         text primary key,
  partner_id text not null,
  statuses   text[] not null check (cardinality(statuses) > 0),
  status     text not null check (status in ('open', 'granted', 'superseded')),
  applied_at timestamptz not null
);
create index application_of_partner on licences.application (partner_id, id desc);
create unique index application_one_open on licences.application (partner_id) where status = 'open';

-- What two people of the bank hold it as.
create table licences.holding (
  partner_id text not null,
  status     text not null,
  since      timestamptz not null,
  until      timestamptz,
  change_id  text not null,
  primary key (partner_id, status)
);

create table licences.evidence (
  id              text primary key,
  partner_id      text not null,
  type            text not null,
  issuer          text not null,
  identifiers     jsonb not null check (jsonb_typeof(identifiers) = 'object'),
  valid_from      timestamptz,
  valid_to        timestamptz,
  document_sha256 text not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
  shows           text[] not null,
  state           text not null check (state in ('submitted', 'in-review', 'accepted', 'rejected')),
  submitted_at    timestamptz not null,
  -- The people of the bank who stand behind the verdict, how they checked, and what they said.
  verified_by     text[] not null default '{}',
  verified_at     timestamptz,
  method          text,
  remark          text,
  check (valid_to is null or valid_from is null or valid_from < valid_to),
  check (state not in ('accepted', 'rejected') or cardinality(verified_by) >= 2)
);
create index evidence_of_partner on licences.evidence (partner_id, id);
create index evidence_of_state on licences.evidence (state, id);

-- A stop takes one person and no time; lifting it takes two.
create table licences.suspension (
  id         text primary key,
  partner_id text not null,
  kind       text not null check (kind in ('status', 'permission')),
  name       text not null,
  reason     text not null,
  by         text not null,
  at         timestamptz not null,
  lifted_at  timestamptz
);
create unique index suspension_one_open on licences.suspension (partner_id, kind, name) where lifted_at is null;
