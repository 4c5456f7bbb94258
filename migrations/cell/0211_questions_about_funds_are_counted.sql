-- Yes-or-no answers add up: whoever asks often enough learns the balance. So questions about an account are few a day.
create table accounts.funds_question (
  id         text primary key,
  -- By the partner's own name for the account.
  account_id text not null,
  asked_at   timestamptz not null
);
create index funds_question_of_account on accounts.funds_question (account_id, asked_at);
create index funds_question_age on accounts.funds_question (asked_at);
