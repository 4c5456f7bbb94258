-- A change of what someone may do is a proposal first. The table itself refuses an effect that one person made alone.
create table approvals.change_set (
  id          text primary key,
  kind        text not null,
  subject     text not null,
  before      jsonb not null,
  after       jsonb not null,
  base        text not null,
  reason      text not null check (reason <> ''),
  roles       text[] not null check (cardinality(roles) > 0 and not roles && array['auditor']),
  proposed_by text not null check (proposed_by ~ '^(staff:staff_|person:person_)[0-9a-f]{32}$' or proposed_by = 'system'),
  proposed_at timestamptz not null,
  expires_at  timestamptz not null check (expires_at > proposed_at),
  hash        char(64) not null unique,
  status      text not null default 'proposed' check (status in ('proposed', 'applied', 'rejected', 'expired', 'void')),
  decided_at  timestamptz,
  outcome     text,
  rejected_by text,
  check ((status = 'proposed') = (decided_at is null)),
  check ((status = 'rejected') = (rejected_by is not null)),
  unique (id, hash)
);
create index change_set_open on approvals.change_set (expires_at) where status = 'proposed';
create index change_set_subject on approvals.change_set (subject);
-- Two proposals of the same kind about one subject would race each other; the second waits for the first.
create unique index change_set_one_open on approvals.change_set (kind, subject) where status = 'proposed';

-- One row for each person who stands behind the change, over its hash: a row cannot name another text.
create table approvals.approval (
  change_id   text not null,
  hash        char(64) not null,
  approver    text not null check (approver ~ '^staff_[0-9a-f]{32}$'),
  approved_at timestamptz not null,
  primary key (change_id, approver),
  foreign key (change_id, hash) references approvals.change_set (id, hash)
);

create function approvals.two_people() returns trigger language plpgsql as $$
declare
  people int;
begin
  if old.status <> 'proposed' then
    raise exception 'change % is decided and stays so', old.id;
  end if;
  if (new.id, new.kind, new.subject, new.before, new.after, new.base, new.reason, new.roles, new.proposed_by,
      new.proposed_at, new.expires_at, new.hash)
     is distinct from
     (old.id, old.kind, old.subject, old.before, old.after, old.base, old.reason, old.roles, old.proposed_by,
      old.proposed_at, old.expires_at, old.hash) then
    raise exception 'what change % says cannot be rewritten', old.id;
  end if;
  if new.status = 'applied' then
    select count(distinct person) into people
      from (select 'staff:' || approver as person from approvals.approval where change_id = new.id
            union all
            select new.proposed_by where new.proposed_by like 'staff:%') p;
    if people < 2 then
      raise exception 'change % needs two people', new.id;
    end if;
  end if;
  return new;
end $$;
create trigger change_set_needs_two_people before update on approvals.change_set
  for each row execute function approvals.two_people();

create function approvals.not_own() returns trigger language plpgsql as $$
begin
  if exists (select from approvals.change_set where id = new.change_id and proposed_by = 'staff:' || new.approver) then
    raise exception 'who proposed change % does not approve it', new.change_id;
  end if;
  return new;
end $$;
create trigger approval_is_anothers before insert on approvals.approval
  for each row execute function approvals.not_own();

create function approvals.stays() returns trigger language plpgsql as $$
begin
  raise exception 'what was proposed and approved stays on record';
end $$;
create trigger change_set_stays before delete or truncate on approvals.change_set
  for each statement execute function approvals.stays();
create trigger approval_stays before update or delete or truncate on approvals.approval
  for each statement execute function approvals.stays();
