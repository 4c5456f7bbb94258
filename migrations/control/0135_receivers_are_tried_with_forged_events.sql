-- Whether a partner's receiver tells the bank's events from forged ones: it was sent both, and this is what it answered.
create schema certification;

create table certification.receiver_trial (
  id             bigint generated always as identity primary key,
  partner_id     text        not null,
  application_id text        not null,
  endpoint_id    text        not null,
  -- Each message: what it was, what was answered, and whether that was right.
  trials         jsonb       not null check (jsonb_typeof(trials) = 'array'),
  tried_by       text        not null,
  tried_at       timestamptz not null
);
create index receiver_trial_of_partner on certification.receiver_trial (partner_id, endpoint_id, id desc);

create function certification.trial_stays() returns trigger language plpgsql as $$
begin
  raise exception 'what was answered stays on record';
end $$;
create trigger trial_stays before update or delete or truncate on certification.receiver_trial
  for each statement execute function certification.trial_stays();
