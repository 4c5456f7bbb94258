import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { createServer as createSocketServer } from 'node:net'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { CALL_HEADER } from '#platform/caller.ts'
import {
  admit,
  ask,
  failureOf,
  hangUp,
  json,
  newWire,
  open,
  stateOf,
  until,
  type Play,
  type Wanted,
} from '#test/gateway/own-upstream.ts'
import { ExchangeFailed, type Seat } from './upstream.ts'

test('an answer comes with its status, its media type and whether it is encoded', async () => {
  const { upstreams, world } = await open((response) => json(response, 201))
  const { body, ...rest } = await ask(upstreams)
  assert.deepEqual(rest, {
    status: 201,
    contentType: 'application/json',
    encoded: false,
    retryAfterSeconds: undefined,
    keeping: undefined,
    played: false,
  })
  assert.equal(body.toString(), '{"a":1}')
  world.play = (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x')
  assert.equal((await ask(upstreams)).encoded, true)
})

test('G15: an upstream that hangs, or drips, is given up at the call’s deadline and its connection ends', async () => {
  const cut: Promise<void>[] = []
  const { upstreams, world } = await open(() => {})
  const watched =
    (play: Play): Play =>
    (response, request) => {
      cut.push(new Promise((resolve) => response.once('close', resolve)))
      play(response, request)
    }
  for (const play of [
    () => {},
    (response: ServerResponse) => void response.writeHead(200).write('{'),
    (response: ServerResponse) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(drip))
    },
  ]) {
    world.play = watched(play)
    const failed = await failureOf(ask(upstreams, { withinMs: 150 }))
    assert.deepEqual(failed, { why: 'late', sent: true })
  }
  await Promise.all(cut)
  assert.equal(stateOf(upstreams).underWay, 0)
})

test('G65: an answer that carries another call’s id is nobody’s, is reported, and ends the connection', async () => {
  const { upstreams, world, told } = await open((response) => {
    response.setHeader(CALL_HEADER, 'call-of-somebody-else')
    json(response)
  })
  assert.deepEqual(await failureOf(ask(upstreams)), { why: 'unusable', sent: true })
  assert.ok(told.some((line) => line.includes('another call’s')))
  world.play = (response) => {
    response.removeHeader(CALL_HEADER)
    json(response)
  }
  assert.deepEqual(await failureOf(ask(upstreams)), { why: 'unusable', sent: true })
  world.play = (response) => json(response)
  assert.equal((await ask(upstreams)).status, 200)
  assert.equal(world.connections, 3)
})

test('G64: an answer larger than 4 MiB is cut off, and is not taken for a sick upstream', async () => {
  const { upstreams, world } = await open((response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.alloc(5_000_000, 32))
  })
  for (let i = 0; i < 6; i++)
    assert.deepEqual(await failureOf(ask(upstreams)), { why: 'unusable', sent: true })
  world.play = (response) => json(response)
  assert.equal((await ask(upstreams)).status, 200)
})

test('G66: a write that was sent is never sent again; a read whose connection broke is, once', async () => {
  const { upstreams, world } = await open((response) => response.socket?.destroy())
  assert.deepEqual(await failureOf(ask(upstreams, { method: 'POST' })), {
    why: 'broken',
    sent: true,
  })
  assert.equal(world.asked, 1)
  world.play = (response) =>
    world.asked === 2 ? void response.socket?.destroy() : void json(response)
  assert.equal((await ask(upstreams)).status, 200)
  assert.equal(world.asked, 3)
})

test('G66: what is reset in the middle of its answer is broken, never half an answer', async () => {
  const { upstreams } = await open((response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('{"a":', () => response.socket?.destroy())
  })
  assert.deepEqual(await failureOf(ask(upstreams, { method: 'POST' })), {
    why: 'broken',
    sent: true,
  })
})

