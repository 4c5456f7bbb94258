-- An application speaks the newest version that was served when it was made: the day that a document bears is no proof of that.
alter table catalogue.document add column stable_at timestamptz;

-- Until now the day decided, so for what is published already it goes on deciding: no application moves by this.
update catalogue.document
   set stable_at = version::timestamp at time zone 'UTC'
 where openapi ->> 'x-stage' is distinct from 'beta';
