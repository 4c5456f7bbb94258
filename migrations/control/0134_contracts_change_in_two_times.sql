-- Terms change by amendments that both sides sign. From when a version rules, and since when we know it, are two times:
-- what was enforced on a day and what the paper says today may differ, and both questions have answers.
alter table contracts.contract add column amends text references contracts.contract (id);
alter table contracts.contract add column version int not null default 1 check (version >= 1);
-- The instant that its text names; null: from the countersignature.
alter table contracts.contract add column valid_from timestamptz;

alter table contracts.contract drop constraint contract_status_check;
-- agreed: both have signed, and its first instant lies ahead.
alter table contracts.contract add constraint contract_status_check
  check (status in ('offered', 'withdrawn', 'signed', 'agreed', 'active', 'frozen', 'ended'));
alter table contracts.contract add constraint contract_agreed_check
  check (status <> 'agreed' or (countersigned_by is not null and active_from is not null));
create unique index contract_one_agreed on contracts.contract (partner_id) where status = 'agreed';

create or replace function contracts.keep_document() returns trigger language plpgsql as $$
begin
  if new.document <> old.document or new.document_sha256 <> old.document_sha256 or new.partner_id <> old.partner_id
     or new.tier <> old.tier or new.products <> old.products or new.price_version <> old.price_version
     or new.version <> old.version or new.amends is distinct from old.amends
     or new.valid_from is distinct from old.valid_from then
    raise exception 'the terms of a contract do not change';
  end if;
  return new;
end $$;

-- Which contract rules a partner's calls: [valid_from, valid_to) in the world, [known_from, known_to) in our books.
create table contracts.rule (
  id          bigint generated always as identity primary key,
  contract_id text        not null references contracts.contract (id),
  partner_id  text        not null,
  valid_from  timestamptz not null,
  valid_to    timestamptz check (valid_to > valid_from),
  known_from  timestamptz not null,
  known_to    timestamptz check (known_to >= known_from)
);
create index rule_of_partner on contracts.rule (partner_id, valid_from);
-- What is known now never says two things about one instant: each begins at an instant of its own, and code that holds
-- the partner's lock closes what it overlaps.
create unique index rule_known_now on contracts.rule (partner_id, valid_from) where known_to is null;

create function contracts.rule_is_only_closed() returns trigger language plpgsql as $$
begin
  if tg_op <> 'UPDATE' then
    raise exception 'what was known stays on record';
  end if;
  if old.known_to is not null or new.known_to is null or new.contract_id <> old.contract_id
     or new.partner_id <> old.partner_id or new.valid_from <> old.valid_from
     or new.valid_to is distinct from old.valid_to or new.known_from <> old.known_from then
    raise exception 'what was known stays on record';
  end if;
  return new;
end $$;
create trigger rule_is_only_closed before update or delete on contracts.rule
  for each row execute function contracts.rule_is_only_closed();
create function contracts.rules_stay() returns trigger language plpgsql as $$
begin
  raise exception 'what was known stays on record';
end $$;
create trigger rules_stay before truncate on contracts.rule
  for each statement execute function contracts.rules_stay();

insert into contracts.rule (contract_id, partner_id, valid_from, valid_to, known_from)
select id, partner_id, active_from, ends_at, active_from
  from contracts.contract
 where active_from is not null and (ends_at is null or ends_at > active_from)
 order by active_from;

-- Clauses as the bank words them, beside those that a release brings; a contract names the template that it was made from.
create table contracts.clause (
  id        text        not null check (id ~ '^[a-z][a-z-]{1,30}$'),
  version   int         not null check (version >= 1),
  title     text        not null,
  body      text        not null,
  worded_at timestamptz not null,
  change_id text        not null,
  primary key (id, version)
);
create table contracts.template (
  id        text        primary key check (id ~ '^[0-9]+\.[0-9]+$'),
  number    int         not null unique,
  -- { clause: version }
  clauses   jsonb       not null check (jsonb_typeof(clauses) = 'object'),
  made_at   timestamptz not null,
  change_id text        not null
);
create trigger clause_stays before update or delete or truncate on contracts.clause
  for each statement execute function contracts.rules_stay();
create trigger template_stays before update or delete or truncate on contracts.template
  for each statement execute function contracts.rules_stay();

alter table contracts.signature drop constraint signature_method_check;
alter table contracts.signature add constraint signature_method_check
  check (method in ('passkey', 'fresh-factor', 'e-signature'));
