import assert from 'node:assert/strict'
import { test } from 'node:test'
import { calendarOf, windowsOf } from './calendar.ts'

const zone = 'Asia/Tashkent'
const at = (text: string) => Temporal.ZonedDateTime.from(`${text}[${zone}]`).epochMilliseconds

test('G37: the narrowest window that an instant lies in holds, until it ends, over midnight too', () => {
  const calendar = calendarOf(windowsOf('23:30-00:45=8,03:00-03:20=0,03:10-04:00=2'), zone)
  assert.equal(calendar(at('2026-11-22T12:00')), null)
  assert.deepEqual(calendar(at('2026-11-22T23:30')), {
    ceiling: 8,
    untilMs: at('2026-11-23T00:45'),
  })
  assert.deepEqual(calendar(at('2026-11-23T00:44')), {
    ceiling: 8,
    untilMs: at('2026-11-23T00:45'),
  })
  assert.equal(calendar(at('2026-11-23T00:45')), null)
  assert.deepEqual(calendar(at('2026-11-23T03:15')), {
    ceiling: 0,
    untilMs: at('2026-11-23T03:20'),
  })
  assert.deepEqual(calendar(at('2026-11-23T03:20')), {
    ceiling: 2,
    untilMs: at('2026-11-23T04:00'),
  })
})

test('a bank without such times has none', () => {
  assert.equal(calendarOf(windowsOf(undefined), zone)(at('2026-11-22T23:45')), null)
})
