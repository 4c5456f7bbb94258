import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nextNight } from './nightly.ts'

const at = (text: string) => Temporal.Instant.from(text)

test('the report is made at half past two in the bank’s zone, whatever the hour is elsewhere', () => {
  const next = (now: string) => nextNight(at(now), 'Asia/Tashkent').toString()
  assert.equal(next('2026-11-22T12:00:00Z'), '2026-11-22T21:30:00Z')
  assert.equal(next('2026-11-22T21:29:59Z'), '2026-11-22T21:30:00Z')
  assert.equal(next('2026-11-22T21:30:00Z'), '2026-11-23T21:30:00Z')
})

test('a night whose clock jumps over half past two has its report all the same', () => {
  const next = nextNight(at('2026-03-28T12:00:00Z'), 'Europe/Berlin')
  assert.equal(next.toString(), '2026-03-29T01:30:00Z')
})
