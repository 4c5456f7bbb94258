-- A payment, a split and a refund are rows before any money moves; every movement of money is a transfer with its own
-- reference, so that an answer that was lost is asked for and nothing is sent twice.
create table payments.programme_account (
  account_ref text primary key,
  number      text not null unique check (number ~ '^\d{20}$'),
  bank_code   text not null check (bank_code ~ '^\d{5}$'),
  name        text not null,
  currency    char(3) not null
);

create table payments.programme (
  partner_id  text primary key,
  account_ref text not null references payments.programme_account (account_ref)
);

create table payments.payment (
  id                text primary key check (id ~ '^payment_[0-9a-f]{32}$'),
  partner_id        text not null,
  application_id    text not null,
  idempotency_key   text not null,
  body_sha256       text not null,
  -- A consent pays once, whatever becomes of the payment.
  consent_id        text not null constraint payment_consent_pays_once unique,
  debtor_ref        text not null,
  debtor_account_id text not null,
  amount_minor      bigint not null check (amount_minor > 0),
  currency          char(3) not null,
  creditor_number   text not null,
  creditor_bank     text not null,
  -- Whether the partner named the bank: the answer repeats what was asked.
  creditor_bank_given boolean not null,
  creditor_name     text not null,
  instruction_id    text,
  end_to_end_id     text,
  remittance        text,
  status            text not null,
  reason_code       text,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint payment_key_is_one_payment unique (partner_id, idempotency_key),
  check ((status = 'RJCT') = (reason_code is not null))
);

create table payments.split (
  id              text primary key check (id ~ '^split_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  payment_id      text not null references payments.payment (id),
  gross_minor     bigint not null check (gross_minor > 0),
  currency        char(3) not null,
  remainder_to    text,
  created_at      timestamptz not null,
  constraint split_key_is_one_split unique (partner_id, idempotency_key)
);
create index split_of_payment on payments.split (payment_id);

-- The sub-ledger: every minor unit of a leg is paid, held or reversed.
create table payments.leg (
  split_id          text not null references payments.split (id),
  leg_id            text not null,
  position          int not null,
  role              text not null check (role in ('seller', 'platform_fee', 'tax', 'delivery')),
  release_condition text not null check (release_condition in ('immediate', 'manual')),
  number            text not null,
  bank_code         text not null,
  bank_given        boolean not null,
  name              text not null,
  amount_minor      bigint not null check (amount_minor > 0),
  paid_minor        bigint not null check (paid_minor >= 0),
  held_minor        bigint not null check (held_minor >= 0),
  reversed_minor    bigint not null check (reversed_minor >= 0),
  -- Part of what was paid that is on its way back.
  reversing_minor   bigint not null check (reversing_minor between 0 and paid_minor),
  -- The transfer that is paying out what is held.
  releasing         text,
  reason_code       text,
  primary key (split_id, leg_id),
  constraint leg_adds_up check (paid_minor + held_minor + reversed_minor = amount_minor)
);

create table payments.refund (
  id              text primary key check (id ~ '^refund_[0-9a-f]{32}$'),
  split_id        text not null references payments.split (id),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  policy          text not null check (policy in ('PRO_RATA', 'BY_LEG', 'PLATFORM_BEARS')),
  reason          text not null,
  -- Where the payer is paid back: the account that paid.
  payer_number    text not null,
  payer_bank      text not null,
  payer_name      text not null,
  status          text not null,
  reason_code     text,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint refund_key_is_one_refund unique (partner_id, idempotency_key),
  check ((status = 'RJCT') = (reason_code is not null))
);
create index refund_of_split on payments.refund (split_id);

create table payments.refund_leg (
  refund_id  text not null references payments.refund (id),
  leg_id     text not null,
  -- Taken from what the leg holds, and from what it was paid.
  held_minor bigint not null check (held_minor >= 0),
  paid_minor bigint not null check (paid_minor >= 0),
  -- What was paid is back in the programme's account.
  returned   boolean not null,
  primary key (refund_id, leg_id),
  check (held_minor + paid_minor > 0)
);

create table payments.transfer (
  reference       text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  partner_id      text not null,
  purpose         text not null check (purpose in ('payment', 'leg', 'reversal', 'refund')),
  payment_id      text references payments.payment (id),
  split_id        text references payments.split (id),
  leg_id          text,
  refund_id       text references payments.refund (id),
  -- Of the release that asked for it, so that asking again with the same key is answered and not refused.
  idempotency_key text,
  debtor_ref      text not null,
  creditor_number text not null,
  creditor_bank   text not null,
  creditor_name   text not null,
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  text            text not null,
  status          text not null check (status in ('written', 'accepted', 'booked', 'rejected')),
  reason_code     text,
  tries           int not null default 0,
  -- When to look after it again, while it is open.
  next_at         timestamptz not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint transfer_key_is_one_release unique (partner_id, idempotency_key),
  check ((status = 'rejected') = (reason_code is not null)),
  check ((purpose = 'payment') = (payment_id is not null)),
  check ((purpose in ('leg', 'reversal')) = (leg_id is not null)),
  check ((purpose <> 'payment') = (split_id is not null)),
  check ((purpose in ('reversal', 'refund')) = (refund_id is not null))
);
-- A payment is sent by one transfer and a refund is paid by one.
create unique index transfer_of_payment on payments.transfer (payment_id) where purpose = 'payment';
create unique index transfer_of_refund on payments.transfer (refund_id) where purpose = 'refund';
create unique index transfer_of_reversal on payments.transfer (refund_id, leg_id) where purpose = 'reversal';
create index transfer_open on payments.transfer (next_at) where status in ('written', 'accepted');
