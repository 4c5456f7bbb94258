-- Systems that the bank puts behind the gateway besides its own, and documents on their way to becoming products.
-- An address belongs to one cell for good: what once held real data is never taken for a sandbox, nor the other way.
create table catalogue.origin (
  origin text primary key,
  cell   text not null check (cell in ('sandbox', 'production')),
  unique (origin, cell)
);

create table catalogue.upstream (
  id          text        not null check (id ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' and id not in ('bank', 'vault')),
  cell        text        not null,
  address     text        not null,
  origin      text        not null,
  -- PEM; null: the authorities that the machine trusts.
  ca          text,
  -- PEM of what the gateway shows, and its key, sealed for the cell's gateways.
  certificate text,
  sealed_key  text,
  changed_at  timestamptz not null,
  primary key (id, cell),
  foreign key (origin, cell) references catalogue.origin (origin, cell),
  check ((certificate is null) = (sealed_key is null))
);

create table catalogue.draft (
  product_id  text        primary key check (product_id ~ '^[a-z][a-z-]*$'),
  upstream_id text        not null,
  version     date        not null,
  -- The document as it was handed in.
  source      text        not null,
  -- What the bank says of it: a list of { target, update }, kept when the document is handed in again.
  overlay     jsonb       not null check (jsonb_typeof(overlay) = 'array'),
  saved_at    timestamptz not null
);

-- Permissions that the bank made for products of its own: the contract alone opens them.
create table catalogue.own_permission (
  permission text   primary key check (permission like 'products.%'),
  product_id text   not null references catalogue.product,
  scopes     text[] not null
);
