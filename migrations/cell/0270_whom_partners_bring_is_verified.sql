-- Whom partners bring is verified, what customers allow is told once, and what the law lets go is erased in time.
create schema kyc;

create table kyc.verification (
  id              text primary key check (id ~ '^verification_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  kind            text not null check (kind in ('person', 'business')),
  status          text not null check (status in ('created', 'collecting', 'processing', 'manual_review', 'verified', 'rejected', 'expired')),
  -- The partner's own name of its customer; goes with the person.
  reference       text,
  purpose         text not null,
  -- What the document set must hold, one word each.
  requirements    text[] not null,
  -- Who it is about, sealed; null once it was erased.
  sealed          bytea,
  deadline        timestamptz not null,
  submitted_at    timestamptz,
  ended_at        timestamptz,
  erase_at        timestamptz,
  erased_at       timestamptz,
  -- When time or the registers may change it next; null when nothing can.
  look_at         timestamptz,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  constraint verification_key_is_one unique (partner_id, idempotency_key),
  check ((erased_at is null) = (sealed is not null)),
  check (erased_at is null or reference is null),
  check ((ended_at is null) = (status not in ('verified', 'rejected', 'expired')))
);
create index verification_of_partner on kyc.verification (partner_id, id desc);
create index verification_to_look_at on kyc.verification (look_at) where look_at is not null;

create table kyc.document (
  id              text primary key check (id ~ '^document_[0-9a-f]{32}$'),
  verification_id text not null references kyc.verification (id),
  idempotency_key text not null,
  body_sha256     text not null,
  type            text not null,
  media_type      text not null,
  bytes           int not null check (bytes > 0),
  sha256          text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  -- The document itself, sealed; null once it was erased. No operation reads it out.
  sealed          bytea,
  received_at     timestamptz not null,
  constraint document_key_is_one unique (verification_id, idempotency_key)
);
create index document_of_verification on kyc.document (verification_id, id);

create table kyc.business (
  id              text primary key check (id ~ '^business_[0-9a-f]{32}$'),
  verification_id text not null unique references kyc.verification (id),
  partner_id      text not null,
  -- Who owns and who controls, as it was found when it was declared: refs of the partner's and fractions, no names.
  owners          jsonb not null,
  unexplained     text not null,
  created_at      timestamptz not null
);

create table kyc.screening (
  id              text primary key check (id ~ '^screening_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  verification_id text not null references kyc.verification (id),
  result          text not null check (result in ('clear', 'review', 'unavailable')),
  screened_at     timestamptz not null,
  constraint screening_key_is_one unique (partner_id, idempotency_key)
);
create index screening_of_verification on kyc.screening (verification_id, screened_at desc);

-- What a customer allowed to be told. What was told stays with the partner; here is only that it was.
create table kyc.claims_request (
  id              text primary key check (id ~ '^claims_[0-9a-f]{32}$'),
  partner_id      text not null,
  application_id  text not null,
  idempotency_key text not null,
  body_sha256     text not null,
  -- A consent is told on once.
  consent_id      text not null constraint claims_consent_tells_once unique,
  subject         text not null,
  predicates      text[] not null,
  claims          text[] not null,
  requested_at    timestamptz not null,
  -- Null until it was told.
  told_at         timestamptz,
  constraint claims_key_is_one unique (partner_id, idempotency_key)
);

-- The same question within a day has the same answer. The question is kept as a keyed hash, never as text.
create table kyc.answer (
  partner_id  text not null,
  question    bytea not null check (length(question) = 32),
  subject     text not null,
  result      text not null check (result in ('TRUE', 'FALSE', 'UNAVAILABLE')),
  answered_at timestamptz not null,
  primary key (partner_id, question)
);
create index answer_about on kyc.answer (partner_id, subject, answered_at);
create index answer_age on kyc.answer (answered_at);

-- A partner whose answers are mostly no is looked at: once an hour at most.
create table kyc.alarm (
  partner_id text not null,
  hour       timestamptz not null,
  primary key (partner_id, hour)
);
