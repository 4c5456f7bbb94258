-- What the status page tells: what was measured of each part in each minute, the days that come of it, and the bank’s words
-- about incidents for everybody.
create schema status;

-- A look of our own: at a gateway, at a sign-in, at a product that perhaps nobody calls.
create table status.look (
  cell     text        not null check (cell in ('sandbox', 'production')),
  part     text        not null,
  minute   timestamptz not null,
  tries    int         not null check (tries > 0),
  answered int         not null check (answered between 0 and tries),
  primary key (cell, part, minute)
);

create table status.minute (
  cell    text        not null check (cell in ('sandbox', 'production')),
  part    text        not null,
  minute  timestamptz not null,
  good    bigint      not null check (good >= 0),
  total   bigint      not null check (total >= good and total > 0),
  -- Under work that was announced: it stands beside the good and the bad.
  planned boolean     not null,
  primary key (cell, part, minute)
);
create index minute_by_time on status.minute (minute);

create table status.day (
  cell    text not null check (cell in ('sandbox', 'production')),
  part    text not null,
  day     date not null,
  known   int  not null check (known >= 0),
  good    int  not null check (good between 0 and known),
  down    int  not null check (down between 0 and known),
  planned int  not null check (planned >= 0),
  primary key (cell, part, day)
);

-- Up to when calls were measured, so that nothing is left out by a control that was away.
create table status.reading (
  single boolean   primary key default true check (single),
  upto timestamptz not null
);

create table status.bulletin (
  id           text        primary key check (id ~ '^bulletin_[0-9a-f]{32}$'),
  incident_id  text        not null,
  state        text        not null check (state in ('investigating', 'identified', 'monitoring', 'resolved')),
  said         text        not null,
  parts        text[]      not null,
  published_at timestamptz not null,
  published_by text        not null
);
create index bulletin_of_incident on status.bulletin (incident_id, id);

-- Calls of the last minutes are counted every few seconds: they lie together on the disk, in order of time.
create index event_by_time on usage.event using brin (occurred_at) with (autosummarize = on);
