-- No identifier of the make-believe bank can be anybody's, whoever writes it: a PINFL begins with 1 to 6 and a STIR of
-- nine digits lies below 98, account numbers have no class 8, and the bank code 09998 is not given out.
alter table synthetic.customer add constraint nobody_has_this_number
  check (national_id ~ case kind when 'person' then '^9\d{13}$' else '^98\d{7}$' end);
alter table synthetic.account add constraint no_bank_has_this_account
  check (number ~ '^8\d{19}$' and bank_code = '09998');
