-- A write happens once: the first claim of (partner, operation, key) wins, and its answer is kept for replays.
create schema once;

create table once.claim (
  partner_id   text not null,
  operation    text not null,
  key          text not null,
  fingerprint  bytea not null check (length(fingerprint) = 32),
  call_id      text not null,
  state        text not null check (state in ('claimed', 'sent', 'done', 'unknown')),
  status       int,
  headers      jsonb,
  body         bytea,
  claimed_at   timestamptz not null default now(),
  done_at      timestamptz,
  primary key (partner_id, operation, key)
);
create index claim_age on once.claim (claimed_at);
