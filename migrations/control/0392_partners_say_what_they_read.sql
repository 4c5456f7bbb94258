-- What a program reads of an answer nobody sees from outside: a partner may say it, and is then told of nothing else.
create table versions.reading (
  application_id text        not null,
  operation      text        not null,
  -- JSON pointers, * for every item of a list.
  fields         text[]      not null,
  said_at        timestamptz not null,
  primary key (application_id, operation)
);
