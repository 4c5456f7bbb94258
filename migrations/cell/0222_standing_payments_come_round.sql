-- A standing payment is an order that comes round: each execution is a payment of its own, at its own place.
create table payments.standing (
  id                  text primary key check (id ~ '^standing_[0-9a-f]{32}$'),
  partner_id          text not null,
  application_id      text not null,
  idempotency_key     text not null,
  body_sha256         text not null,
  consent_id          text not null unique,
  debtor_ref          text not null,
  debtor_account_id   text not null,
  amount_minor        bigint not null check (amount_minor > 0),
  currency            char(3) not null,
  creditor_number     text not null,
  creditor_bank       text not null,
  creditor_bank_given boolean not null,
  creditor_name       text not null,
  end_to_end_id       text,
  remittance          text,
  -- ISO 20022 Frequency6Code, and the day within the period.
  frequency           text not null check (frequency in ('DAIL', 'WEEK', 'FRTN', 'MNTH', 'QURT', 'MIAN', 'YEAR')),
  point_in_time       text,
  first_on            date not null,
  final_on            date,
  payments_max        int check (payments_max > 0),
  status              text not null check (status in ('ACTIVE', 'COMPLETED', 'CANCELLED')),
  reason_code         text,
  -- Place and time of the next execution, while it is active.
  next_position       int not null default 0,
  next_on             date,
  next_at             timestamptz,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  constraint standing_key_is_one_order unique (partner_id, idempotency_key),
  check ((status = 'ACTIVE') = (next_at is not null)),
  check ((status = 'CANCELLED') = (reason_code is not null))
);
create index standing_due on payments.standing (next_at) where status = 'ACTIVE';
