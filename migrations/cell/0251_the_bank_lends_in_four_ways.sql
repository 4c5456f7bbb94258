-- The loans that the bank opens with: each counts its days by another convention, as the papers of such loans do.
insert into lending.product
  (id, position, name, currency, amount_min, amount_max, months_min, months_max, rate_ppm, penalty_ppm, fee_ppm, day_count, methods)
values
  ('consumer', 1, '{"en": "Consumer loan", "ru": "Потребительский кредит", "uz": "Isteʼmol krediti"}',
   'UZS', 100000000, 10000000000, 3, 60, 269000, 403500, 10000, 'ACT/365F', '{annuity,differentiated}'),
  ('microloan', 2, '{"en": "Microloan", "ru": "Микрозаём", "uz": "Mikroqarz"}',
   'UZS', 30000000, 5000000000, 1, 24, 320000, 480000, 0, '30/360', '{annuity}'),
  ('car', 3, '{"en": "Car loan", "ru": "Автокредит", "uz": "Avtokredit"}',
   'UZS', 1000000000, 60000000000, 12, 84, 240000, 360000, 5000, 'ACT/ACT-ISDA', '{annuity,differentiated}'),
  ('education-usd', 4, '{"en": "Education loan in dollars", "ru": "Образовательный кредит в долларах", "uz": "Dollardagi taʼlim krediti"}',
   'USD', 50000, 2000000, 6, 60, 90000, 135000, 0, 'ACT/360', '{annuity,differentiated}');
