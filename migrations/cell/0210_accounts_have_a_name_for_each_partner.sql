-- What a partner calls an account, so that no partner learns the bank's own names and no two can join their data.
create table accounts.alias (
  account_id   text primary key check (account_id ~ '^acc_[0-9a-f]{32}$'),
  partner_id   text not null,
  -- The customer as the same partner knows them: a consent of one opens no account of another.
  subject      text not null,
  customer_ref text not null,
  account_ref  text not null,
  bank_code    text not null check (bank_code ~ '^\d{5}$'),
  currency     char(3) not null,
  unique (partner_id, account_ref)
);

-- The same question within a day has the same answer. The question is kept as a keyed hash, never as text.
create table accounts.answer (
  partner_id  text not null,
  question    bytea not null check (length(question) = 32),
  -- The account by this partner's name for it; null where there is none.
  account_id  text,
  result      text not null check (result in ('MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE')),
  answered_at timestamptz not null,
  primary key (partner_id, question)
);
create index answer_age on accounts.answer (answered_at);
