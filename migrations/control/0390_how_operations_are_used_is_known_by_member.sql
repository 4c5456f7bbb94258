-- Whom a change hits is answered by what applications really send and get: which member, which word of an enumeration,
-- between which bounds. A fact is one of those that the document allows to be said, so no value is ever here.
create table usage.fact (
  partner_id     text not null,
  cell           text not null check (cell in ('sandbox', 'production')),
  application_id text not null,
  version        date not null,
  operation      text not null,
  -- `body #/debtor/name length:[17,20]`
  fact           text not null,
  first_on       date not null,
  last_on        date not null check (last_on >= first_on),
  primary key (partner_id, cell, application_id, version, operation, fact)
);
create index fact_of_operation on usage.fact (operation, last_on);
