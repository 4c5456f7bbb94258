-- The agreement with a partner: offered by two people of the bank, signed by the partner, countersigned by the bank.
create table contracts.contract (
  id              text primary key,
  partner_id      text not null,
  template        text not null,
  tier            text not null,
  products        text[] not null check (cardinality(products) > 0),
  price_version   text not null,
  -- Canonical JSON: what both sides sign is this text, by its hash.
  document        text not null,
  document_sha256 text not null check (document_sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')),
  status          text not null check (status in ('offered', 'withdrawn', 'signed', 'active', 'frozen', 'ended')),
  offered_at      timestamptz not null,
  change_id       text not null,
  signed_by       text,
  signed_at       timestamptz,
  countersigned_by text,
  active_from     timestamptz,
  ends_at         timestamptz,
  check (status in ('offered', 'withdrawn') or (signed_by is not null and signed_at is not null)),
  check (status not in ('active', 'frozen') or (countersigned_by is not null and active_from is not null))
);
create index contract_of_partner on contracts.contract (partner_id, id desc);
-- One agreement rules at a time: which limits and prices hold must never be a question.
create unique index contract_one_in_force on contracts.contract (partner_id) where status in ('active', 'frozen');

-- What both sides read before they signed must not change under them.
create function contracts.keep_document() returns trigger language plpgsql as $$
begin
  if new.document <> old.document or new.partner_id <> old.partner_id or new.tier <> old.tier
     or new.products <> old.products or new.price_version <> old.price_version then
    raise exception 'the terms of a contract do not change';
  end if;
  return new;
end $$;
create trigger contract_keeps_document before update on contracts.contract
  for each row execute function contracts.keep_document();
