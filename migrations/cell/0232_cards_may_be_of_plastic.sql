-- A card may be sent, activated, lost and replaced; it spends from the account that the customer chose.
alter table cards.card
  add column programme_id    text references cards.programme (id),
  add column cardholder_id   text references cards.cardholder (id),
  -- The core's name of the account that the card spends from; cards of before this line have none.
  add column funding_ref     text,
  add column shipping        text check (shipping in ('pending', 'shipped', 'delivered', 'returned', 'failure')),
  add column delivery        text check (delivery in ('POST', 'COURIER', 'BRANCH')),
  -- A card is replaced once, on the same card account and under the same consent.
  add column replacement_for text unique references cards.card (id),
  drop constraint card_card_type_check,
  add constraint card_card_type_check check (card_type in ('virtual', 'physical')),
  add constraint card_of_plastic_is_sent check ((card_type = 'physical') = (shipping is not null)),
  drop constraint card_consent_issues_once,
  drop constraint card_opening_reference_key;
create unique index card_consent_issues_once on cards.card (consent_id) where replacement_for is null;
create unique index card_opens_its_account_once on cards.card (opening_reference) where replacement_for is null;
-- A card that has no token yet is nobody's; one of plastic is told while it is only ordered.
drop index cards.card_of_partner;
create index card_of_partner on cards.card (partner_id, id desc) where token is not null;
create index card_of_cardholder on cards.card (cardholder_id);
-- A card and those that replace it share their account, and what of their limits is used.
create index card_of_opening on cards.card (opening_reference);
