-- Whoever of the bank reads who a partner's people are has said why. The words are here, where they can be erased; the journal
-- has the purpose and a reference to them.
create table staff.reading (
  id        text        primary key,
  staff_id  text        not null,
  operation text        not null,
  subject   text        not null,
  purpose   text        not null,
  said      text        check (length(said) between 1 and 500),
  read_at   timestamptz not null
);
create index reading_of_subject on staff.reading (subject, id);

-- Who was erased has no name, no address and no password any more; what they did stays, under an id that leads to nobody.
alter table partners.person add column erased_at timestamptz;
alter table partners.person add constraint person_erased_has_left check (erased_at is null or status = 'left');
