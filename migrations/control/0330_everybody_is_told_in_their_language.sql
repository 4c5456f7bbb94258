-- What the bank tells everybody is written in each of its languages and read in the reader’s; what it left out is read as `said`.
alter table status.bulletin add column words jsonb not null default '{}';
-- How the incident is called to everybody, by language; the latest bulletin that names it counts.
alter table status.bulletin add column titles jsonb not null default '{}';
alter table service_levels.maintenance add column words jsonb not null default '{}';
