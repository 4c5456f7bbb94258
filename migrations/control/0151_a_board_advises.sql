-- The partner advisory board: who sits on it, what it met about, what partners asked for, and what came of it.
create schema advisory;

create table advisory.member (
  id         text primary key check (id ~ '^member_[0-9a-f]{32}$'),
  partner_id text not null,
  person_id  text not null,
  since      timestamptz not null,
  seated_by  text not null,
  until      timestamptz check (until >= since)
);
create unique index member_one_seat on advisory.member (person_id) where until is null;

create table advisory.meeting (
  id             text primary key check (id ~ '^meeting_[0-9a-f]{32}$'),
  quarter        text not null unique check (quarter ~ '^\d{4}-Q[1-4]$'),
  held_on        date not null,
  chair          text not null check (chair ~ '^staff_[0-9a-f]{32}$'),
  status         text not null check (status in ('planned', 'held', 'published')),
  agenda         jsonb not null,
  -- What the quarter came to, as it was laid before the board; made anew until the board has met.
  pack           jsonb,
  pack_sha256    text check (pack_sha256 ~ '^[0-9a-f]{64}$'),
  pack_made_at   timestamptz,
  minutes        text check (minutes <> ''),
  published_at   timestamptz,
  -- The change that two people agreed to.
  change_id      text,
  planned_at     timestamptz not null,
  check ((pack is null) = (pack_sha256 is null) and (pack is null) = (pack_made_at is null)),
  check (status <> 'published' or (minutes is not null and published_at is not null and change_id is not null))
);

create table advisory.request (
  id          text primary key check (id ~ '^request_[0-9a-f]{32}$'),
  partner_id  text not null,
  filed_by    text not null,
  title       text not null check (title <> ''),
  body        text not null check (body <> ''),
  filed_at    timestamptz not null,
  closes_at   timestamptz not null check (closes_at > filed_at),
  status      text not null check (status in ('open', 'accepted', 'declined', 'delivered', 'withdrawn')),
  answer      text,
  answered_by text,
  answered_at timestamptz,
  check (status in ('open', 'withdrawn') or (answer is not null and answered_by is not null and answered_at is not null))
);
create index request_newest on advisory.request (id desc) where status <> 'withdrawn';

-- One vote a partner, which may change until voting closes.
create table advisory.vote (
  request_id text not null references advisory.request (id),
  partner_id text not null,
  choice     text not null check (choice in ('for', 'against')),
  cast_by    text not null,
  cast_at    timestamptz not null,
  primary key (request_id, partner_id)
);

create table advisory.decision (
  id         text primary key check (id ~ '^decision_[0-9a-f]{32}$'),
  meeting_id text not null references advisory.meeting (id),
  request_id text references advisory.request (id),
  said       text not null check (said <> ''),
  by         text not null,
  at         timestamptz not null
);
create index decision_of_meeting on advisory.decision (meeting_id, id);

create table advisory.action (
  id         text primary key check (id ~ '^action_[0-9a-f]{32}$'),
  meeting_id text not null references advisory.meeting (id),
  said       text not null check (said <> ''),
  -- The team that answers for it.
  owner      text not null,
  due_on     date not null,
  added_by   text not null,
  added_at   timestamptz not null,
  outcome    text,
  done_by    text,
  done_at    timestamptz,
  check ((done_at is null) = (outcome is null) and (done_at is null) = (done_by is null))
);
create index action_of_meeting on advisory.action (meeting_id, id);
