-- A card's hold is placed, taken and given back by reference, so that asking twice is asking once.
create table synthetic.card_hold (
  reference       text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  account_ref     text references synthetic.account (ref),
  -- What was asked for, and what of it is still held. A hold that was cancelled before it came is 0 of 0.
  amount_minor    bigint not null check (amount_minor >= 0),
  remaining_minor bigint not null check (remaining_minor between 0 and amount_minor),
  currency        char(3),
  merchant        text,
  reason_code     text,
  hold_id         bigint references synthetic.hold (id) on delete set null,
  cancelled       boolean not null default false,
  check (reason_code is null or remaining_minor = 0)
);

-- Each use of a hold, and each credit to the account of a card, once.
create table synthetic.card_order (
  reference    text primary key check (reference ~ '^[A-Z0-9]{1,20}$'),
  -- The hold that it uses; none where it credits an account.
  hold         text references synthetic.card_hold (reference),
  kind         text not null check (kind in ('capture', 'release', 'credit')),
  account_ref  text not null references synthetic.account (ref),
  amount_minor bigint not null check (amount_minor > 0),
  posting_id   bigint references synthetic.posting (id),
  check ((posting_id is null) = (kind = 'release'))
);
