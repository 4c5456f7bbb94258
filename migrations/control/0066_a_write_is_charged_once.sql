-- Two calls may bring the outcome of one write to a partner, where the first could not be kept: one of them is charged.
-- The key holds the partner, so that nobody can take another's charge for paid.
create table usage.charge (
  partner_id  text not null,
  charge_id   text not null check (charge_id ~ '^[0-9a-f]{32}$'),
  call_id     text not null,
  recorded_at timestamptz not null,
  primary key (partner_id, charge_id)
);
