-- What partners may hear of, kept in the order of the journal until it is delivered; the cursor moves with the events.
create table courier.cursor (
  one boolean primary key default true check (one),
  seq bigint not null check (seq >= 0)
);
insert into courier.cursor (seq) values (0);

create table courier.event (
  id             text primary key check (id ~ '^event_[0-9a-f]{32}$'),
  -- Place of its line in the cell's journal: an event is a line that a partner may read.
  seq            bigint not null unique,
  type           text not null,
  subject        text not null,
  partner_id     text not null,
  application_id text,
  happened_at    timestamptz not null
);
create index event_of_partner on courier.event (partner_id, seq);
