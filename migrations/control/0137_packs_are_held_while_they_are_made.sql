-- Whoever makes a pack holds it, and says so again while it works: nobody takes it for dead because it is long. What failed
-- waits a little before it is tried again.
alter table evidence_packs.pack add column held_until timestamptz;
create index pack_ended on evidence_packs.pack (partner_id, reader, ended_at);
