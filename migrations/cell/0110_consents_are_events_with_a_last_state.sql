-- With whose permission: what a customer has let a partner do. The row is the last state of its events.
create table consents.consent (
  id               text primary key check (id ~ '^consent_[0-9a-f]{32}$'),
  -- SHA-256 of the pushed request that asked: one request asks for one consent, however often it is visited.
  request_sha256   bytea not null unique check (length(request_sha256) = 32),
  partner_id       text not null,
  -- As the customer read it.
  partner_name     text not null,
  application_id   text not null,
  application_name text not null,
  customer_id      text not null,
  -- The customer as this partner knows them.
  subject          text not null,
  type             text not null,
  detail           jsonb not null,
  scopes           jsonb not null,
  accounts         jsonb not null,
  status           text not null check (status in (
                     'AWAITING_AUTHORISATION', 'PARTIALLY_AUTHORISED', 'AUTHORISED', 'SUSPENDED',
                     'CONSUMED', 'REJECTED', 'REVOKED', 'EXPIRED')),
  -- The door by which it ended.
  ended_by         text check (ended_by in ('customer', 'partner', 'bank')),
  created_at       timestamptz not null,
  authorised_at    timestamptz,
  ended_at         timestamptz,
  expires_at       timestamptz not null,
  last_sca_at      timestamptz,
  -- Version of the licence matrix that it was asked under.
  matrix           text not null,
  check (status <> 'REVOKED' or ended_by is not null)
);
create index consent_customer on consents.consent (customer_id, id desc);
create index consent_application on consents.consent (application_id, id desc);

-- The history: only ever added to.
create table consents.event (
  consent_id  text not null references consents.consent (id),
  seq         int not null check (seq > 0),
  at          timestamptz not null,
  status      text not null,
  actor       text not null,
  -- page, dashboard, token-endpoint, api, console
  channel     text not null,
  reason      text,
  primary key (consent_id, seq)
);
create function consents.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'the history of a consent is only added to';
end $$;
create trigger event_stays before update or delete or truncate on consents.event
  for each statement execute function consents.refuse();
