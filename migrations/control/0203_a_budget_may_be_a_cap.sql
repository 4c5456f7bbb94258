-- A budget that stops calls: what they cost is reserved at the gateways before they are let through. What was spent of
-- its first month before it counted, and when that month ends, where its months are.
alter table budgets.budget
  add column hard       boolean     not null default false,
  add column used_minor numeric     not null default 0 check (used_minor >= 0),
  add column used_until timestamptz,
  add column zone       text,
  add constraint budget_cap_is_whole check (not hard or (used_until is not null and zone is not null));