test('G67: refused connections open the breaker; it is half open after a moment and closes with an answer', async () => {
  const { upstreams, listen, closed } = await open((response) => json(response))
  await closed()
  let refusedByBreaker = 0
  while (upstreams.state()[0]?.breaker !== 'open') {
    const failed = await failureOf(ask(upstreams))
    assert.deepEqual(failed, { why: 'unreachable', sent: false })
  }
  const failed = await failureOf(ask(upstreams))
  assert.equal(failed.code, 'gateway/upstream-unavailable')
  assert.ok(failed.retryAfter && failed.retryAfter >= 1)
  await listen()
  for (;;) {
    const outcome = await ask(upstreams).catch((error: unknown) => error)
    if (!(outcome instanceof Error)) break
    refusedByBreaker++
    await sleep(20)
  }
  assert.ok(refusedByBreaker > 0)
  assert.equal(stateOf(upstreams).breaker, 'closed')
})

test('R14: a product that hangs is left alone within two seconds, and the others are answered meanwhile', async () => {
  const { upstreams, world } = await open((response) => json(response))
  let hanging = true
  world.play = (response) => {
    if (!hanging) json(response)
  }
  const stuck = Array.from({ length: 8 }, (_, i) =>
    ask(upstreams, { product: 'payments', partner: `partner_${i % 4}`, withinMs: 2_400 }).catch(
      (e: unknown) => e,
    ),
  )
  await sleep(50)
  hanging = false
  let others = 0
  while (stateOf(upstreams, 'payments').breaker === 'closed') {
    assert.equal((await ask(upstreams, { product: 'accounts' })).status, 200)
    others++
    await sleep(10)
  }
  assert.ok(others > 10)
  const failed = await failureOf(ask(upstreams, { product: 'payments' }))
  assert.equal(failed.code, 'gateway/upstream-unavailable')
  const outcomes = await Promise.all(stuck)
  assert.ok(outcomes.every((o) => o instanceof ExchangeFailed && o.why === 'late'))
})

test('what the bank says, also when it says no, opens no breaker; what breaks for one partner only does not either', async () => {
  const { upstreams, world } = await open((response) => json(response, 422))
  for (let i = 0; i < 20; i++) await ask(upstreams)
  world.play = (response) => response.writeHead(503, { 'retry-after': '2' }).end()
  for (let i = 0; i < 20; i++) await ask(upstreams)
  assert.equal(stateOf(upstreams).breaker, 'closed')
  for (let i = 0; i < 20; i++) {
    world.play = (response) => json(response, 500)
    await ask(upstreams, { partner: 'partner_b' })
    world.play = (response) => json(response)
    await ask(upstreams, { partner: 'partner_c' })
    await ask(upstreams, { partner: 'partner_b', operation: 'other' })
  }
  assert.equal(stateOf(upstreams).breaker, 'closed')
})

test('G33: one partner has at most half of the room, and the others find theirs at once', async () => {
  const { upstreams } = await open(() => {})
  const seats: Seat[] = []
  const waiting: Promise<Seat>[] = []
  for (let i = 0; i < 40; i++) {
    const seat = admit(upstreams, { partner: 'partner_greedy' })
    if (seat instanceof Promise) waiting.push(seat)
    else seats.push(seat)
  }
  assert.equal(seats.length, 16)
  assert.equal(stateOf(upstreams).limit, 32)
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 24, 0, 0])
  const other = await admit(upstreams, { partner: 'partner_other' })
  for (const seat of [...seats, other]) upstreams.leave(seat)
  for (const seat of waiting) upstreams.leave(await seat)
  assert.equal(stateOf(upstreams).underWay, 0)
})

test('G35: a partner’s queue is bounded, and a call whose turn would come too late is refused at once', async () => {
  const { upstreams, world } = await open((response) => void sleep(60).then(() => json(response)))
  for (let i = 0; i < 4; i++) await ask(upstreams)
  const outcomes = Array.from({ length: 200 }, () => ask(upstreams, { withinMs: 20_000 }))
  const settled = await Promise.allSettled(outcomes)
  const refused = settled.filter((o) => o.status === 'rejected')
  assert.ok(refused.length >= 200 - 16 - 64 - 40, String(refused.length))
  for (const { reason } of refused)
    assert.equal((reason as { code?: string }).code, 'gateway/core-protected')

  world.play = (response) => void sleep(60).then(() => json(response))
  const first = Array.from({ length: 60 }, () => ask(upstreams, { withinMs: 20_000 }))
  const failed = await failureOf(ask(upstreams, { withinMs: 90 }))
  assert.equal(failed.code, 'gateway/core-protected')
  await Promise.all(first)
})

