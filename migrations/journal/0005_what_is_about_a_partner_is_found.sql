-- A partner proves what was done about it, and staff look for it: by the partner that a line names in its facts.
create index entry_by_partner on journal.entry ((body::jsonb #>> '{data,partnerId}'), id)
  where body::jsonb #>> '{data,partnerId}' is not null;
