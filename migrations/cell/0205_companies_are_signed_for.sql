-- A company has no password: people sign for it, and the bank's rule says how many of them must agree.
create table customers.organisation (
  core_ref     text primary key,
  display_name text not null,
  signatures   int not null check (signatures > 0)
);

create table customers.signatory (
  core_ref    text not null references customers.organisation (core_ref),
  customer_id text not null references customers.customer (id),
  primary key (core_ref, customer_id)
);
create index signatory_customer on customers.signatory (customer_id);
