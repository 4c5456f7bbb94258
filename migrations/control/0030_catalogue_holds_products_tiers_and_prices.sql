-- What the bank offers, with which limits and at what price. A published price version never changes: contracts stand on it.
create table catalogue.product (
  id       text primary key check (id ~ '^[a-z][a-z-]*$'),
  title    text not null,
  position int  not null unique
);

create table catalogue.document (
  product_id  text        not null references catalogue.product,
  version     date        not null,
  openapi     jsonb       not null check (jsonb_typeof(openapi) = 'object'),
  -- Hex SHA-256 of the canonical document.
  sha256      text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  imported_at timestamptz not null,
  primary key (product_id, version)
);

create table catalogue.tier (
  name       text primary key,
  position   int   not null unique,
  -- Whether a contract may name it: the sandbox's and the law's tiers are not sold.
  sold       boolean not null,
  limits     jsonb not null check (jsonb_typeof(limits) = 'object'),
  changed_at timestamptz not null
);

create table catalogue.price_version (
  seq          bigint generated always as identity unique,
  id           text primary key,
  currency     char(3) not null,
  -- Unit price by operation, as decimal text: finer than a minor unit, rounded once, at the invoice line.
  unit_prices  jsonb not null check (jsonb_typeof(unit_prices) = 'object'),
  published_at timestamptz not null
);

create function catalogue.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'a published price version does not change';
end $$;
create trigger price_version_stays before update or delete or truncate on catalogue.price_version
  for each statement execute function catalogue.refuse();
