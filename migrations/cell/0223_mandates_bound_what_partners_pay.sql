-- A mandate is a customer's consent to payments within limits (OBIE: variable recurring payments). The payments made
-- under it are counted under its row's lock, so that its limits hold however many ask at once.
create table payments.mandate (
  id                text primary key check (id ~ '^mandate_[0-9a-f]{32}$'),
  partner_id        text not null,
  application_id    text not null,
  idempotency_key   text not null,
  body_sha256       text not null,
  consent_id        text not null unique,
  debtor_ref        text not null,
  debtor_account_id text not null,
  bank_code         text not null,
  currency          char(3) not null,
  max_minor         bigint not null check (max_minor > 0),
  -- [{ period, minor }] and [{ name, number, bankCode }], as they were approved.
  limits            jsonb not null,
  payees            jsonb not null,
  valid_to          timestamptz not null,
  status            text not null check (status in ('ACTIVE', 'REVOKED')),
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint mandate_key_is_one_mandate unique (partner_id, idempotency_key)
);

-- How far the cell's journal was read for consents that ended.
create table payments.reading (
  only_one boolean primary key default true check (only_one),
  seq      bigint not null check (seq >= 0)
);
insert into payments.reading (seq) select coalesce(max(seq), 0) from journal.chain;
