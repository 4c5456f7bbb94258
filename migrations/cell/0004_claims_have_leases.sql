-- A claim whose gateway died is taken over when its lease has ended, so that a crash holds a key for seconds and not for days.
alter table once.claim add column lease_until timestamptz not null default now();
