-- A sub-merchant that was rejected for a slip of the pen could never be registered again: its account stayed taken.
alter table payments.sub_merchant drop constraint sub_merchant_account_is_one;
create unique index sub_merchant_account_is_one
  on payments.sub_merchant (partner_id, number, bank_code) where status <> 'REJECTED';