test('a caller that hangs up ends its read and its place in the queue; a write that was sent is seen through', async () => {
  const { upstreams, world } = await open(() => {})
  const cut = new Promise<void>((resolve) => {
    world.play = (response) => void response.once('close', resolve)
  })
  const wire: NonNullable<Wanted['wire']> = { gone: false, whenGone: undefined }
  const reading = failureOf(ask(upstreams, { wire }))
  await sleep(30)
  hangUp(wire)
  assert.deepEqual(await reading, { why: 'abandoned', sent: true })
  await cut

  world.play = (response) => void sleep(50).then(() => json(response))
  const writing = ask(upstreams, { wire, method: 'POST' })
  await sleep(20)
  assert.equal(wire.whenGone, undefined)
  assert.equal((await writing).status, 200)

  const seats = Array.from({ length: 16 }, () => admit(upstreams))
  const waiting = failureOf(Promise.resolve(admit(upstreams, { wire })))
  hangUp(wire)
  assert.equal((await waiting).code, 'gateway/caller-gone')
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 0, 0, 0])
  for (const seat of seats) upstreams.leave(await seat)
})

test('G15: who waits is told when its time is over, even where no turn ever ends', async () => {
  const { upstreams } = await open(() => {})
  const seats = Array.from({ length: 16 }, () => admit(upstreams))
  const waiting = failureOf(Promise.resolve(admit(upstreams, { withinMs: 150 })))
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 1, 0, 0])
  assert.equal((await waiting).code, 'gateway/deadline')
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 0, 0, 0])
  for (const seat of seats) upstreams.leave(await seat)
})

test('who was sent away when the breaker opened, and hangs up later, takes no turn from those who came since', async () => {
  const held: ServerResponse[] = []
  const hold: Play = (response) => void held.push(response)
  const { upstreams, world } = await open(hold, { ceiling: 16 })
  const wires = Array.from({ length: 12 }, newWire)
  const first = Promise.allSettled(wires.map((wire) => ask(upstreams, { wire, withinMs: 30_000 })))
  const { underWay } = stateOf(upstreams)
  assert.ok(underWay < wires.length)
  await until(() => stateOf(upstreams).breaker === 'open')
  for (const response of held.splice(0)) json(response)
  const sentAway = (await first).filter(({ status }) => status === 'rejected')
  assert.equal(sentAway.length, wires.length - underWay)

  world.play = (response) => json(response)
  const answered = () => ask(upstreams).then(Boolean, () => false)
  for (let tries = 0; tries < 600 && !(await answered()); tries++) await sleep(100)
  world.play = hold
  const burst = Array.from({ length: 16 }, () => ask(upstreams, { withinMs: 30_000 }))
  const before = stateOf(upstreams)
  await until(() => held.length === before.underWay)
  for (const wire of wires) hangUp(wire)
  assert.deepEqual(stateOf(upstreams).waiting, before.waiting)
  world.play = (response) => json(response)
  for (const response of held) json(response)
  for (const { status } of await Promise.all(burst)) assert.equal(status, 200)
  assert.deepEqual(stateOf(upstreams).waiting, [0, 0, 0, 0, 0])
})

test('retries stay under a tenth of the calls, however much breaks', async () => {
  const { upstreams, world } = await open((response) => json(response))
  let n = 0
  world.play = (response) => (++n % 4 === 0 ? response.socket?.destroy() : void json(response))
  for (let i = 0; i < 200; i++) await ask(upstreams).catch(() => {})
  assert.ok(world.asked > 200)
  assert.ok(world.asked - 200 <= 200 * 0.1 + 1, String(world.asked - 200))
})

test('bytes that are no HTTP are a broken connection', async () => {
  const { upstreams, sockets } = await open((response) => json(response))
  const garbage = createSocketServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end('SSH-2.0-what\r\n\r\n'))
  })
  await new Promise<void>((resolve) => garbage.listen(sockets.vault, resolve))
  const failed = await failureOf(ask(upstreams, { upstream: 'vault', method: 'POST' }))
  assert.deepEqual(failed, { why: 'broken', sent: true })
  garbage.close()
})
