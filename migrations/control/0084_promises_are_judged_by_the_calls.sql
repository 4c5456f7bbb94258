-- What the bank promised a partner about a product, what excuses it, and each judgement with all that it stood on.
create table service_levels.agreement (
  id          text        primary key check (id ~ '^level_[0-9a-f]{32}$'),
  partner_id  text        not null,
  contract_id text        not null,
  -- Method, objectives, bands, cap, maintenance: what two people agreed to.
  terms       jsonb       not null check (jsonb_typeof(terms) = 'object'),
  starts_on   date        not null,
  ends_on     date        check (ends_on > starts_on),
  agreed_at   timestamptz not null,
  change_id   text        not null
);
create index agreement_of_contract on service_levels.agreement (partner_id, contract_id, id);

-- Announced work. It excuses only where the contract says so, and only with its notice.
create table service_levels.maintenance (
  id           text        primary key check (id ~ '^maintenance_[0-9a-f]{32}$'),
  product      text        not null,
  starts_at    timestamptz not null,
  ends_at      timestamptz not null check (ends_at > starts_at),
  reason       text        not null,
  announced_at timestamptz not null,
  announced_by text        not null
);
create index maintenance_by_time on service_levels.maintenance (product, starts_at);

-- A call of our own where partners make none: no traffic is no proof of health.
create table service_levels.probe (
  product    text        not null,
  minute     timestamptz not null,
  tries      int         not null check (tries > 0),
  answered   int         not null check (answered between 0 and tries),
  primary key (product, minute)
);

create table service_levels.evaluation (
  id           text        primary key check (id ~ '^evaluation_[0-9a-f]{32}$'),
  agreement_id text        not null references service_levels.agreement,
  month        date        not null,
  result       jsonb       not null check (jsonb_typeof(result) = 'object'),
  sha256       text        not null check (sha256 ~ '^[0-9a-f]{64}$'),
  made_at      timestamptz not null,
  unique (agreement_id, month, sha256)
);
create function service_levels.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'what was judged stays: judge again';
end $$;
create trigger evaluation_stays before update or delete or truncate on service_levels.evaluation
  for each statement execute function service_levels.refuse();
