-- What the authorization server must remember between two requests; each can be used up by one statement only.
create table oauth.artefact (
  model       text not null
              check (model in ('AuthorizationCode', 'RefreshToken', 'PushedAuthorizationRequest', 'Interaction')),
  -- SHA-256: whoever reads this table holds nothing that works.
  id_sha256   bytea not null check (length(id_sha256) = 32),
  payload     jsonb not null,
  -- The consent behind it.
  grant_id    text,
  consumed_at timestamptz,
  expires_at  timestamptz not null,
  primary key (model, id_sha256)
);
create index artefact_grant on oauth.artefact (grant_id) where grant_id is not null;
create index artefact_age on oauth.artefact (expires_at);

-- Client assertions and DPoP proofs that were seen (RFC 7523 §3, RFC 9449 §11.1): the first insert wins.
create table oauth.first_use (
  issuer     text not null,
  jti_sha256 bytea not null check (length(jti_sha256) = 32),
  expires_at timestamptz not null,
  primary key (issuer, jti_sha256)
);
create index first_use_age on oauth.first_use (expires_at);

-- A customer's visit to the dashboard: the browser holds the id, the table its SHA-256.
create table oauth.visit (
  id_sha256  bytea primary key check (length(id_sha256) = 32),
  state      jsonb not null,
  expires_at timestamptz not null
);
create index visit_age on oauth.visit (expires_at);
