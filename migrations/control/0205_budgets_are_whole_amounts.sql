-- All caps are in one document of the gateways: a row that is no whole number of minor units would keep it from everybody.
alter table budgets.budget
  add constraint budget_is_whole check (limit_minor = trunc(limit_minor) and used_minor = trunc(used_minor));
