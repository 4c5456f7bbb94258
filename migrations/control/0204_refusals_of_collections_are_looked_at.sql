-- Somebody looked at why a collection was refused: it does not stand in the way of the next one any more.
alter table billing.collection
  add column cleared_at timestamptz,
  add constraint collection_cleared_was_rejected check (cleared_at is null or status = 'rejected');
