-- Every batch of calls adds to tallies that are there: with room on its page a row is written beside itself, and no index has
-- to hear of it. Leaves of batches are digests: trying to make them smaller only takes time.
alter table usage.hour set (fillfactor = 70);
alter table usage.sealed_batch alter column leaves set storage external;
