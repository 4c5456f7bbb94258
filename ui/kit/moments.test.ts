import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateOf, day as dayIn } from '#kernel/format.ts'
import {
  dayAfter,
  endOfDay,
  instantAt,
  isDay,
  justBefore,
  lastOfDay,
  monthAfter,
  startOfDay,
  wallTimeNow,
} from './moments.ts'

test('a day of a form begins when the bank’s day begins, also on a day that clocks are changed', () => {
  assert.equal(startOfDay('2026-11-23', 'Asia/Tashkent'), '2026-11-22T19:00:00.000Z')
  assert.equal(endOfDay('2026-11-23', 'Asia/Tashkent'), '2026-11-23T19:00:00.000Z')
  for (const [day, zone] of [
    ['2026-03-29', 'Europe/Berlin'],
    ['2026-10-25', 'Europe/Berlin'],
    ['2026-06-01', 'America/New_York'],
  ] as const) {
    const expected = Temporal.PlainDate.from(day).toZonedDateTime(zone).toInstant()
    assert.equal(Date.parse(startOfDay(day, zone)), expected.epochMilliseconds)
  }
})

test('what is asked for by a day is listed under that day, and so is the last day of a period', () => {
  for (const zone of ['Asia/Tashkent', 'Europe/Berlin', 'America/New_York', 'Pacific/Kiritimati'])
    for (const day of ['2026-12-23', '2026-03-29', '2026-10-25', '2026-10-31', '2026-12-31']) {
      const read = dayIn('en', day)
      assert.equal(dateOf('en', startOfDay(day, zone), zone), read, zone)
      assert.equal(dateOf('en', lastOfDay(day, zone), zone), read, zone)
      assert.equal(dateOf('en', justBefore(endOfDay(day, zone)), zone), read, zone)
      assert.notEqual(dateOf('en', endOfDay(day, zone), zone), read, zone)
    }
})

test('a day of an address is a day or it is not taken', () => {
  assert.equal(isDay('2026-11-23'), true)
  for (const other of ['', '2026-13-01', '2026-11', '23.11.2026', '2026-11-23T00:00Z'])
    assert.equal(isDay(other), false, other)
})

test('a wall time and the clock of the same zone agree', () => {
  const now = Date.parse('2026-11-23T09:06:41Z')
  const wall = wallTimeNow('Asia/Tashkent', now)
  assert.equal(wall, '2026-11-23T14:06')
  assert.equal(instantAt(wall, 'Asia/Tashkent'), '2026-11-23T09:06:00.000Z')
})

test('days and months are counted over the ends of months and years', () => {
  assert.equal(dayAfter('2026-12-31', 1), '2027-01-01')
  assert.equal(dayAfter('2026-03-01', -1), '2026-02-28')
  assert.equal(monthAfter('2026-12', 1), '2027-01')
  assert.equal(monthAfter('2026-01', -1), '2025-12')
})
