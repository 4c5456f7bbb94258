-- How each side signed a contract: the passkey's assertion over the document's hash, so that anybody can check it
-- without us, or that a second factor was fresh.
create table contracts.signature (
  contract_id     text not null references contracts.contract (id),
  side            text not null check (side in ('partner', 'bank')),
  signer          text not null,
  method          text not null check (method in ('passkey', 'fresh-factor')),
  document_sha256 text not null check (document_sha256 ~ '^[0-9a-f]{64}$'),
  evidence        jsonb not null,
  signed_at       timestamptz not null,
  primary key (contract_id, side)
);
create function contracts.signature_stays() returns trigger language plpgsql as $$
begin
  raise exception 'what was signed stays on record';
end $$;
create trigger signature_stays before update or delete or truncate on contracts.signature
  for each statement execute function contracts.signature_stays();
