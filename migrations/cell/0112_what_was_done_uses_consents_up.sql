-- How far the cell's journal was read for consents that were used up. What was done before this is past its end in a day.
create table consents.reading (
  only_one boolean primary key default true check (only_one),
  seq      bigint not null check (seq >= 0)
);
insert into consents.reading (seq) select coalesce(max(seq), 0) from journal.chain;
