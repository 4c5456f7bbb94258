-- Cards as the bank knows them: token and last four. No column of this schema could carry a card number.
create table cards.card (
  id                text primary key check (id ~ '^card_[0-9a-f]{32}$'),
  partner_id        text not null,
  application_id    text not null,
  idempotency_key   text not null,
  body_sha256       text not null,
  -- A consent issues one card.
  consent_id        text not null constraint card_consent_issues_once unique,
  customer_ref      text not null,
  subject           text not null,
  -- Ours, of the card account at the core: the same reference is the same account.
  opening_reference text not null unique,
  account_id        text,
  status            text not null check (status in ('ordered', 'inactive', 'active', 'suspended', 'lost', 'stolen', 'expired', 'closed')),
  card_type         text not null check (card_type in ('virtual')),
  currency          char(3) not null,
  reference         text,
  token             text unique,
  bin               text check (bin ~ '^\d{6}$'),
  last_four         text check (last_four ~ '^\d{4}$'),
  expiry_month      int check (expiry_month between 1 and 12),
  expiry_year       int,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint card_key_is_one_card unique (partner_id, idempotency_key),
  check (status = 'ordered' or (token is not null and account_id is not null and bin is not null and last_four is not null
                                and expiry_month is not null and expiry_year is not null))
);
create index card_of_partner on cards.card (partner_id, id desc) where status <> 'ordered';
