-- What partners have to know reaches people too: a notice on the portal's page, a mail, and a day in the calendar.
create schema webhooks;

create table webhooks.notice (
  id           text primary key check (id ~ '^notice_[0-9a-f]{32}$'),
  partner_id   text not null,
  -- What it is of: `endpoint-failing`, `version-deprecated`, …
  kind         text not null,
  subject      text not null,
  -- Where it says the same of the same thing again, it is not said again.
  key          text not null,
  title        text not null,
  body         text not null,
  -- When what it announces happens; null: it has.
  happens_at   timestamptz,
  made_at      timestamptz not null,
  -- Whether the partner has to say that it has read it.
  acknowledge  boolean not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  unique (partner_id, key),
  check ((acknowledged_at is null) = (acknowledged_by is null))
);
create index notice_of_partner on webhooks.notice (partner_id, id);

-- Each person is mailed once; a mail that is not taken is tried again.
create table webhooks.letter (
  notice_id text not null references webhooks.notice (id),
  person_id text not null,
  sent_at   timestamptz,
  tries     int not null default 0,
  next_at   timestamptz not null,
  primary key (notice_id, person_id)
);
create index letter_waiting on webhooks.letter (next_at) where sent_at is null;

-- How far each cell's courier was heard.
create table webhooks.heard (
  cell   text primary key check (cell in ('sandbox', 'production')),
  notice bigint not null default 0 check (notice >= 0)
);
insert into webhooks.heard (cell) values ('sandbox'), ('production');
