-- Who signs with a national e-signature leaves a name and a personal number. They are kept as long as the law wants the
-- evidence of an agreement, five years behind its end; after that how it was signed stays, and by whom nobody can read.
create or replace function contracts.signature_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if to_jsonb(new) - 'evidence' = to_jsonb(old) - 'evidence'
       and new.evidence ? 'erasedAt' and not old.evidence ? 'erasedAt'
       and exists (select
                     from contracts.contract c
                    where c.id = old.contract_id
                      and coalesce(c.ends_at, case when c.status = 'withdrawn' then c.signed_at end)
                          <= (new.evidence ->> 'erasedAt')::timestamptz - interval '5 years') then
      return new;
    end if;
  end if;
  raise exception 'what was signed stays on record';
end $$;

drop trigger signature_stays on contracts.signature;
create trigger signature_stays before update or delete on contracts.signature
  for each row execute function contracts.signature_stays();
create trigger signatures_stay before truncate on contracts.signature
  for each statement execute function contracts.signature_stays();
create index signature_with_person on contracts.signature (signed_at)
  where method = 'e-signature' and not evidence ? 'erasedAt';
