-- Registers of supervisors as their files said on a day: kept whole, by digest, so that what was concluded can be checked.
create table licences.register_import (
  id          text primary key check (id ~ '^register-import_[0-9a-f]{32}$'),
  register    text not null check (register <> ''),
  format      text not null check (format in ('csv', 'eba')),
  sha256      text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content     bytea not null check (encode(sha256(content), 'hex') = sha256),
  taken_on    date not null,
  imported_by text not null,
  imported_at timestamptz not null,
  entries     int not null check (entries > 0),
  added       int not null,
  changed     int not null,
  gone        int not null
);
create index register_import_newest on licences.register_import (register, imported_at desc);

-- Entries of the newest import of each register.
create table licences.register_entry (
  register  text not null,
  number    text not null,
  import_id text not null references licences.register_import (id),
  name      text not null,
  country   char(2) not null,
  services  text[] not null,
  states    text[] not null,
  authorised boolean not null,
  primary key (register, number)
);

-- What each import said of a partner's licence.
create table licences.register_match (
  import_id  text not null references licences.register_import (id),
  partner_id text not null,
  number     text not null,
  verdict    text not null check (verdict in ('confirmed', 'gone', 'withdrawn', 'service-lost', 'state-lost')),
  statuses   text[] not null,
  primary key (import_id, partner_id, number)
);
create index register_match_of_partner on licences.register_match (partner_id, import_id desc);
