-- Three ways back for money: a refund is paid by whoever was paid, a recall (camt.056) asks for it, and a return
-- (pacs.004) is the money that comes of a recall. A recall is answered; a refund and a return are transfers.
create table payments.recall (
  id              text primary key check (id ~ '^recall_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  payment_id      text not null references payments.payment (id),
  -- Whose programme was paid, where it was one: that partner answers.
  answering_partner_id text,
  reason          text not null,
  information     text,
  status          text not null check (status in ('PENDING', 'ACCEPTED', 'REJECTED')),
  -- ISO 20022 external payment cancellation rejection (camt.029).
  rejection       text,
  answer_by       timestamptz not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint recall_key_is_one_recall unique (partner_id, idempotency_key),
  check ((status = 'REJECTED') = (rejection is not null))
);
-- A payment is recalled by one recall at a time, and what was accepted is not recalled again.
create unique index recall_of_payment on payments.recall (payment_id) where status in ('PENDING', 'ACCEPTED');
create index recall_due on payments.recall (answer_by) where status = 'PENDING';
create index recall_of_partner on payments.recall (partner_id, id);
create index recall_to_answer on payments.recall (answering_partner_id, id);

create table payments.repayment (
  id              text primary key check (id ~ '^(refund|return)_[0-9a-f]{32}$'),
  kind            text not null check (kind in ('refund', 'return')),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  payment_id      text not null references payments.payment (id),
  recall_id       text references payments.recall (id),
  amount_minor    bigint not null check (amount_minor > 0),
  currency        char(3) not null,
  reason          text not null,
  status          text not null,
  reason_code     text,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint repayment_key_is_one_repayment unique (partner_id, idempotency_key),
  check ((kind = 'return') = (recall_id is not null)),
  check ((status = 'RJCT') = (reason_code is not null))
);
create index repayment_of_payment on payments.repayment (payment_id, id);
create unique index repayment_of_recall on payments.repayment (recall_id) where recall_id is not null;

alter table payments.transfer
  add column repayment_id text references payments.repayment (id),
  drop constraint transfer_purpose_check,
  add constraint transfer_purpose_check
    check (purpose in ('payment', 'leg', 'reversal', 'refund', 'repayment')),
  drop constraint transfer_check3,
  add constraint transfer_of_split check ((purpose in ('leg', 'reversal', 'refund')) = (split_id is not null)),
  add constraint transfer_of_its_repayment check ((purpose = 'repayment') = (repayment_id is not null));
create unique index transfer_of_repayment on payments.transfer (repayment_id) where repayment_id is not null;
create index transfer_from_account on payments.transfer (debtor_ref);
create index transfer_to_account on payments.transfer (creditor_number);
