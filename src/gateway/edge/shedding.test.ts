import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Level, leveled, openShedding, rankOf } from './shedding.ts'

const calm: Level = { level: 0, hot: 0, calm: 0 }
const after = (
  ticks: number,
  load: { utilisation: number; delayMs: number },
  from = calm,
): Level => {
  let level = from
  for (let i = 0; i < ticks; i++) level = leveled(level, load, 200)
  return level
}
const trouble = { utilisation: 0.99, delayMs: 250 }

test('G39: a loop that is late and busy sheds one class more each second, the last never', () => {
  assert.deepEqual(
    [3, 4, 8, 12, 16, 400].map((ticks) => after(ticks, trouble).level),
    [0, 1, 2, 3, 4, 4],
  )
})

test('G39: late without being busy, or busy without being late, sheds nothing', () => {
  assert.equal(after(100, { utilisation: 0.5, delayMs: 2_000 }).level, 0)
  assert.equal(after(100, { utilisation: 1, delayMs: 150 }).level, 0)
})

test('what was shed comes back more slowly than it went, and not while it is only half calm', () => {
  const shed = after(8, trouble)
  assert.equal(shed.level, 2)
  assert.equal(after(400, { utilisation: 0.95, delayMs: 150 }, shed).level, 2)
  assert.equal(after(7, { utilisation: 0.95, delayMs: 20 }, shed).level, 2)
  assert.equal(after(8, { utilisation: 0.95, delayMs: 20 }, shed).level, 1)
  assert.equal(after(16, { utilisation: 0.95, delayMs: 20 }, shed).level, 0)
})

test('G34: with calls under way the lowest class is refused first, and payment status last', () => {
  const shedding = openShedding({ calls: 100, delayMs: 200 })
  const ranks = [
    rankOf('bulk', true),
    rankOf('accounts', false),
    rankOf('accounts', true),
    rankOf('payment', false),
    rankOf('payment-status', false),
  ]
  assert.deepEqual(ranks, [4, 3, 2, 1, 0])
  const admitted: number[] = []
  for (const rank of ranks) {
    while (shedding.enter(rank));
    admitted.push(shedding.state().inFlight)
  }
  assert.deepEqual(admitted, [50, 65, 80, 90, 100])
  shedding.leave()
  assert.equal(shedding.enter(4), false)
  assert.equal(shedding.enter(0), true)
  shedding.stop()
})

test('the loop of this very process is watched: blocked long enough, it sheds', async () => {
  const shedding = openShedding({ calls: 100, delayMs: 50 })
  const block = (ms: number) => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }
  const endMs = performance.now() + 8_000
  while (shedding.state().level === 0 && performance.now() < endMs) {
    block(120)
    await sleep(0)
  }
  assert.ok(shedding.state().level > 0)
  assert.equal(shedding.enter(4), false)
  assert.equal(shedding.enter(0), true)
  shedding.stop()
})
