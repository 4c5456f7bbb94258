-- What went wrong, whom it touched and what was done about it: lines are added, none is changed.
create schema incidents;

create table incidents.incident (
  id          text primary key check (id ~ '^incident_[0-9a-f]{32}$'),
  title       text not null check (title <> ''),
  severity    text not null check (severity in ('minor', 'significant', 'major')),
  cell        text check (cell in ('sandbox', 'production')),
  -- Empty: everybody.
  partner_ids text[] not null,
  began_at    timestamptz not null,
  opened_by   text not null,
  opened_at   timestamptz not null,
  ended_at    timestamptz,
  check (ended_at is null or ended_at >= began_at)
);
create index incident_began on incidents.incident (began_at desc);

create table incidents.line (
  id          bigint generated always as identity primary key,
  incident_id text not null references incidents.incident (id),
  kind        text not null check (kind in ('finding', 'measure', 'cause', 'report', 'end')),
  said        text not null check (said <> ''),
  by          text not null,
  at          timestamptz not null
);
create index line_of_incident on incidents.line (incident_id, id);

create function incidents.lines_stay() returns trigger language plpgsql as $$
begin
  raise exception 'what was said about an incident stays on record';
end $$;
create trigger line_stays before update or delete or truncate on incidents.line
  for each statement execute function incidents.lines_stay();
