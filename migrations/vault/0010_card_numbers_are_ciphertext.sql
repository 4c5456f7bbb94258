-- A number exists here as ciphertext only; that a number is taken is known by its keyed hash, beside nothing that says whose.
create table vault.data_key (
  -- `card` encrypts rows, `cvc` makes verification codes.
  purpose text not null check (purpose in ('card', 'cvc')),
  bin     text not null check (bin ~ '^\d{6,8}$'),
  version int  not null check (version > 0),
  -- Under the key-encryption key, which is not in this database: nonce, ciphertext, tag.
  wrapped bytea not null check (length(wrapped) = 12 + 32 + 16),
  made_at timestamptz not null,
  primary key (purpose, bin, version)
);

create table vault.card (
  card_id           text primary key,
  token             text not null unique check (token ~ '^pan_[0-9a-f]{32}$'),
  partner_id        text not null,
  bin               text not null,
  months            int  not null,
  expires_month     int  not null check (expires_month between 1 and 12),
  expires_year      int  not null,
  key_version       int  not null,
  sealed_number     bytea not null,
  sealed_cardholder bytea not null,
  revealable        boolean not null,
  issued_at         timestamptz not null
);

-- PCI DSS 3.5.1.1: the hash is keyed; it stands apart from the card, so that it cannot be joined with a truncated number.
create table vault.taken_number (
  lookup bytea primary key check (length(lookup) = 32)
);
