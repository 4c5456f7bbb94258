-- How somebody proved to be themselves when they approved: by passkey over the change's hash, which anybody can check, or
-- by a fresh second factor. And the emergency in which one person acts: on record before it takes effect, reviewed after.
alter table approvals.approval
  add column method text check (method in ('passkey', 'fresh-factor')),
  add column evidence jsonb;

create table approvals.glass (
  change_id   text primary key references approvals.change_set (id),
  broken_by   text not null check (broken_by ~ '^staff_[0-9a-f]{32}$'),
  broken_at   timestamptz not null,
  reason      text not null check (length(reason) >= 20),
  review_due  timestamptz not null check (review_due > broken_at),
  reviewed_by text check (reviewed_by <> broken_by),
  reviewed_at timestamptz,
  verdict     text check (verdict in ('confirmed', 'contested')),
  remark      text,
  check (num_nonnulls(reviewed_by, reviewed_at, verdict, remark) in (0, 4))
);
-- While one is not reviewed there is no second: an emergency is not a way of working.
create unique index glass_unreviewed on approvals.glass ((true)) where reviewed_at is null;

create function approvals.glass_stays() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' or old.reviewed_at is not null
     or (new.change_id, new.broken_by, new.broken_at, new.reason, new.review_due)
        is distinct from (old.change_id, old.broken_by, old.broken_at, old.reason, old.review_due) then
    raise exception 'broken glass stays on record';
  end if;
  return new;
end $$;
create trigger glass_stays before update or delete on approvals.glass
  for each row execute function approvals.glass_stays();

create or replace function approvals.two_people() returns trigger language plpgsql as $$
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
    if people < 2 and not exists (
         select from approvals.glass g
          where g.change_id = new.id and g.reviewed_at is null and new.kind = any (array[
                'partners.reinstatement', 'licences.reinstatement', 'licences.thaw', 'contracts.thaw',
                'catalogue.limits', 'catalogue.upstream'])) then
      raise exception 'change % needs two people', new.id;
    end if;
  end if;
  return new;
end $$;
