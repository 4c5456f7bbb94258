import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  businessDaysAfter,
  type Calendar,
  checkExecutionDate,
  CUT_OFF,
  executionOf,
  isBusinessDay,
} from './calendar.ts'

const calendar: Calendar = { zone: 'Asia/Tashkent', holidays: new Set(['2026-05-27']) }
const day = (text: string) => Temporal.PlainDate.from(text)
const at = (text: string) => Temporal.ZonedDateTime.from(`${text}[Asia/Tashkent]`).toInstant()

test('weekends, the yearly holidays and the announced ones are no business days', () => {
  for (const off of ['2026-11-21', '2026-11-22', '2026-12-08', '2027-01-01', '2026-05-27'])
    assert.equal(isBusinessDay(calendar, day(off)), false, off)
  assert.equal(isBusinessDay(calendar, day('2026-11-23')), true)
  // 8 December is Constitution Day, 12 and 13 a weekend.
  assert.equal(businessDaysAfter(calendar, day('2026-12-07'), 4).toString(), '2026-12-14')
})

test('an order for today is executed at once until the cut-off, and on the next business day after it', () => {
  const before = executionOf(calendar, day('2026-11-20'), at('2026-11-20T15:59:59'))
  assert.equal(before.at.toString(), at('2026-11-20T15:59:59').toString())
  const after = executionOf(calendar, day('2026-11-20'), at('2026-11-20T16:00'))
  assert.equal(after.on.toString(), '2026-11-23')
  assert.equal(after.at.toString(), at('2026-11-23T09:00').toString())
  const early = executionOf(calendar, day('2026-11-20'), at('2026-11-20T03:00'))
  assert.equal(early.at.toString(), at('2026-11-20T09:00').toString())
})

test('whatever is asked and whenever, it is executed on a business day, not before the day asked for, not in the past', () => {
  const instant = fc
    .integer({ min: 0, max: 365 * 86_400 })
    .map((s) => at('2026-01-01T00:00').add({ seconds: s }))
  fc.assert(
    fc.property(instant, fc.integer({ min: 0, max: 365 }), (now, ahead) => {
      const local = now.toZonedDateTimeISO(calendar.zone)
      const wanted = local.toPlainDate().add({ days: ahead })
      const { on, at: due } = executionOf(calendar, wanted, now)
      const dueLocal = due.toZonedDateTimeISO(calendar.zone)
      assert.equal(isBusinessDay(calendar, on), true)
      assert.equal(dueLocal.toPlainDate().toString(), on.toString())
      assert.ok(Temporal.PlainDate.compare(on, wanted) >= 0)
      assert.ok(Temporal.Instant.compare(due, now) >= 0)
      assert.ok(Temporal.PlainTime.compare(dueLocal.toPlainTime(), CUT_OFF) < 0)
    }),
  )
})

test('a day that is over, and one more than a year ahead, are refused', () => {
  const now = at('2026-11-20T12:00')
  for (const wrong of ['2026-11-19', '2027-11-21'])
    assert.throws(() => checkExecutionDate(calendar, day(wrong), now), {
      code: 'payments/execution-date-unusable',
    })
  checkExecutionDate(calendar, day('2026-11-20'), now)
  checkExecutionDate(calendar, day('2027-11-20'), now)
})
