-- Who still speaks which version is what a promise to end it is measured by: that it was spoken on a day, and about how often.
create table usage.version_day (
  partner_id     text        not null,
  cell           text        not null check (cell in ('sandbox', 'production')),
  application_id text        not null,
  version        date        not null,
  operation      text        not null,
  day            date        not null,
  calls          bigint      not null check (calls > 0),
  last_at        timestamptz not null,
  primary key (partner_id, cell, application_id, version, operation, day)
);
create index version_day_of_version on usage.version_day (version, cell, day);
