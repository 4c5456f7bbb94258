-- A dispute takes part of one card transaction back, with evidence and in time. Of evidence only what it is and its hash are kept here.
create table cards.dispute (
  id               text primary key check (id ~ '^dispute_[0-9a-f]{32}$'),
  partner_id       text not null,
  card_id          text not null references cards.card (id),
  transaction_id   text not null references cards.movement (id),
  authorization_id text not null references cards.authorization (id),
  status           text not null check (status in ('opened', 'submitted', 'in_review', 'won', 'lost', 'withdrawn', 'expired')),
  reason           text not null,
  amount_minor     bigint not null check (amount_minor > 0),
  currency         char(3) not null,
  evidence_due_at  timestamptz not null,
  idempotency_key  text not null,
  body_sha256      text not null,
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  constraint dispute_key_is_one_dispute unique (partner_id, idempotency_key)
);
create index dispute_of_partner on cards.dispute (partner_id, id desc);
create index dispute_of_transaction on cards.dispute (transaction_id);
create index dispute_that_waits on cards.dispute (evidence_due_at) where status = 'opened';

create table cards.dispute_evidence (
  dispute_id  text not null references cards.dispute (id),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  kind        text not null,
  media_type  text not null,
  size_bytes  bigint not null check (size_bytes > 0),
  given_at    timestamptz not null,
  primary key (dispute_id, sha256)
);
