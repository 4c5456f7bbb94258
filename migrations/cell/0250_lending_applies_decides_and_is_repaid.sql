-- Lending: what is on offer, who applied and what was decided, what was offered and taken, and every minor unit of a loan.
create schema lending;

create table lending.product (
  id             text primary key check (id ~ '^[a-z0-9-]{1,64}$'),
  position       int not null unique,
  name           jsonb not null,
  currency       char(3) not null,
  amount_min     bigint not null check (amount_min > 0),
  amount_max     bigint not null,
  months_min     int not null check (months_min > 0),
  months_max     int not null,
  -- Parts per million a year; of the fee, of the amount.
  rate_ppm       bigint not null check (rate_ppm >= 0),
  penalty_ppm    bigint not null check (penalty_ppm >= 0),
  fee_ppm        bigint not null check (fee_ppm >= 0),
  day_count      text not null check (day_count in ('30/360', 'ACT/365F', 'ACT/360', 'ACT/ACT-ISDA')),
  methods        text[] not null check (methods <@ array['annuity', 'differentiated'] and cardinality(methods) > 0),
  check (amount_max >= amount_min),
  check (months_max >= months_min)
);

-- The bank's own account that loans are paid out of and paid back to; a currency without one is not lent.
create table lending.fund (
  currency    char(3) primary key,
  account_ref text not null,
  number      text not null check (number ~ '^\d{20}$'),
  bank_code   text not null check (bank_code ~ '^\d{5}$'),
  name        text not null
);

-- What is decided for an amount that ends so, whoever asks: filled where only invented people borrow, empty elsewhere.
create table lending.scenario (
  -- The last three digits of the whole amount.
  ending  int primary key check (ending between 0 and 999),
  outcome text not null check (outcome in ('approved', 'declined', 'needs_information')),
  reason  text,
  check ((outcome = 'declined') = (reason is not null))
);

