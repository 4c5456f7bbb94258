-- A card stands in a programme that the bank approved and belongs to a cardholder that it knows: both decide what the card may do.
create table cards.programme (
  id               text primary key check (id ~ '^programme_[0-9a-f]{32}$'),
  partner_id       text not null,
  application_id   text,
  -- The one that the contract over cards opens by itself: one for each partner.
  standard         boolean not null default false,
  name             text not null,
  status           text not null check (status in ('draft', 'bank_approved', 'live', 'suspended', 'closed')),
  -- What the bank stopped, only the bank lets go on.
  suspended_by     text check (suspended_by in ('partner', 'bank')),
  card_types       text[] not null check (cardinality(card_types) > 0),
  currencies       text[] not null check (cardinality(currencies) > 0),
  -- The issuer range, which the bank gives when it approves.
  bin              text check (bin ~ '^\d{6}$'),
  controls         jsonb not null,
  stand_in         jsonb not null,
  decision_url     text,
  idempotency_key  text not null,
  body_sha256      text not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint programme_key_is_one_programme unique (partner_id, idempotency_key),
  check ((status = 'suspended') = (suspended_by is not null)),
  check (status in ('draft', 'closed') or bin is not null)
);
create unique index programme_standard_is_one on cards.programme (partner_id) where standard;
create index programme_of_partner on cards.programme (partner_id, id desc);

create table cards.cardholder (
  id               text primary key check (id ~ '^cardholder_[0-9a-f]{32}$'),
  partner_id       text not null,
  application_id   text not null,
  status           text not null check (status in ('pending_kyc', 'active', 'blocked', 'closed')),
  blocked_by       text check (blocked_by in ('partner', 'bank')),
  -- Where the verification is kept. Never a document.
  kyc_reference    text,
  reference        text,
  -- Known once a customer of the bank consented to a card: the bank's own verification stands for them.
  customer_ref     text,
  idempotency_key  text not null,
  body_sha256      text not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint cardholder_key_is_one_cardholder unique (partner_id, idempotency_key),
  constraint cardholder_is_one_customer unique (partner_id, customer_ref),
  check ((status = 'blocked') = (blocked_by is not null))
);
create index cardholder_of_partner on cards.cardholder (partner_id, id desc);
