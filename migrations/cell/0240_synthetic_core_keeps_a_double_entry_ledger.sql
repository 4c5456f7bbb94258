-- The make-believe bank keeps real books: money only moves between accounts, and a balance is the sum of its entries.
create table synthetic.customer (
  ref         text primary key check (ref ~ '^\d{8}$'),
  kind        text not null check (kind in ('person', 'organisation')),
  name        text not null,
  national_id text not null unique
);

create table synthetic.account (
  ref               text primary key,
  owner             text not null references synthetic.customer (ref),
  serial            int not null check (serial between 1 and 999),
  kind              text not null check (kind in ('current', 'savings', 'card', 'settlement')),
  number            text not null unique check (number ~ '^\d{20}$'),
  bank_code         text not null check (bank_code ~ '^\d{5}$'),
  currency          char(3) not null,
  nickname          text not null,
  status            text not null check (status in ('enabled', 'disabled', 'closed')),
  opened_on         date not null,
  -- How far below zero it may go; null for the bank's own accounts, which may go as far as they must.
  limit_minor       bigint check (limit_minor >= 0),
  -- Written by the triggers below and by nothing else.
  booked_minor      bigint not null default 0,
  held_minor        bigint not null default 0 check (held_minor >= 0),
  -- Ours, of the order that opened it: the same reference is the same account.
  opening_reference text unique,
  unique (owner, serial),
  constraint account_not_overdrawn check (limit_minor is null or booked_minor - held_minor + limit_minor >= 0)
);

-- Entries and holds share one sequence: a higher number is a later line of the statement.
create sequence synthetic.line;
create sequence synthetic.posting_id;

create table synthetic.posting (
  id        bigint primary key default nextval('synthetic.posting_id'),
  booked_on date not null,
  text      text not null
);

create table synthetic.entry (
  id                   bigint primary key default nextval('synthetic.line'),
  posting_id           bigint not null references synthetic.posting (id),
  account_ref          text not null references synthetic.account (ref),
  -- Above zero is a credit.
  amount_minor         bigint not null check (amount_minor <> 0),
  booked_on            date not null,
  counterparty_name    text not null,
  counterparty_account text not null
);
create index entry_of_account on synthetic.entry (account_ref, id desc);
create index entry_of_posting on synthetic.entry (posting_id);

-- Money that is promised and not yet moved: it lowers what is available, not what is booked.
create table synthetic.hold (
  id                   bigint primary key default nextval('synthetic.line'),
  account_ref          text not null references synthetic.account (ref),
  amount_minor         bigint not null check (amount_minor > 0),
  held_on              date not null,
  text                 text not null,
  counterparty_name    text not null,
  counterparty_account text not null
);
create index hold_of_account on synthetic.hold (account_ref, id desc);

create table synthetic.transfer (
  reference        text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  debtor           text not null,
  creditor_number  text not null,
  creditor_bank    text not null,
  creditor_name    text not null,
  amount_minor     bigint not null,
  currency         char(3) not null,
  text             text not null,
  posting_id       bigint unique references synthetic.posting (id),
  reason_code      text,
  -- When the clearing takes it to another bank: until then it is accepted, from then on it is booked.
  settles_at       timestamptz,
  check ((posting_id is null) <> (reason_code is null))
);

create function synthetic.carry_entries() returns trigger language plpgsql as $$
begin
  update synthetic.account a
     set booked_minor = booked_minor + added.amount
    from (select account_ref, sum(amount_minor) as amount from new_entry group by account_ref) as added
   where a.ref = added.account_ref;
  return null;
end $$;
create trigger entries_make_the_balance after insert on synthetic.entry
  referencing new table as new_entry
  for each statement execute function synthetic.carry_entries();

create function synthetic.carry_hold() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    update synthetic.account set held_minor = held_minor + new.amount_minor where ref = new.account_ref;
  else
    update synthetic.account set held_minor = held_minor - old.amount_minor where ref = old.account_ref;
  end if;
  return null;
end $$;
create trigger holds_lower_what_is_available after insert or delete on synthetic.hold
  for each row execute function synthetic.carry_hold();

-- Checked at commit, when all sides of a posting are there.
create function synthetic.weigh_posting() returns trigger language plpgsql as $$
begin
  perform 1
    from synthetic.entry e
    join synthetic.account a on a.ref = e.account_ref
   where e.posting_id = new.posting_id
   group by a.currency
  having sum(e.amount_minor) <> 0;
  if found then
    raise exception 'posting % does not sum to zero', new.posting_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger posting_sums_to_zero after insert on synthetic.entry
  deferrable initially deferred
  for each row execute function synthetic.weigh_posting();

create function synthetic.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what is booked stays booked: write a posting that reverses it';
end $$;
create trigger entry_stays before update or delete or truncate on synthetic.entry
  for each statement execute function synthetic.refuse();
create trigger posting_stays before update or delete or truncate on synthetic.posting
  for each statement execute function synthetic.refuse();
create trigger hold_is_placed_or_released before update or truncate on synthetic.hold
  for each statement execute function synthetic.refuse();
