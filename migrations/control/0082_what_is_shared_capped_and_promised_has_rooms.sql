-- Money goes both ways, is capped by those who spend it, and comes back where a promise was not kept: a room for each.
create schema revenue_share;
create schema budgets;
create schema service_levels;

create index invoice_notes on billing.invoice (credits) where credits is not null;
