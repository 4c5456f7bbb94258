-- Evidence that runs out is told of before, counts for less and less after, and may be extended once by two people.
alter table licences.evidence
  add column extended_to timestamptz,
  add column extension_change_id text,
  add constraint evidence_extension_has_its_change check ((extended_to is null) = (extension_change_id is null));

-- What was told of the end of a piece of evidence: each thing once for each end.
create table licences.notice (
  evidence_id text not null references licences.evidence (id),
  ends_at     timestamptz not null,
  word        text not null,
  told_at     timestamptz not null,
  primary key (evidence_id, ends_at, word)
);

-- No new customers of a partner; those who came stay. One person makes it, two lift it.
create table licences.freeze (
  id         text primary key,
  partner_id text not null,
  reason     text not null,
  by         text not null,
  at         timestamptz not null,
  lifted_at  timestamptz
);
create unique index freeze_one_open on licences.freeze (partner_id) where lifted_at is null;
