/** The bank's day as it is known and as it is heard: how much room it leaves, and for whom. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PLAYED_HEADER } from '#platform/caller.ts'
import {
  admit,
  ask,
  closedFor,
  failureOf,
  json,
  open,
  stateOf,
} from '#test/gateway/own-upstream.ts'
import type { Quiet } from './calendar.ts'

test('G37: in the bank’s quiet time there is less room, and Retry-After says when it ends', async () => {
  const now = () => Temporal.Instant.from('2026-11-22T23:40:00+05:00')
  const untilMs = now().epochMilliseconds + 600_000
  const { upstreams } = await open(() => {}, { quiet: { ceiling: 2, untilMs }, now })
  const seats = [
    admit(upstreams),
    admit(upstreams, { partner: 'partner_b' }),
    admit(upstreams, { partner: 'partner_c' }),
  ]
  assert.deepEqual(
    seats.map((s) => s instanceof Promise),
    [false, false, true],
  )
  assert.equal(stateOf(upstreams).limit, 2)
  for (const seat of seats) upstreams.leave(await seat)

  const closed = await open(() => {}, { quiet: { ceiling: 0, untilMs }, now })
  const failed = await failureOf((async () => admit(closed.upstreams))())
  assert.deepEqual(failed, { code: 'gateway/core-protected', retryAfter: 600 })
})

test('G37: what the bank itself says of its closing time holds until then, or until it answers again', async () => {
  const { upstreams, world } = await open((response) => closedFor(response, 1800))
  await ask(upstreams)
  assert.equal(stateOf(upstreams).ceiling, 4)
  assert.ok((stateOf(upstreams).quietUntilMs ?? 0) > Date.now() + 1_700_000)
  world.play = (response) => json(response)
  await ask(upstreams, { operation: 'another' })
  assert.equal(stateOf(upstreams).ceiling, 4)
  await ask(upstreams)
  assert.equal(stateOf(upstreams).ceiling, 64)
  assert.equal(stateOf(upstreams).quietUntilMs, null)
})

test('G37: a long wait that is not about the closing time leaves the others their room', async () => {
  const { upstreams, world } = await open((response) =>
    closedFor(response, 60, 'accounts/statement-unsettled'),
  )
  await ask(upstreams)
  for (const body of ['', 'null', '{"code":', `{"code":"core/closed"${' '.repeat(20_000)}}`]) {
    world.play = (response) => response.writeHead(503, { 'retry-after': '60' }).end(body)
    await ask(upstreams)
  }
  assert.equal(stateOf(upstreams).ceiling, 64)
  assert.equal(stateOf(upstreams).quietUntilMs, null)
})

test('G37: who waits when the bank closes is told so then, whether anybody else calls or not', async () => {
  const day: { quiet?: Quiet } = {}
  const { upstreams } = await open(() => {}, day)
  const seats = Array.from({ length: 16 }, () => admit(upstreams))
  const waiting = failureOf(Promise.resolve(admit(upstreams, { withinMs: 20_000 })))
  day.quiet = { ceiling: 0, untilMs: Date.now() + 600_000 }
  const { code, retryAfter = 0 } = await waiting
  assert.equal(code, 'gateway/core-protected')
  assert.ok(retryAfter > 400, String(retryAfter))
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 0, 0, 0])
  for (const seat of seats) upstreams.leave(await seat)
})

test('what one partner asked to be played closes the bank, and opens the breaker, for nobody', async () => {
  const { upstreams, world } = await open((response) => closedFor(response, 600))
  await ask(upstreams, { played: true })
  const { limit } = stateOf(upstreams)
  // In a world of its own the partner asked for it before, and the bank says so with each answer.
  world.play = (response) => closedFor(response.setHeader(PLAYED_HEADER, '1'), 600)
  await ask(upstreams)
  for (let i = 0; i < 10; i++) {
    world.play = (response) => json(response, 503)
    await ask(upstreams, { played: true })
    world.play = (response) => json(response.setHeader(PLAYED_HEADER, '1'), 503)
    await ask(upstreams)
  }
  world.play = () => {}
  const late = Array.from({ length: 8 }, () =>
    failureOf(ask(upstreams, { played: true, withinMs: 1_700 })),
  )
  for (const failed of await Promise.all(late))
    assert.deepEqual(failed, { why: 'late', sent: true })
  const { breaker, ceiling, quietUntilMs, ...rest } = stateOf(upstreams)
  assert.deepEqual([breaker, ceiling, quietUntilMs, rest.limit], ['closed', 64, null, limit])

  world.play = (response) => json(response)
  assert.equal((await ask(upstreams, { partner: 'partner_b' })).status, 200)
})
