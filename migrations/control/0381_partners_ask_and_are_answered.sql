-- What partners ask the bank, and when it answered: the first answer that a contract promises is measured on these rows.
create schema support;

create table support.request (
  id                text        primary key check (id ~ '^support_[0-9a-f]{32}$'),
  partner_id        text        not null,
  cell              text        not null check (cell in ('sandbox', 'production')),
  -- null: about no product, or about all of them.
  product           text,
  urgency           text        not null check (urgency in ('critical', 'major', 'minor')),
  subject           text        not null check (subject <> ''),
  -- A call of the partner's own.
  call_id           text,
  opened_by         text        not null,
  opened_at         timestamptz not null,
  -- The contract that promised the answer, and until when; null: nothing was promised.
  contract_id       text,
  due_at            timestamptz check (due_at > opened_at),
  status            text        not null check (status in ('open', 'answered', 'closed')),
  -- Since when the bank is the one to speak.
  waits_since       timestamptz not null,
  first_answered_at timestamptz check (first_answered_at >= opened_at),
  first_answered_by text,
  -- The partner closed it while the answer was not due yet: nothing is promised about it any more.
  released_at       timestamptz check (released_at <= due_at),
  closed_at         timestamptz,
  check ((status = 'closed') = (closed_at is not null)),
  check ((due_at is null) = (contract_id is null)),
  check ((first_answered_at is null) = (first_answered_by is null)),
  check (status <> 'answered' or first_answered_at is not null),
  check (released_at is null or first_answered_at is null or first_answered_at >= released_at)
);
create index request_of_partner on support.request (partner_id, id desc);
create index request_waits on support.request (waits_since) where status = 'open';
create index request_due on support.request (partner_id, due_at) where due_at is not null;

-- What was asked, what was promised and who answered first decide about money: once written, they stay.
create function support.stays() returns trigger language plpgsql as $$
begin
  if (new.id, new.partner_id, new.cell, new.product, new.urgency, new.subject, new.call_id, new.opened_by, new.opened_at,
      new.contract_id, new.due_at)
     is distinct from
     (old.id, old.partner_id, old.cell, old.product, old.urgency, old.subject, old.call_id, old.opened_by, old.opened_at,
      old.contract_id, old.due_at)
  then raise exception 'what was asked and promised stays';
  end if;
  if old.first_answered_at is not null
     and (new.first_answered_at, new.first_answered_by) is distinct from (old.first_answered_at, old.first_answered_by)
  then raise exception 'the first answer stays the first';
  end if;
  if old.released_at is not null and new.released_at is distinct from old.released_at
  then raise exception 'what was let go is not promised again';
  end if;
  return new;
end $$;
create trigger request_stays before update on support.request for each row execute function support.stays();

create table support.message (
  request_id text        not null references support.request (id),
  n          int         not null check (n >= 1),
  side       text        not null check (side in ('partner', 'bank')),
  by         text        not null,
  said       text        not null check (said <> ''),
  at         timestamptz not null,
  primary key (request_id, n)
);
create function support.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what was said stays: say more';
end $$;
create trigger message_stays before update or delete or truncate on support.message
  for each statement execute function support.refuse();
create trigger request_is_kept before delete or truncate on support.request
  for each statement execute function support.refuse();
