-- Which document was in force when a line of the journal was written is read off places: that of the line, and that of the
-- one that says the document was published. This is the second, so that nobody has to look for it.
alter table publication.document add column line bigint;

update publication.document d
   set line = c.seq
  from journal.entry e
  join journal.chain c on c.entry_id = e.id
 where e.body::jsonb ->> 'event' = 'publication.published'
   and e.body::jsonb ->> 'subject' = d.cell || '/' || d.audience
   and (e.body::jsonb #>> '{data,epoch}')::bigint = d.epoch;

create index document_by_line on publication.document (cell, audience, line desc) where line is not null;
