import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { FxCurrency } from './rate.ts'
import {
  type Calendar,
  cutOffOf,
  easter,
  isWeekend,
  openingOf,
  valueDateFor,
  valueDates,
} from './value-date.ts'

const calendar: Calendar = { zone: 'Asia/Tashkent', closed: [] }
/** In Tashkent, five hours before Greenwich. */
const here = (text: string) => Temporal.ZonedDateTime.from(`${text}[Asia/Tashkent]`).toInstant()
const told = (text: string, currencies: FxCurrency[] = ['USD', 'UZS'], closed = calendar) => {
  const { first, last, flags } = valueDates(currencies, here(text), closed)
  return [first.toString(), last.toString(), ...flags]
}

test('until the cut-off of a business day today is a value date, from then on the next is', () => {
  assert.deepEqual(told('2026-11-23T15:59:59'), ['2026-11-23', '2026-11-25'])
  assert.deepEqual(told('2026-11-23T16:00'), ['2026-11-24', '2026-11-27', 'AFTER_CUT_OFF'])
})

test('on a weekend the first value date is Monday', () => {
  assert.deepEqual(told('2026-11-21T10:00'), ['2026-11-23', '2026-11-25', 'WEEKEND'])
  assert.deepEqual(told('2026-11-22T23:59'), ['2026-11-23', '2026-11-25', 'WEEKEND'])
})

test('a holiday of either currency closes the day, and only of these two', () => {
  // Thanksgiving is the fourth Thursday of November.
  assert.deepEqual(told('2026-11-26T10:00'), ['2026-11-27', '2026-12-01', 'HOLIDAY'])
  assert.deepEqual(told('2026-11-26T10:00', ['EUR', 'UZS']), ['2026-11-26', '2026-11-30'])
  assert.equal(told('2026-12-08T10:00')[2], 'HOLIDAY')
  assert.equal(told('2026-12-08T10:00', ['EUR', 'USD']).length, 2)
  // Good Friday and Easter Monday of 2026.
  assert.equal(told('2026-04-03T10:00', ['EUR', 'UZS'])[0], '2026-04-07')
})

test('the days of the United States are those that the law names', () => {
  const days = ['2026-01-19', '2026-02-16', '2026-05-25', '2026-09-07', '2026-10-12', '2027-07-05']
  for (const day of days) assert.equal(told(`${day}T10:00`)[2], 'HOLIDAY', day)
  // A Saturday's holiday is not made up on Friday.
  assert.equal(told('2026-07-03T10:00').length, 2)
})

test('a day that was decreed is closed too', () => {
  const closed = [{ currency: 'UZS' as const, day: Temporal.PlainDate.from('2026-11-24') }]
  const with_ = { ...calendar, closed }
  assert.equal(told('2026-11-24T10:00', ['USD', 'UZS'], with_)[2], 'HOLIDAY')
  assert.deepEqual(told('2026-11-23T17:00', ['USD', 'UZS'], with_), [
    '2026-11-25',
    '2026-11-30',
    'AFTER_CUT_OFF',
  ])
})

test('a value date that is too early, too late or closed is refused', () => {
  const asking = (day: string) =>
    valueDateFor(
      Temporal.PlainDate.from(day),
      ['USD', 'UZS'],
      here('2026-11-24T10:00'),
      calendar,
    ).day.toString()
  assert.equal(asking('2026-11-24'), '2026-11-24')
  assert.equal(asking('2026-11-27'), '2026-11-27')
  for (const day of ['2026-11-23', '2026-11-26', '2026-11-28', '2026-11-30'])
    assert.throws(() => asking(day), { code: 'fx/value-date-invalid', status: 400 }, day)
})

test('Easter is where the tables have it', () => {
  const known = ['2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2038-04-25']
  for (const day of known) assert.equal(easter(Number(day.slice(0, 4))).toString(), day)
})

test('a value date is never in the past, never on a weekend, and its opening is before its cut-off', () => {
  const moments = fc.date({
    min: new Date('2026-01-01'),
    max: new Date('2031-01-01'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(
      moments,
      fc.subarray([...FxCurrency.options], { minLength: 2, maxLength: 2 }),
      (date, currencies) => {
        const now = Temporal.Instant.fromEpochMilliseconds(date.getTime())
        const { first, last, flags } = valueDates(currencies, now, calendar)
        const today = now.toZonedDateTimeISO(calendar.zone).toPlainDate()
        assert.equal(flags.length === 0, first.equals(today))
        assert.ok(Temporal.PlainDate.compare(first, today) >= 0)
        assert.ok(Temporal.PlainDate.compare(first, last) < 0)
        assert.ok(!isWeekend(first) && !isWeekend(last))
        assert.ok(Temporal.Instant.compare(now, cutOffOf(first, calendar)) < 0)
        assert.ok(
          Temporal.Instant.compare(openingOf(first, calendar), cutOffOf(first, calendar)) < 0,
        )
      },
    ),
  )
})
