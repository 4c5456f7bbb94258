-- Between the yearly recertifications some documents are looked at again, each as often as the policy says of its type.
create table licences.recheck (
  id          bigint generated always as identity primary key,
  evidence_id text        not null references licences.evidence (id),
  checked_by  text        not null,
  checked_at  timestamptz not null,
  -- How it was looked at, in free words: they stay apart from the journal.
  remark      text        not null check (length(remark) between 1 and 1000)
);
create index recheck_of_evidence on licences.recheck (evidence_id, checked_at desc);

create function licences.rechecks_stay() returns trigger language plpgsql as $$
begin
  raise exception 'what was looked at stays on record';
end $$;
create trigger rechecks_stay before update or delete or truncate on licences.recheck
  for each statement execute function licences.rechecks_stay();
