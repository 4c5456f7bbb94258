-- The whole record of a consent: on what ground, for how long, how often, who signed, when they must sign in again.
alter table consents.consent
  -- A consent that a partner laid down has nobody until somebody signs in.
  alter column customer_id drop not null,
  alter column subject drop not null,
  -- Company whose accounts they are, where signatories answer for one.
  add column holder            text,
  add column purpose           jsonb,
  add column legal_basis       text not null default 'explicit-consent'
             check (legal_basis in ('explicit-consent', 'payment-order', 'contract', 'law')),
  add column duration          text not null default 'TIME_BOUND'
             check (duration in ('ONE_TIME', 'TIME_BOUND', 'PERSISTENT')),
  add column lookback_days     int check (lookback_days >= 0),
  add column transaction_from  timestamptz,
  add column transaction_to    timestamptz,
  add column frequency_per_day int not null default 4 check (frequency_per_day >= 4),
  add column sca_level         text,
  add column next_sca_due_at   timestamptz,
  -- Type, who decided, when; null: strong authentication stands behind it.
  add column exemption         jsonb,
  add column signatures        int not null default 1 check (signatures > 0),
  -- Who answered how and when; who is still waited for.
  add column authorisations    jsonb not null default '[]',
  add column extensions        jsonb not null default '[]',
  -- SHA-256 of what a submission must repeat.
  add column link_sha256       bytea check (length(link_sha256) = 32),
  add column contract          text,
  add check (customer_id is not null
             or status in ('AWAITING_AUTHORISATION', 'REVOKED', 'EXPIRED'));

update consents.consent
   set duration        = case type when 'urn:bank:payment:v1' then 'ONE_TIME'
                                   when 'urn:bank:card-issue:v1' then 'PERSISTENT'
                                   else 'TIME_BOUND' end,
       legal_basis     = case type when 'urn:bank:payment:v1' then 'payment-order'
                                   when 'urn:bank:card-issue:v1' then 'contract'
                                   else 'explicit-consent' end,
       purpose         = detail -> 'purpose',
       sca_level       = case when last_sca_at is not null then 'urn:bank:sca' end,
       next_sca_due_at = case type when 'urn:bank:accounts:v1' then last_sca_at + interval '180 days' end,
       authorisations  = case when last_sca_at is null then '[]'::jsonb
                              else jsonb_build_array(jsonb_build_object(
                                     'party', customer_id, 'status', 'AUTHORISED', 'method', 'urn:bank:sca',
                                     'at', to_char(last_sca_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))) end;

-- A signatory finds what waits for them.
create index consent_party on consents.consent using gin (authorisations jsonb_path_ops);
create index consent_staged on consents.consent (application_id, created_at)
  where customer_id is null and status = 'AWAITING_AUTHORISATION';

-- What moved it, so that its state can be read from its history alone, and the request that did.
alter table consents.event
  add column move           text check (move in ('ask', 'sign', 'authorise', 'renew', 'reject', 'suspend', 'resume',
                                                 'consume', 'revoke')),
  add column interaction_id text;
