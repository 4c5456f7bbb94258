-- Partners say where they want to be told; each event is owed to each of their endpoints until it has arrived.
alter table courier.event
  -- Order in which partners read what happened, whichever journal it came from.
  add column place    bigint generated always as identity unique,
  -- `simulated` came of a partner's wish in its sandbox, and of no line of its own.
  add column source   text   not null default 'cell' check (source in ('cell', 'control', 'simulated')),
  -- Which event of its subject it is for this partner, from 1 without a gap.
  add column sequence bigint not null default 1 check (sequence > 0),
  -- What the catalogue lets a partner read of the line: facts, no personal data.
  add column facts    jsonb  not null default '{}';
alter table courier.event drop constraint event_seq_key;
create unique index event_of_line on courier.event (source, seq) where source <> 'simulated';
drop index courier.event_of_partner;
create index event_of_partner on courier.event (partner_id, place);

-- How many events a subject has had for a partner.
create table courier.subject (
  partner_id text   not null,
  subject    text   not null,
  events     bigint not null check (events > 0),
  primary key (partner_id, subject)
);

-- The last line of control's journal that was taken over.
alter table courier.cursor add column control_seq bigint not null default 0 check (control_seq >= 0);

create table courier.endpoint (
  id             text primary key check (id ~ '^endpoint_[0-9a-f]{32}$'),
  partner_id     text not null,
  application_id text not null,
  url            text not null,
  -- `payments.settled`, `payments.*` or `*`.
  types          text[] not null check (cardinality(types) between 1 and 100),
  -- Whether the events of one subject arrive one after another.
  ordered        boolean not null,
  schemes        text[] not null check (schemes <@ array['v1a', 'v1'] and cardinality(schemes) > 0),
  -- The version that events are written in; null: the newest.
  version        date,
  status         text not null check (status in ('unproven', 'active', 'disabled', 'removed')),
  -- Why it is disabled: `gone`, `failing`, `partner`.
  disabled_for   text,
  -- An address that was changed waits, so that somebody can notice.
  starts_at      timestamptz not null,
  failures       int not null default 0 check (failures >= 0),
  openings       int not null default 0 check (openings >= 0),
  -- Until then nothing is sent: the circuit is open, or the partner asked for the time.
  open_until     timestamptz,
  failing_since  timestamptz,
  created_at     timestamptz not null,
  check ((status = 'disabled') = (disabled_for is not null))
);
create index endpoint_of_partner on courier.endpoint (partner_id, id);

create table courier.signing_key (
  id          text primary key check (id ~ '^whkey_[0-9a-f]{32}$'),
  endpoint_id text not null references courier.endpoint (id),
  scheme      text not null check (scheme in ('v1a', 'v1')),
  -- `whpk_…`; null for a shared secret.
  public      text,
  -- AES-256-GCM under the courier's own key.
  sealed      bytea not null,
  made_at     timestamptz not null,
  -- Signs until then; null: the current one of its scheme.
  ends_at     timestamptz,
  -- When a receiver last said that it verified with this key.
  verified_at timestamptz
);
create unique index signing_key_current on courier.signing_key (endpoint_id, scheme) where ends_at is null;
create index signing_key_of_endpoint on courier.signing_key (endpoint_id);

create table courier.delivery (
  id          bigint generated always as identity primary key,
  endpoint_id text   not null references courier.endpoint (id),
  event_id    text   not null references courier.event (id),
  place       bigint not null,
  -- The subject whose events arrive in order; null where they need not.
  lane        text,
  -- `waiting`: behind another one of its lane.
  status      text   not null check (status in ('due', 'waiting', 'delivered', 'dead', 'skipped')),
  due_at      timestamptz not null,
  attempts    int     not null default 0 check (attempts >= 0),
  replay      boolean not null default false,
  settled_at  timestamptz,
  unique (endpoint_id, event_id),
  check ((status in ('delivered', 'dead', 'skipped')) = (settled_at is not null)),
  check (status <> 'waiting' or lane is not null)
);
create index delivery_due  on courier.delivery (endpoint_id, due_at, place) where status = 'due';
create index delivery_lane on courier.delivery (endpoint_id, lane, place)
  where lane is not null and status in ('due', 'waiting', 'dead');
create index delivery_of_endpoint on courier.delivery (endpoint_id, place);
create index delivery_settled on courier.delivery (settled_at) where settled_at is not null;

-- What was tried and what came back.
create table courier.attempt (
  delivery_id bigint not null references courier.delivery (id) on delete cascade,
  number      int    not null check (number > 0),
  replay      boolean not null,
  at          timestamptz not null,
  ms          int    not null,
  -- HTTP status of the answer; null where none came.
  status      int,
  -- Why it failed, one word; null where it did not.
  failure     text,
  address     text,
  tls         text,
  -- The first 4 kB.
  answer      text
);
create index attempt_of_delivery on courier.attempt (delivery_id, at);

-- What a partner has to be told about its endpoints by people's ways.
create table courier.notice (
  id          bigint generated always as identity primary key,
  endpoint_id text not null references courier.endpoint (id),
  partner_id  text not null,
  kind        text not null check (kind in ('failing', 'disabled')),
  at          timestamptz not null
);

-- One courier of a cell sends at a time; what an earlier one learns after the next began does not count.
create table courier.sender (
  one  boolean primary key default true check (one),
  term bigint not null
);
insert into courier.sender (term) values (0);
