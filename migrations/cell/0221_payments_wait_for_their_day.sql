-- A payment may wait for a day, and may be one of many that one consent allows. What a consent allows once is used in
-- one place for all kinds of orders; each status that a payment had is kept, and none comes twice.
create table payments.consent_use (
  consent_id text primary key,
  -- The payment, standing payment, mandate or bulk that used it.
  order_id   text not null
);
insert into payments.consent_use (consent_id, order_id) select consent_id, id from payments.payment;

alter table payments.payment
  add column origin text not null default 'single' check (origin in ('single', 'standing', 'mandate', 'bulk')),
  -- The order that it belongs to, and its place there.
  add column order_id text,
  add column order_position int,
  -- The day that was asked for; null: at once.
  add column requested_on date,
  -- The day of the bank on which it counts, and when it is due.
  add column executes_on date,
  add column execute_at timestamptz,
  add constraint payment_belongs_to_its_order check ((origin = 'single') = (order_id is null)),
  drop constraint payment_check,
  add constraint payment_says_why_not check ((status in ('RJCT', 'CANC', 'BLCK')) = (reason_code is not null)),
  drop constraint payment_consent_pays_once;
create unique index payment_consent_pays_once on payments.payment (consent_id) where origin = 'single';
-- Each place of an order is paid once, whoever races for it.
create unique index payment_place_is_paid_once on payments.payment (order_id, order_position)
  where order_position is not null;
create index payment_of_order on payments.payment (order_id, executes_on) where order_id is not null;
create index payment_waiting on payments.payment (execute_at) where status = 'ACCP';
create index payment_of_partner on payments.payment (partner_id, id);
create index payment_into_account on payments.payment (creditor_number, creditor_bank);

create table payments.payment_status (
  payment_id  text not null references payments.payment (id),
  status      text not null,
  reason_code text,
  at          timestamptz not null,
  primary key (payment_id, status)
);
insert into payments.payment_status (payment_id, status, reason_code, at)
select id, status, reason_code, updated_at from payments.payment;

-- Days on which the bank does not settle, beside weekends and the holidays that return each year on their date:
-- Ramazon hayiti and Qurbon hayiti follow the moon and are announced.
create table payments.bank_holiday (
  day  date primary key,
  name text not null
);
insert into payments.bank_holiday (day, name) values
  ('2026-03-20', 'Ramazon hayiti'),
  ('2026-05-27', 'Qurbon hayiti'),
  ('2027-03-10', 'Ramazon hayiti'),
  ('2027-05-16', 'Qurbon hayiti');
