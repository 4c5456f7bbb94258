-- What a partner is held as is looked at again, at least once a year: until two people confirm it, on a day that is known
-- before, less and less is open.
create table licences.recertification (
  id         text        primary key,
  partner_id text        not null,
  occasion   text        not null,
  reason     text,
  owner      text,
  opened_by  text        not null,
  opened_at  timestamptz not null,
  due_at     timestamptz not null check (due_at > opened_at),
  state      text        not null default 'open' check (state in ('open', 'confirmed', 'revoked')),
  decided_at timestamptz,
  change_id  text,
  told       text[]      not null default '{}',
  check ((state = 'open') = (decided_at is null)),
  check ((state = 'confirmed') = (change_id is not null))
);
create unique index recertification_one_open on licences.recertification (partner_id) where state = 'open';
create index recertification_of_partner on licences.recertification (partner_id, id desc);
