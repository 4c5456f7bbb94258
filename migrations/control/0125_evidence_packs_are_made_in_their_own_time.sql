-- A pack of a long period takes its time: it is asked for, left, and found again, made once, whichever process makes it.
create schema evidence_packs;

create table evidence_packs.pack (
  id         text        primary key,
  partner_id text        not null,
  from_at    timestamptz not null,
  to_at      timestamptz not null check (to_at > from_at),
  reader     text        not null check (reader in ('supervisor', 'partner')),
  asked_by   text        not null,
  asked_at   timestamptz not null,
  state      text        not null default 'waiting' check (state in ('waiting', 'making', 'made', 'failed')),
  steps_done int         not null default 0,
  tries      int         not null default 0,
  ended_at   timestamptz,
  bytes      bigint,
  sha256     text,
  fault      text,
  check ((state in ('made', 'failed')) = (ended_at is not null)),
  check ((state = 'made') = (sha256 is not null and bytes is not null)),
  check ((state = 'failed') = (fault is not null))
);
create index pack_unmade on evidence_packs.pack (id) where state in ('waiting', 'making');
create index pack_of_partner on evidence_packs.pack (partner_id, id desc);

-- The archive goes when its time is over; that it was made, and its digest, stay.
create table evidence_packs.archive (
  pack_id text  primary key references evidence_packs.pack (id),
  content bytea not null
);
