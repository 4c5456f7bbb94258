-- A cardholder's PIN stands here as an enciphered block (ISO 9564-1, format 4); three wrong ones in a row close it.
alter table vault.data_key
  -- `card` encrypts rows, `cvc` makes verification codes, `pin` enciphers PIN blocks.
  drop constraint data_key_purpose_check,
  add constraint data_key_purpose_check check (purpose in ('card', 'cvc', 'pin'));

create table vault.pin (
  card_id     text primary key references vault.card,
  block       bytea not null check (length(block) = 16),
  wrong_tries int not null default 0 check (wrong_tries between 0 and 3),
  set_at      timestamptz not null
);

-- The page on which a cardholder chooses it: the bank opens it for a customer who is signed in, nobody else can.
create table vault.pin_session (
  digest     bytea primary key check (length(digest) = 32),
  card_id    text not null references vault.card,
  made_at    timestamptz not null,
  expires_at timestamptz not null check (expires_at <= made_at + interval '5 minutes'),
  used_at    timestamptz
);
create index pin_session_by_end on vault.pin_session (expires_at);
