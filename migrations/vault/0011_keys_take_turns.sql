-- Keys are replaced while the vault works: each says under which key-encryption key it lies, and one that a card needs cannot go.
alter table vault.data_key
  -- The name that the key service gave the key-encryption key; null: from before keys had names.
  add column wrapped_by text,
  -- A key service of the bank's has a form of its own for what it wraps.
  drop constraint data_key_wrapped_check,
  add constraint data_key_wrapped_check check (length(wrapped) between 12 + 32 + 16 and 4096);

alter table vault.card
  add column key_purpose text not null generated always as ('card') stored,
  add constraint card_key_kept foreign key (key_purpose, bin, key_version)
    references vault.data_key (purpose, bin, version);

create index card_by_key on vault.card (bin, key_version);

create table vault.rotation (
  id          bigint generated always as identity primary key,
  begun_at    timestamptz not null,
  -- The key-encryption key that it leads to; null until that is made.
  key_id      text,
  finished_at timestamptz
);
-- One at a time: a second request goes on with the first.
create unique index rotation_one_open on vault.rotation ((true)) where finished_at is null;
