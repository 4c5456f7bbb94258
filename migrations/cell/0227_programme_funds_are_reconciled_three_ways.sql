-- Each day, for each programme account: what we owe out of it, what the bank's books hold on it, what each partner says
-- of it. A difference is kept for good; another run adds to it and hides nothing.
create table payments.programme_statement (
  partner_id    text not null,
  day           date not null,
  closing_minor bigint not null,
  currency      char(3) not null,
  stated_at     timestamptz not null,
  primary key (partner_id, day)
);

create table payments.reconciliation (
  id              text primary key check (id ~ '^reconciliation_[0-9a-f]{32}$'),
  account_ref     text not null references payments.programme_account (account_ref),
  day             date not null,
  -- Of all programmes that share the account: what they are owed by the sub-ledger, what is under way, what the books say.
  ledger_minor    bigint not null,
  in_flight_minor bigint not null,
  books_minor     bigint not null,
  currency        char(3) not null,
  status          text not null check (status in ('MATCHED', 'IN_FLIGHT', 'DIFFERENT')),
  at              timestamptz not null
);
create index reconciliation_of_account on payments.reconciliation (account_ref, day);

create table payments.reconciliation_share (
  reconciliation_id text not null references payments.reconciliation (id),
  partner_id        text not null,
  ledger_minor      bigint not null,
  -- What the partner said that it is; null: it has said nothing.
  stated_minor      bigint,
  status            text not null check (status in ('MATCHED', 'UNSTATED', 'DIFFERENT')),
  primary key (reconciliation_id, partner_id)
);
create index reconciliation_of_partner on payments.reconciliation_share (partner_id, reconciliation_id);

-- What stood on the account before our sub-ledger began; taken by the first reconciliation.
alter table payments.programme_account add column opening_minor bigint;
