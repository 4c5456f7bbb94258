-- A partner that leaves does so by a plan that two people agreed to: dated steps, each taken once.
create schema wind_downs;

create table wind_downs.plan (
  id           text primary key check (id ~ '^wind-down_[0-9a-f]{32}$'),
  partner_id   text not null,
  reason       text not null check (reason <> ''),
  -- Who serves the customers from then on, as they are told.
  successor    text,
  tell_by      timestamptz not null,
  export_by    timestamptz not null,
  ends_at      timestamptz not null,
  change_id    text not null,
  begun_at     timestamptz not null,
  told_at      timestamptz,
  exported_at  timestamptz,
  ended_at     timestamptz,
  check (begun_at <= tell_by and tell_by <= export_by and export_by <= ends_at)
);
create unique index plan_one_open on wind_downs.plan (partner_id) where ended_at is null;
