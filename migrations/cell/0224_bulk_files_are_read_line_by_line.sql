-- A file of payments: announced with its hash, sum and count, brought in parts, read into lines, authorised once, and
-- executed line by line. The bytes are kept until they were read; a line says what became of it for good.
create table payments.bulk (
  id                text primary key check (id ~ '^bulk_[0-9a-f]{32}$'),
  partner_id        text not null,
  application_id    text not null,
  idempotency_key   text not null,
  body_sha256       text not null,
  file_type         text not null check (file_type in ('pain.001.001.09', 'csv', 'json')),
  file_sha256       text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  file_reference    text,
  lines             int not null check (lines between 1 and 100000),
  sum_minor         bigint not null check (sum_minor > 0),
  currency          char(3) not null,
  requested_on      date,
  status            text not null
    check (status in ('AWUP', 'AWAU', 'ACCP', 'ACSP', 'PART', 'ACSC', 'RJCT', 'CANC')),
  reason_code       text,
  consent_id        text unique,
  debtor_ref        text,
  debtor_account_id text,
  debtor_bank       text,
  execute_at        timestamptz,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint bulk_key_is_one_file unique (partner_id, idempotency_key),
  check ((status in ('RJCT', 'CANC')) = (reason_code is not null))
);
create index bulk_running on payments.bulk (execute_at) where status in ('ACCP', 'ACSP');

create table payments.bulk_part (
  bulk_id text not null references payments.bulk (id),
  part    int not null check (part between 1 and 64),
  parts   int not null check (parts between 1 and 64),
  bytes   bytea not null,
  primary key (bulk_id, part),
  check (part <= parts)
);

create table payments.bulk_line (
  bulk_id         text not null references payments.bulk (id),
  line            int not null check (line > 0),
  amount_minor    bigint,
  creditor_number text,
  creditor_bank   text,
  creditor_name   text,
  end_to_end_id   text,
  remittance      text,
  -- Of a line that cannot be paid: an ISO 20022 reason and what is wrong with it. Of another: the payment it became.
  reason_code     text,
  detail          text,
  payment_id      text,
  primary key (bulk_id, line),
  check (reason_code is null or payment_id is null),
  check (reason_code is not null or (amount_minor > 0 and creditor_number is not null and creditor_name is not null))
);
create index bulk_line_waiting on payments.bulk_line (bulk_id, line) where reason_code is null and payment_id is null;
