import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Support } from '#control/contracts/index.ts'
import { dueAt } from './due.ts'

const at = (text: string) => Temporal.Instant.from(text)
const promised = (
  minutes: number,
  hours: Support['hours'] = { from: '09:00', to: '18:00', zone: 'Asia/Tashkent' },
) =>
  Support.parse({
    hours,
    firstAnswerMinutes: { critical: minutes, major: minutes, minor: minutes },
  })
const due = (minutes: number, openedAt: string, hours?: Support['hours']) =>
  dueAt(promised(minutes, hours), 'major', at(openedAt)).toString()

test('minutes count in the office hours of the contract’s zone, and go on with the next working day', () => {
  // Monday 23 November 2026; Tashkent is five hours ahead of UTC, so its office is open from 04:00Z to 13:00Z.
  assert.equal(due(60, '2026-11-23T05:00:00Z'), '2026-11-23T06:00:00Z')
  // Before the office opens: from its opening on. To the last instant of the day is the same day.
  assert.equal(due(60, '2026-11-23T01:00:00Z'), '2026-11-23T05:00:00Z')
  assert.equal(due(540, '2026-11-23T04:00:00Z'), '2026-11-23T13:00:00Z')
  // Half an hour is left of Monday; the other half is Tuesday’s first.
  assert.equal(due(60, '2026-11-23T12:30:00Z'), '2026-11-24T04:30:00Z')
  // Friday evening and the weekend count for nothing.
  assert.equal(due(60, '2026-11-27T12:59:00Z'), '2026-11-30T04:59:00Z')
  assert.equal(due(5, '2026-11-28T08:00:00Z'), '2026-11-30T04:05:00Z')
  // What an opening has behind its minutes stays: nothing is rounded to anybody’s disadvantage.
  assert.equal(due(5, '2026-11-23T05:00:00.123456Z'), '2026-11-23T05:05:00.123456Z')
})

test('where clocks change, the time that passes counts and not what they show', () => {
  const berlin = { from: '00:00', to: '06:00', zone: 'Europe/Berlin' }
  // In Berlin clocks change on Sundays, outside of support; the next morning opens by the new time.
  assert.equal(due(60, '2026-03-27T04:30:00Z', berlin), '2026-03-29T22:30:00Z')
  assert.equal(due(60, '2026-10-23T03:30:00Z', berlin), '2026-10-25T23:30:00Z')
  // Cairo puts its clocks forward on a Friday at midnight: 24 April 2026 begins at 01:00, and its night is an hour shorter.
  const cairo = { from: '00:00', to: '06:00', zone: 'Africa/Cairo' }
  assert.equal(due(360, '2026-04-23T22:00:00Z', cairo), '2026-04-26T22:00:00Z')
})

const opened = fc
  .integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 11, 31) })
  .map((ms) => Temporal.Instant.fromEpochMilliseconds(ms))
const minutes = fc.integer({ min: 5, max: 5_000 })
const hours = fc
  .record({
    from: fc.integer({ min: 0, max: 20 }),
    length: fc.integer({ min: 1, max: 3 }),
    zone: fc.constantFrom('Asia/Tashkent', 'Europe/Berlin', 'America/New_York', 'Africa/Cairo'),
  })
  .map(({ from, length, zone }) => {
    const clock = (hour: number) => `${String(hour).padStart(2, '0')}:00`
    return { from: clock(from), to: clock(from + length), zone }
  })

test('day and night is a plain addition', () => {
  fc.assert(
    fc.property(opened, minutes, (from, m) =>
      dueAt(promised(m, null), 'minor', from).equals(from.add({ minutes: m })),
    ),
  )
})

test('more minutes are never due earlier, and never before so many have passed', () => {
  fc.assert(
    fc.property(opened, minutes, minutes, hours, (from, one, other, open) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)]
      const [soon, late] = [less, more].map((m) => dueAt(promised(m, open), 'minor', from))
      assert.ok(soon && late)
      assert.ok(Temporal.Instant.compare(soon, late) <= 0)
      assert.ok(Temporal.Instant.compare(soon, from.add({ minutes: less })) >= 0)
    }),
    { numRuns: 60 },
  )
})

test('it is due while support is open, on a working day', () => {
  fc.assert(
    fc.property(opened, minutes, hours, (from, m, open) => {
      const end = dueAt(promised(m, open), 'minor', from).toZonedDateTimeISO(open.zone)
      assert.ok(end.dayOfWeek <= 5)
      const clock = (text: string) =>
        end.toPlainDate().toZonedDateTime({ timeZone: open.zone, plainTime: text })
      // Never at the opening itself: some time has passed by then.
      assert.ok(Temporal.ZonedDateTime.compare(end, clock(open.from)) > 0)
      assert.ok(Temporal.ZonedDateTime.compare(end, clock(open.to)) <= 0)
    }),
    { numRuns: 60 },
  )
})

test('hours outside count for nothing: whoever asks while support is closed is answered as if at its opening', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 15 * 60 - 1 }),
      fc.integer({ min: 5, max: 540 }),
      (closedFor, m) => {
        // From Monday 18:00 to Tuesday 09:00 in Tashkent.
        const asked = at('2026-11-23T13:00:00Z').add({ minutes: closedFor })
        assert.ok(
          dueAt(promised(m), 'major', asked).equals(at('2026-11-24T04:00:00Z').add({ minutes: m })),
        )
      },
    ),
  )
})
