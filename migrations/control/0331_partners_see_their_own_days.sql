-- What a partner's own calls made of each of its days: added up once when the day is over, and again while late calls may
-- still change it, so that its own view of ninety days reads ninety rows and not ninety days of calls.
create table status.partner_day (
  partner_id text   not null,
  product    text   not null,
  day        date   not null,
  calls      bigint not null check (calls > 0),
  bad        bigint not null check (bad between 0 and calls),
  known      int    not null check (known > 0),
  good       int    not null check (good between 0 and known),
  down       int    not null check (down between 0 and known),
  primary key (partner_id, product, day)
);

-- The last day that was added up.
alter table status.reading add column settled date;
