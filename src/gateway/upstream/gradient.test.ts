import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openGradient } from './gradient.ts'

/** A core of so many servers, and callers that always have one more call; by a virtual clock, event by event. */
const simulate = (options: {
  seconds: number
  /** Servers, and what a call takes at each, at a moment. */
  servers: (atMs: number) => number
  serviceMs: (atMs: number) => number
  /** Calls that want to be under way at once. */
  demand: (atMs: number) => number
  floor?: number
  ceiling?: number
}) => {
  const { floor = 4, ceiling = 64 } = options
  const gradient = openGradient({ start: 32, floor, ceiling })
  const underWay: { sentMs: number; endMs: number }[] = []
  const busyUntil: number[] = []
  const limits: number[] = []
  let nowMs = 0
  let answered = 0
  const send = () => {
    while (underWay.length < Math.min(gradient.limit(), options.demand(nowMs))) {
      busyUntil.length = Math.max(1, options.servers(nowMs))
      let best = 0
      for (let i = 0; i < busyUntil.length; i++)
        if ((busyUntil[i] ?? 0) < (busyUntil[best] ?? 0)) best = i
      const endMs = Math.max(nowMs, busyUntil[best] ?? 0) + options.serviceMs(nowMs)
      busyUntil[best] = endMs
      underWay.push({ sentMs: nowMs, endMs })
    }
  }
  while (nowMs < options.seconds * 1000) {
    send()
    underWay.sort((a, b) => a.endMs - b.endMs)
    const done = underWay.shift()
    if (!done) {
      nowMs += 10
      continue
    }
    nowMs = done.endMs
    answered++
    gradient.answered('read', nowMs - done.sentMs, underWay.length + 1, nowMs)
    limits.push(gradient.limit())
  }
  const tail = limits.slice(-200)
  return {
    answered,
    limit: tail.reduce((a, b) => a + b, 0) / Math.max(1, tail.length),
    lowest: Math.min(...limits),
    highest: Math.max(...limits),
  }
}

test('a core with room is given more, up to the ceiling', () => {
  const { limit } = simulate({
    seconds: 20,
    servers: () => 100,
    serviceMs: () => 20,
    demand: () => 200,
  })
  assert.equal(limit, 64)
})

test('in front of a core that takes a handful at a time the limit comes down near it, and keeps it busy', () => {
  const seconds = 30
  const { limit, answered } = simulate({
    seconds,
    servers: () => 8,
    serviceMs: () => 40,
    demand: (atMs) => (atMs < 2_000 ? 4 : 200),
  })
  assert.ok(limit >= 8 && limit <= 24, String(limit))
  assert.ok(answered >= 0.9 * seconds * 1000 * (8 / 40), String(answered))
})

test('when the core slows down the limit falls, and rises again when it is well', () => {
  const world = (slowUntilMs: number) => ({
    servers: (atMs: number) => (atMs > 5_000 && atMs < slowUntilMs ? 4 : 100),
    serviceMs: () => 20,
    demand: () => 60,
  })
  const slow = simulate({ seconds: 14, ...world(60_000) })
  assert.ok(slow.limit <= 16, String(slow.limit))
  const well = simulate({ seconds: 40, ...world(15_000) })
  assert.ok(well.limit >= 48, String(well.limit))
})

test('a limit without demand stays where it is', () => {
  const { lowest, highest } = simulate({
    seconds: 10,
    servers: () => 100,
    serviceMs: (atMs) => (atMs > 5_000 ? 500 : 20),
    demand: () => 3,
  })
  assert.deepEqual([lowest, highest], [32, 32])
})

test('a dear operation is measured by itself, and not by a cheap one', () => {
  const gradient = openGradient({ start: 32, floor: 4, ceiling: 64 })
  for (let i = 0; i < 400; i++) {
    gradient.answered('cheap', 5, 30, i * 10)
    if (i > 200) gradient.answered('dear', 400, 30, i * 10)
  }
  assert.ok(gradient.limit() > 32)
  assert.ok((gradient.usualMs('dear') ?? 0) > 390)
  assert.equal(gradient.usualMs('never'), undefined)
})

test('an upstream that was closed and opens again, if only by a little, is called again', () => {
  const gradient = openGradient({ start: 32, floor: 4, ceiling: 64 })
  gradient.bound(0)
  assert.equal(gradient.limit(), 0)
  gradient.bound(1)
  assert.equal(gradient.limit(), 1)
  gradient.bound(64)
  assert.equal(gradient.limit(), 4)
})

test('whatever the answers take, the limit stays between floor and ceiling, and the ceiling may move', () => {
  const answers = fc.array(
    fc.record({
      ms: fc.oneof(fc.double({ min: 0, max: 25_000, noNaN: true }), fc.constant(0)),
      peers: fc.integer({ min: 0, max: 100 }),
      apartMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
      ceiling: fc.integer({ min: 0, max: 128 }),
    }),
    { maxLength: 300 },
  )
  fc.assert(
    fc.property(answers, (heard) => {
      const gradient = openGradient({ start: 32, floor: 4, ceiling: 64 })
      let nowMs = 0
      for (const { ms, peers, apartMs, ceiling } of heard) {
        gradient.bound(ceiling)
        gradient.answered('read', ms, peers, (nowMs += apartMs))
        assert.ok(gradient.limit() <= ceiling)
        assert.ok(gradient.limit() >= Math.min(4, ceiling))
      }
    }),
    { numRuns: 1_000 },
  )
})
