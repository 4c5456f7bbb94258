-- What the core says of each day is taken in line by line and compared with what we told it; a difference is kept for good.
create schema reconciliation;

create table reconciliation.statement (
  id          text primary key check (id ~ '^statement_[0-9a-f]{32}$'),
  name        text not null,
  -- Changes when the file does: what was read is not read again.
  version     text not null,
  sha256      text not null,
  day         date,
  status      text not null check (status in ('taking', 'taken', 'refused')),
  lines       int,
  -- Taken up to this line: whoever goes on goes on behind it.
  lines_taken int not null default 0,
  wrong_line  int,
  reason      text,
  found_at    timestamptz not null,
  ended_at    timestamptz,
  unique (name, version),
  check ((status = 'refused') = (reason is not null and wrong_line is not null)),
  check (status = 'refused' or (day is not null and lines is not null)),
  check (status <> 'taken' or lines_taken = lines)
);
-- A day has one file.
create unique index statement_of_day on reconciliation.statement (day) where status <> 'refused';

create table reconciliation.statement_balance (
  statement_id  text not null references reconciliation.statement (id),
  line          int not null,
  account_ref   text not null,
  currency      char(3) not null,
  opening_minor bigint not null,
  closing_minor bigint not null,
  primary key (statement_id, line),
  unique (statement_id, account_ref)
);

create table reconciliation.statement_entry (
  statement_id text not null references reconciliation.statement (id),
  line         int not null,
  entry        text not null,
  account_ref  text not null,
  currency     char(3) not null,
  minor        bigint not null check (minor <> 0),
  -- Of our order, where one made it.
  reference    text,
  primary key (statement_id, line)
);
create index statement_entry_of_reference on reconciliation.statement_entry (reference) where reference is not null;

create table reconciliation.statement_hold (
  statement_id text not null references reconciliation.statement (id),
  line         int not null,
  reference    text not null,
  account_ref  text not null,
  currency     char(3) not null,
  minor        bigint not null check (minor > 0),
  primary key (statement_id, line),
  unique (statement_id, reference)
);

create table reconciliation.day (
  day          date primary key,
  statement_id text not null references reconciliation.statement (id),
  entries      int not null,
  -- Lines that orders of ours made, our orders among them, and holds on either side.
  referenced   int not null,
  orders       int not null,
  holds        int not null,
  at           timestamptz not null
);

create table reconciliation.difference (
  id           text primary key check (id ~ '^difference_[0-9a-f]{32}$'),
  -- The day of the statement that it was found with.
  day          date not null,
  kind         text not null check (kind in ('missing-at-core', 'unknown-to-us', 'rejected-by-us', 'open-with-us', 'amount',
                                             'account', 'hold', 'balance', 'statement-missing')),
  -- The order's or the hold's reference, the account, or the day without a statement.
  subject      text not null,
  -- Signed, of the account; null where there is none on that side.
  ours_minor   bigint,
  core_minor   bigint,
  currency     char(3),
  status       text not null check (status in ('open', 'explained')),
  explanation  text,
  explained_by text,
  found_at     timestamptz not null,
  explained_at timestamptz,
  unique (kind, subject, day),
  check ((status = 'explained') = (explanation is not null and explained_by is not null and explained_at is not null))
);
create index difference_that_is_open on reconciliation.difference (day) where status = 'open';

create function reconciliation.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'a difference stays written, and what explained it too';
end $$;
create trigger difference_stays before delete or truncate on reconciliation.difference
  for each statement execute function reconciliation.refuse();
create trigger explained_stays before update on reconciliation.difference
  for each row when (old.status = 'explained') execute function reconciliation.refuse();

-- Each day the rooms are asked what they hold for booked that day, and what the core was left to hold.
create index transfer_booked on payments.transfer (updated_at) where status = 'booked';
create index core_order_carried on cards.core_order (carried_at);
create index core_order_of_authorization on cards.core_order (authorization_id);
create index leg_written on fx.leg (created_at);
create index payout_written on lending.payout (created_at);
