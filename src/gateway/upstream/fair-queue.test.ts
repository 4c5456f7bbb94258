import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type FairQueue,
  openFairQueue,
  openPrecedence,
  PATIENCE,
  type Waiting,
} from './fair-queue.ts'

interface Item extends Waiting {
  readonly n: number
}
const anyone = () => true
const put = (queue: FairQueue<Item>, partnerId: string, units = 1, priority = 0, n = 0): Item => {
  const item = { partnerId, units, priority, n, gone: false }
  queue.push(item)
  return item
}
const takeAll = (queue: FairQueue<Item>, priority = 0) => {
  const taken: Item[] = []
  for (;;) {
    const item = queue.next(priority, anyone)
    if (!item) return taken
    taken.push(item)
  }
}

test('who waits with a hundred calls and who waits with one are served in turn', () => {
  const queue = openFairQueue<Item>(1)
  for (let n = 0; n < 100; n++) put(queue, 'greedy', 1, 0, n)
  put(queue, 'modest')
  put(queue, 'other')
  put(queue, 'other')
  const order = takeAll(queue).map(({ partnerId }) => partnerId)
  assert.deepEqual(order.slice(0, 6), ['greedy', 'modest', 'other', 'greedy', 'other', 'greedy'])
  assert.equal(order.length, 103)
})

test('dear calls come as much more seldom as they cost', () => {
  const queue = openFairQueue<Item>(1)
  for (let n = 0; n < 100; n++) put(queue, 'dear', 10)
  for (let n = 0; n < 1_000; n++) put(queue, 'cheap', 1)
  const first = takeAll(queue).slice(0, 220)
  assert.equal(first.filter(({ partnerId }) => partnerId === 'dear').length, 20)
})

test('partners that may not go are passed by, and keep their place', () => {
  const queue = openFairQueue<Item>(1)
  put(queue, 'full', 1, 0, 1)
  put(queue, 'full', 1, 0, 2)
  put(queue, 'free', 1, 0, 3)
  assert.equal(queue.next(0, (partnerId) => partnerId !== 'full')?.n, 3)
  assert.equal(
    queue.next(0, (partnerId) => partnerId !== 'full'),
    undefined,
  )
  assert.deepEqual(
    takeAll(queue).map(({ n }) => n),
    [1, 2],
  )
})

test('who was taken out with all others leaves no more, and takes nobody’s place with it', () => {
  const queue = openFairQueue<Item>(1)
  const before = put(queue, 'partner', 1, 0, 1)
  assert.deepEqual(queue.drain(), [before])
  put(queue, 'partner', 1, 0, 2)
  queue.leave(before)
  assert.equal(queue.size, 1)
  assert.equal(queue.ofPartner('partner'), 1)
  assert.equal(queue.next(0, anyone)?.n, 2)
})

/** What happens to a queue: somebody comes, somebody leaves, somebody is served. */
const moves = fc.array(
  fc.oneof(
    fc.record({
      what: fc.constant('push' as const),
      partner: fc.integer({ min: 0, max: 4 }),
      units: fc.integer({ min: 1, max: 50 }),
      priority: fc.integer({ min: 0, max: 2 }),
    }),
    fc.record({ what: fc.constant('leave' as const), which: fc.nat() }),
    fc.record({
      what: fc.constant('next' as const),
      priority: fc.integer({ min: 0, max: 2 }),
      barred: fc.integer({ min: 0, max: 4 }),
    }),
  ),
  { maxLength: 200 },
)

test('whatever comes, leaves and is served: nobody is lost, nobody is served twice, each partner’s calls keep their order', () => {
  fc.assert(
    fc.property(moves, (happened) => {
      const queue = openFairQueue<Item>(3)
      const waiting = new Set<Item>()
      let n = 0
      const served = new Map<string, number>()
      for (const move of happened) {
        if (move.what === 'push')
          waiting.add(put(queue, `p${move.partner}`, move.units, move.priority, n++))
        else if (move.what === 'leave') {
          const item = [...waiting][move.which % Math.max(1, waiting.size)]
          if (item) {
            queue.leave(item)
            queue.leave(item)
            waiting.delete(item)
          }
        } else {
          const may = (partnerId: string) => partnerId !== `p${move.barred}`
          const item = queue.next(move.priority, may)
          const could = [...waiting].some((i) => i.priority === move.priority && may(i.partnerId))
          assert.equal(item !== undefined, could)
          if (!item) continue
          assert.ok(waiting.delete(item))
          const lane = `${item.partnerId} ${item.priority}`
          assert.ok(item.n > (served.get(lane) ?? -1))
          served.set(lane, item.n)
        }
        assert.equal(queue.size, waiting.size)
        for (const p of [0, 1, 2, 3, 4]) {
          const own = [...waiting].filter(({ partnerId }) => partnerId === `p${p}`)
          assert.equal(queue.ofPartner(`p${p}`), own.length)
        }
      }
      assert.deepEqual(new Set(queue.drain()), waiting)
      assert.equal(queue.size, 0)
    }),
    { numRuns: 300 },
  )
})

test('while all wait, no partner gets more than its turn and one call ahead of another, in units', () => {
  const loads = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 6 })
  fc.assert(
    fc.property(loads, (units) => {
      const queue = openFairQueue<Item>(1)
      units.forEach((u, p) => {
        for (let n = 0; n < 100; n++) put(queue, `p${p}`, u)
      })
      const got = units.map(() => 0)
      for (let served = 0; served < 100; served++) {
        const item = queue.next(0, anyone)
        assert.ok(item)
        const p = Number(item.partnerId.slice(1))
        got[p] = (got[p] ?? 0) + item.units
        assert.ok(Math.max(...got) - Math.min(...got) <= Math.max(...units) + 1)
      }
    }),
    { numRuns: 200 },
  )
})

test('G34: the urgent go first, and under any flood each class still gets one grant in so many', () => {
  const floods = fc.array(fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), {
    minLength: 200,
    maxLength: 400,
  })
  fc.assert(
    fc.property(floods, (moments) => {
      const precedence = openPrecedence(5)
      const since = [0, 0, 0, 0, 0]
      for (const waiting of moments) {
        const waits = (c: number) => waiting[c] === true
        const [first] = precedence.order(waits)
        if (first === undefined) continue
        assert.ok(waits(first))
        const urgent = waiting.indexOf(true)
        // Only patience that ran out goes before what is more urgent.
        if (first !== urgent) assert.ok((since[first] ?? 0) >= PATIENCE)
        precedence.granted(first, waits)
        for (let c = 0; c < 5; c++) since[c] = c === first || !waits(c) ? 0 : (since[c] ?? 0) + 1
        assert.ok(Math.max(...since) <= PATIENCE + 5, String(since))
      }
    }),
    { numRuns: 100 },
  )
})
