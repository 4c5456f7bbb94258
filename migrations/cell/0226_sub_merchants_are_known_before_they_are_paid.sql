-- Whom a programme pays: registered, verified by the bank, and paid only then.
create table payments.sub_merchant (
  id                  text primary key check (id ~ '^submerchant_[0-9a-f]{32}$'),
  partner_id          text not null,
  application_id      text not null,
  idempotency_key     text not null,
  body_sha256         text not null,
  legal_name          text not null,
  registration_number text not null check (registration_number ~ '^\d{9}$'),
  category_code       text,
  number              text not null check (number ~ '^\d{20}$'),
  bank_code           text not null check (bank_code ~ '^\d{5}$'),
  bank_given          boolean not null,
  status              text not null check (status in ('PENDING', 'VERIFIED', 'REJECTED')),
  reason              text,
  -- When the bank looks again at one that is pending.
  next_at             timestamptz not null,
  created_at          timestamptz not null,
  updated_at          timestamptz not null,
  constraint sub_merchant_key_is_one unique (partner_id, idempotency_key),
  constraint sub_merchant_account_is_one unique (partner_id, number, bank_code)
);
create index sub_merchant_pending on payments.sub_merchant (next_at) where status = 'PENDING';

alter table payments.leg add column sub_merchant_id text references payments.sub_merchant (id);
create index leg_of_sub_merchant on payments.leg (sub_merchant_id) where sub_merchant_id is not null;
