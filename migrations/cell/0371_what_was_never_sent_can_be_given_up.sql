-- When an order last went to the core: what was never sent is given up for certain, what was sent may be under way still.
-- The default is for the code before this one, which does not say it.
alter table payments.collection add column sent_at timestamptz default now();
