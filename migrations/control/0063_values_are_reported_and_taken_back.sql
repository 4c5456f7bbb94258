-- What takes a value back names what it takes back; and values that no cell knows are reported, each reference once.
alter table usage.business_event add column reverses text;
create index business_event_of_subject on usage.business_event (partner_id, kind, subject);

create table usage.reported_value (
  partner_id   text        not null,
  -- Who reports: the partner its own revenue, the bank what its core charged.
  kind         text        not null check (kind in ('reported', 'account-fee')),
  reference    text        not null check (reference ~ '^[A-Za-z0-9._:-]{1,64}$'),
  amount_minor numeric     not null check (amount_minor > 0),
  currency     char(3)     not null,
  occurred_at  timestamptz not null,
  recorded_at  timestamptz not null,
  reported_by  text        not null,
  primary key (partner_id, kind, reference)
);
create index reported_value_by_time on usage.reported_value (partner_id, occurred_at);