create table lending.application (
  id              text primary key check (id ~ '^loan_application_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  -- A consent applies once.
  consent_id      text not null unique,
  customer_ref    text not null,
  subject         text not null,
  account_id      text not null,
  account_ref     text not null,
  product_id      text not null references lending.product (id),
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  months          int not null check (months > 0),
  reference       text,
  -- What the borrower says that they earn a month; partners write it and never read it.
  income_minor    bigint check (income_minor > 0),
  status          text not null check (status in ('draft', 'submitted', 'in_review', 'needs_information', 'approved',
                                                  'declined', 'withdrawn', 'expired')),
  reasons         text[] not null default '{}',
  needs           text[] not null default '{}',
  model_version   text,
  decided_at      timestamptz,
  -- When it lapses, while it waits for its partner.
  expires_at      timestamptz not null,
  -- When to look at it again, while the bank reviews it.
  next_at         timestamptz not null,
  tries           int not null default 0,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint application_key_is_one unique (partner_id, idempotency_key),
  check ((status in ('approved', 'declined')) = (decided_at is not null)),
  check ((status = 'declined') = (cardinality(reasons) > 0)),
  check ((status = 'needs_information') = (cardinality(needs) > 0)),
  check ((decided_at is null) = (model_version is null))
);
create index application_of_partner on lending.application (partner_id, id desc);
create index application_in_review on lending.application (next_at) where status in ('submitted', 'in_review');
create index application_waits on lending.application (expires_at) where status in ('draft', 'needs_information');

create table lending.offer (
  id             text primary key check (id ~ '^offer_[0-9a-f]{32}$'),
  application    text not null references lending.application (id),
  partner_id     text not null,
  method         text not null check (method in ('annuity', 'differentiated')),
  amount_minor   bigint not null check (amount_minor > 0),
  currency       char(3) not null,
  months         int not null,
  rate_ppm       bigint not null,
  penalty_ppm    bigint not null,
  day_count      text not null,
  fee_minor      bigint not null check (fee_minor >= 0),
  interest_minor bigint not null check (interest_minor >= 0),
  first_minor    bigint not null check (first_minor > 0),
  last_minor     bigint not null check (last_minor > 0),
  -- Hundredths of a percent.
  apr            int not null check (apr >= 0),
  offered_on     date not null,
  valid_until    timestamptz not null,
  status         text not null check (status in ('open', 'accepted', 'lapsed')),
  created_at     timestamptz not null,
  unique (application, method)
);
-- Of an application's offers one is taken.
create unique index offer_is_taken_once on lending.offer (application) where status = 'accepted';

create table lending.loan (
  ref             text primary key check (ref ~ '^loan_[0-9a-f]{32}$'),
  -- The name by which the partner that brought it knows it; another partner has another.
  loan_id         text not null unique,
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  -- The consent by which the customer took the offer; it takes one.
  consent_id      text not null unique,
  offer_id        text not null unique references lending.offer (id),
  application     text not null unique references lending.application (id),
  customer_ref    text not null,
  product_id      text not null references lending.product (id),
  account_ref     text not null,
  principal_minor bigint not null check (principal_minor > 0),
  currency        char(3) not null,
  rate_ppm        bigint not null,
  penalty_ppm     bigint not null,
  method          text not null,
  day_count       text not null,
  fee_minor       bigint not null,
  status          text not null check (status in ('submitted', 'approved', 'active', 'withdrawn', 'rejected',
                                                  'closed_obligations_met', 'written_off', 'rescheduled', 'overpaid')),
  reason_code     text,
  started_on      date,
  closed_on       date,
  -- Of what was paid beyond everything owed.
  excess_minor    bigint not null default 0 check (excess_minor >= 0),
  bucket          text not null,
  -- Day of the oldest instalment that is not paid in full.
  next_due_on     date,
  -- Counts what changed the debt; a pay-off quote holds while it stands still.
  version         int not null default 0,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint loan_key_is_one unique (partner_id, idempotency_key),
  check ((status = 'rejected') = (reason_code is not null)),
  check (status <> 'overpaid' or excess_minor > 0)
);
create index loan_of_customer on lending.loan (customer_ref, ref desc);
create index loan_falls_due on lending.loan (next_due_on) where next_due_on is not null;

create table lending.instalment (
  loan             text not null references lending.loan (ref),
  position         int not null,
  kind             text not null check (kind in ('scheduled', 'early')),
  from_on          date not null,
  due_on           date not null,
  carried_minor    bigint not null check (carried_minor >= 0),
  fee_minor        bigint not null check (fee_minor >= 0),
  interest_minor   bigint not null check (interest_minor >= carried_minor),
  principal_minor  bigint not null check (principal_minor >= 0),
  penalty_minor    bigint not null check (penalty_minor >= 0),
  penalty_to       date not null,
  paid_fee         bigint not null check (paid_fee between 0 and fee_minor),
  paid_penalty     bigint not null check (paid_penalty between 0 and penalty_minor),
  paid_interest    bigint not null check (paid_interest between 0 and interest_minor),
  paid_principal   bigint not null check (paid_principal between 0 and principal_minor),
  primary key (loan, position)
);

-- Money that the bank sends: the loan itself, and what was paid beyond it. Written before it is sent, sent by reference.
create table lending.payout (
  reference    text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  loan         text not null references lending.loan (ref),
  partner_id   text not null,
  purpose      text not null check (purpose in ('disbursement', 'overpayment')),
  amount_minor bigint not null check (amount_minor > 0),
  status       text not null check (status in ('written', 'accepted', 'booked', 'rejected')),
  reason_code  text,
  tries        int not null default 0,
  next_at      timestamptz not null,
  created_at   timestamptz not null,
  unique (loan, purpose),
  check ((status = 'rejected') = (reason_code is not null))
);
create index payout_open on lending.payout (next_at) where status in ('written', 'accepted');

create table lending.payoff_quote (
  id              text primary key check (id ~ '^payoff_[0-9a-f]{32}$'),
  loan            text not null references lending.loan (ref),
  partner_id      text not null,
  payoff_on       date not null,
  fee_minor       bigint not null,
  penalty_minor   bigint not null,
  interest_minor  bigint not null,
  principal_minor bigint not null,
  loan_version    int not null,
  valid_until     timestamptz not null,
  created_at      timestamptz not null
);
create index payoff_quote_of_loan on lending.payoff_quote (loan, id desc);

create table lending.repayment (
  id              text primary key check (id ~ '^repayment_[0-9a-f]{32}$'),
  loan            text not null references lending.loan (ref),
  partner_id      text not null,
  -- A payment repays once, and one loan.
  payment_id      text not null unique,
  payoff_quote_id text references lending.payoff_quote (id),
  amount_minor    bigint not null check (amount_minor > 0),
  paid_on         date not null,
  fee_minor       bigint not null check (fee_minor >= 0),
  penalty_minor   bigint not null check (penalty_minor >= 0),
  interest_minor  bigint not null check (interest_minor >= 0),
  principal_minor bigint not null check (principal_minor >= 0),
  excess_minor    bigint not null check (excess_minor >= 0),
  created_at      timestamptz not null,
  constraint repayment_adds_up
    check (fee_minor + penalty_minor + interest_minor + principal_minor + excess_minor = amount_minor)
);
create index repayment_of_loan on lending.repayment (loan, id desc);
