-- Partners ask for the proofs of what they did themselves: by who did it, newest first.
create index entry_by_actor on journal.entry ((body::jsonb ->> 'actor'), id);
