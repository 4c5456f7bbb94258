import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { noon } from '#test/world.ts'
import { failed, type Health, healthy, isOpen, isProbing } from './endpoint.ts'
import { nextAttemptAt, retryAfterSeconds, scheduleOf, verdictOn } from './retry.ts'

const secondsTo = (at: Temporal.Instant | undefined) =>
  at === undefined ? undefined : at.since(noon).total('seconds')
const answer = (status: number | null, retryAfter: string | null = null) => ({
  status,
  failure: status === null ? 'timeout' : null,
  retryAfter,
})

test('Standard Webhooks 1.0.0: ten attempts over three days, in the sandbox the first three', () => {
  const at = (cell: 'sandbox' | 'production', made: number) =>
    secondsTo(nextAttemptAt(scheduleOf(cell), made, { now: noon, waitSeconds: 0, chance: 0.5 }))
  assert.deepEqual(
    Array.from({ length: 11 }, (_, made) => at('production', made)),
    [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400, undefined],
  )
  assert.deepEqual(
    [1, 2, 3].map((made) => at('sandbox', made)),
    [5, 300, undefined],
  )
})

test('an attempt is due within a fifth of its time, and never before the receiver asked for it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 86_400 }),
      (made, chance, waitSeconds) => {
        const schedule = scheduleOf('production')
        const wait = schedule.waits[made] ?? 0
        const due = secondsTo(nextAttemptAt(schedule, made, { now: noon, waitSeconds, chance }))
        assert.ok(due !== undefined && due >= waitSeconds)
        assert.ok(due >= wait * 0.8 - 0.001 && due <= Math.max(wait * 1.2, waitSeconds) + 0.001)
      },
    ),
  )
})

test('only 2xx is success: a redirect is none, 410 is for good, 429, 502 and 504 ask for time', () => {
  for (const status of [200, 202, 204, 299])
    assert.equal(verdictOn(answer(status), noon).means, 'delivered')
  assert.equal(verdictOn(answer(410), noon).means, 'gone')
  for (const [status, throttled] of [
    [301, false],
    [307, false],
    [400, false],
    [404, false],
    [500, false],
    [503, false],
    [null, false],
    [429, true],
    [502, true],
    [504, true],
  ] as const) {
    const verdict = verdictOn(answer(status), noon)
    assert.ok(verdict.means === 'failed')
    assert.equal(verdict.throttled, throttled, String(status))
  }
})

test('RFC 9110 §10.2.3: Retry-After is seconds or a date, up to a day; nonsense is nothing', () => {
  for (const [header, seconds] of [
    [null, 0],
    ['120', 120],
    [' 7 ', 7],
    ['999999', 86_400],
    ['Sun, 22 Nov 2026 12:01:00 GMT', 60],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['-5', 0],
    ['soon', 0],
    ['1e9', 0],
  ] as const)
    assert.equal(retryAfterSeconds(header, noon), seconds, String(header))
})

test('the circuit opens at the fifth failure in a row, rests longer each time, and says so once', () => {
  const calm = { throttled: false, waitSeconds: 0 }
  let health: Health = healthy
  let now = noon
  for (let n = 1; n <= 4; n++) {
    const after = failed(health, now, calm)
    assert.deepEqual([after.tells, isOpen(after.health, now)], [false, false])
    health = after.health
  }
  const rests: number[] = []
  const told: boolean[] = []
  for (let opening = 0; opening < 8; opening++) {
    const after = failed(health, now, calm)
    health = after.health
    told.push(after.tells)
    assert.ok(health.openUntil && isOpen(health, now))
    rests.push(health.openUntil.since(now).total('seconds'))
    // What was under way when it opened changes nothing.
    assert.equal(failed(health, now, calm).health.openings, health.openings)
    now = health.openUntil
    assert.ok(isProbing(health, now))
  }
  assert.deepEqual(rests, [30, 60, 120, 240, 480, 900, 900, 900])
  assert.deepEqual(told, [true, ...Array.from({ length: 7 }, () => false)])
})

test('who fails for 120 hours is given up, and who asks for time gets it', () => {
  const calm = { throttled: false, waitSeconds: 0 }
  const first = failed(healthy, noon, calm)
  assert.equal(failed(first.health, noon.add({ hours: 119 }), calm).givenUp, false)
  assert.equal(failed(first.health, noon.add({ hours: 120 }), calm).givenUp, true)
  const throttled = failed(healthy, noon, { throttled: true, waitSeconds: 90 })
  assert.equal(secondsTo(throttled.health.openUntil ?? undefined), 90)
  assert.equal(throttled.tells, false)
})
