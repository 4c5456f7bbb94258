-- The same question about a payee gets the same answer for a day. The question itself is kept as a keyed hash.
create table payments.payee_answer (
  partner_id  text not null,
  question    bytea not null,
  result      text not null check (result in ('MATCH', 'CLOSE_MATCH', 'NO_MATCH', 'NOT_POSSIBLE')),
  answered_at timestamptz not null,
  primary key (partner_id, question)
);
create index payee_answer_at on payments.payee_answer (partner_id, answered_at);
