import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  amount,
  dateOf,
  day,
  languages,
  momentOf,
  number,
  pluralCategories,
  pluralCategory,
  share,
  span,
} from './format.ts'

const hard = (text: string) => text.replaceAll('_', '\u00a0')

test('amounts keep one grouping and change only the decimal mark and the word', () => {
  const salary = { amount: '4812350.00', currency: 'UZS' }

  assert.equal(amount('en', salary), hard('4_812_350.00_soʻm'))
  assert.equal(amount('ru', salary), hard('4_812_350,00_сум'))
  assert.equal(amount('uz', salary), hard('4_812_350,00_soʻm'))
  assert.equal(amount('ru', { amount: '-12.50', currency: 'USD' }), hard('−12,50_USD'))
})

test('a figure longer than a float keeps every digit', () => {
  assert.equal(number('en', 9_007_199_254_740_993n), hard('9_007_199_254_740_993'))
  assert.equal(number('en', '0.000000000001'), '0.000000000001')
  assert.equal(number('en', 999), '999')
  assert.equal(number('en', '-1000'), hard('−1_000'))
})

test('days are written as each language writes them', () => {
  assert.equal(day('en', '2026-11-23'), hard('23_Nov 2026'))
  assert.equal(day('ru', '2026-11-23'), hard('23_нояб. 2026_г.'))
  assert.equal(day('uz', '2026-11-23'), '23-noyabr, 2026')
})

test('an instant is read on the bank’s wall clock, also over midnight', () => {
  assert.equal(momentOf('en', '2026-11-23T09:06:31Z', 'Asia/Tashkent'), hard('23_Nov 2026, 14:06'))
  assert.equal(dateOf('uz', '2026-12-31T20:00:00Z', 'Asia/Tashkent'), '1-yanvar, 2027')
  assert.equal(momentOf('en', '2026-11-23T19:00:00Z', 'Asia/Tashkent'), hard('24_Nov 2026, 00:00'))
})

test('a span shows its two largest units', () => {
  assert.equal(span('en', 2 * 3_600_000 + 9 * 60_000), hard('2_h 09_min'))
  assert.equal(span('ru', 2 * 3_600_000 + 9 * 60_000), hard('2_ч 09_мин'))
  assert.equal(span('uz', 2 * 3_600_000 + 9 * 60_000), hard('2_soat 09_daqiqa'))
  assert.equal(span('en', 40_000), hard('40_s'))
  assert.equal(span('en', 71 * 3_600_000), hard('2_d 23_h'))
  assert.equal(share('ru', '99.96'), hard('99,96_%'))
})

test('plural categories agree with CLDR for every number up to two hundred', () => {
  for (const language of languages) {
    const reference = new Intl.PluralRules(language)
    for (let count = 0; count <= 200; count++) {
      const category = pluralCategory(language, count)
      assert.equal(category, reference.select(count), `${language} ${count}`)
      assert.ok(pluralCategories[language].includes(category))
    }
  }
})
