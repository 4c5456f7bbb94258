-- A version in trial is served to applications that asked for it, and to nobody by accident: nothing is promised of it.
create table versions.beta_use (
  application_id text not null,
  version        date not null,
  opted_at       timestamptz not null,
  primary key (application_id, version)
);
