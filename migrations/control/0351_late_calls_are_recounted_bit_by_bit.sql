-- What gateways may have told late is counted again in small windows, one a round, so that the newest minutes never wait for
-- the oldest. From where the next window begins; null while nothing is left to count again.
alter table status.reading add column recount_from timestamptz;
