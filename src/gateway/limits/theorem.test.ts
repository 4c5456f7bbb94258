/** G25–G27 as properties: several gateways, a store, and an adversary who owns time, the wire and the store's memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { modelRates, modelWindows } from '#test/gateway/leases.ts'
import { RateHolding, type RateRule, WindowHolding, type WindowRule } from './holdings.ts'
import { rateTerms } from './plan.ts'
import type { RateGrant } from './store.ts'

const rule = (perSecond: number, burst: number, manyKeys: boolean): RateRule => ({
  kind: 'rate',
  name: 'rate',
  per: [],
  takes: 1,
  whenAway: 'share',
  givesBack: false,
  item: '',
  application: undefined,
  isSpend: false,
  perSecond,
  burst,
  terms: rateTerms({ perSecond, burst }, manyKeys),
})

type Move =
  | { readonly does: 'wait'; readonly ms: number }
  | { readonly does: 'call' | 'ask' | 'arrive' | 'lose' | 'away'; readonly node: number }
  | { readonly does: 'fail-over'; readonly keep: 'stale' | 'nothing' }

const node = fc.nat(4)
const moves = (extra: fc.Arbitrary<Move>[]) =>
  fc.array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({
          does: fc.constant('wait' as const),
          ms: fc.oneof(fc.nat(20), fc.nat(400), fc.nat(4_000)),
        }),
      },
      { weight: 8, arbitrary: fc.record({ does: fc.constant('call' as const), node }) },
      { weight: 5, arbitrary: fc.record({ does: fc.constant('ask' as const), node }) },
      { weight: 5, arbitrary: fc.record({ does: fc.constant('arrive' as const), node }) },
      { weight: 1, arbitrary: fc.record({ does: fc.constant('lose' as const), node }) },
      ...extra.map((arbitrary) => ({ weight: 1, arbitrary })),
    ),
    { minLength: 20, maxLength: 250 },
  )
const failOver = fc.record({
  does: fc.constant('fail-over' as const),
  keep: fc.constantFrom('stale' as const, 'nothing' as const),
})

interface Node {
  readonly holding: RateHolding
  /** Its own clock: another beginning, and up to 100 ppm too fast or slow. */
  readonly clock: () => number
  flight: { readonly grant: RateGrant } | undefined
}

/** Plays the moves and answers when each permit was admitted, by true time. */
const play = (
  rateRule: RateRule,
  all: readonly Move[],
  drifts: readonly number[],
  storeAway = false,
) => {
  let nowMs = 0
  const store = modelRates(() => nowMs)
  const nodes: Node[] = drifts.map((ppm, i) => {
    const clock = () => 1_000_000 * i + nowMs * (1 + ppm / 1e6)
    return { clock, holding: new RateHolding('k', rateRule, clock(), clock()), flight: undefined }
  })
  const crowd = { most: Math.max(4, nodes.length), live: nodes.length }
  const admitted: number[] = []
  const heardAt = nodes.map((n) => n.clock())
  for (const move of all) {
    if (move.does === 'wait') nowMs += move.ms
    else if (move.does === 'fail-over') store.failOver(move.keep)
    else {
      const i = move.node % nodes.length
      const at = nodes[i]!
      const mine = at.clock()
      switch (move.does) {
        case 'call':
          for (let calls = 0; calls < 30 && at.holding.fits(rateRule, crowd, mine); calls++) {
            at.holding.take(rateRule, mine)
            admitted.push(nowMs)
          }
          break
        case 'ask':
          if (at.flight) break
          at.holding.waiting = 20
          // Sent now; the store grants at once, and the answer arrives whenever the adversary lets it.
          at.flight = { grant: store.grant(at.holding.ask(rateRule, mine)) }
          break
        case 'arrive':
          if (!at.flight) break
          at.holding.granted(rateRule, at.flight.grant, mine)
          heardAt[i] = mine
          at.flight = undefined
          break
        case 'lose':
          at.flight = undefined
          break
        case 'away':
          if (storeAway && at.holding.fitsAway(rateRule, crowd, heardAt[i] ?? 0, mine)) {
            at.holding.takeAway(rateRule, mine)
            admitted.push(nowMs)
          }
      }
    }
  }
  return admitted
}

const holds = (admitted: readonly number[], bound: (ms: number) => number) => {
  for (let i = 0; i < admitted.length; i++)
    for (let j = i; j < admitted.length; j++) {
      const ms = admitted[j]! - admitted[i]!
      assert.ok(j - i + 1 <= bound(ms) + 1e-6, `${j - i + 1} in ${ms} ms, ${bound(ms)} allowed`)
    }
}
/** What is asked for call by call is used up to 1 / r after it was granted: one permit more at most. */
const direct = ({ terms }: RateRule) => (terms.leaseMs === 0 ? 1 : 0)
const rates = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 80 }))
const drifts = fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 5 })

test('G25, G27: gateways together admit at most burst + rate × T in every T, through lost answers, drift and failovers', () => {
  let admittedInAll = 0
  fc.assert(
    fc.property(
      rates,
      fc.boolean(),
      drifts,
      moves([failOver]),
      ([perSecond, burst], many, ppm, all) => {
        const limit = rule(perSecond, burst, many)
        const admitted = play(limit, all, ppm)
        admittedInAll += admitted.length
        holds(admitted, (ms) => burst + direct(limit) + (perSecond * ms) / 1_000)
      },
    ),
    { numRuns: 1_500, seed: 25 },
  )
  assert.ok(admittedInAll > 10_000, `the adversary let ${admittedInAll} pass`)
})

test('G25: permits that are kept beyond their lease cost no rate, and are taken off the burst', () => {
  const limit = rule(50, 400, false)
  const each = (does: 'call' | 'ask' | 'arrive'): Move[] =>
    [0, 1, 2, 3].map((i) => ({ does, node: i }))
  const lease = [...each('ask'), ...each('arrive')]
  const pause: Move[] = Array.from({ length: 5 }, () => ({ does: 'wait', ms: 4_000 }))
  // All keep what they may, the bucket fills up again; all lease, and it nearly does; then everything is used at once.
  const greed = Array.from({ length: 8 }, () => [...each('call'), ...lease]).flat()
  const nearly: Move = { does: 'wait', ms: limit.terms.leaseMs - 20 }
  const all = [...each('call'), ...lease, ...pause, ...each('ask'), ...each('arrive'), nearly]
  const admitted = play(limit, [...all, ...greed, ...each('call')], [0, 0, 0, 0])
  holds(admitted, (ms) => 400 + (50 * ms) / 1_000)
  assert.equal(admitted.length, 399, 'and all of it can be had')

  // One that calls seldom lives on what it keeps: the store is asked for many calls at a time.
  const seldom: Move[] = Array.from({ length: 9 }, () => [
    { does: 'wait' as const, ms: 3_000 },
    { does: 'call' as const, node: 0 },
  ]).flat()
  const alone = play(
    limit,
    [{ does: 'call', node: 0 }, ...lease.slice(0, 1), ...lease.slice(4, 5), ...seldom],
    [0],
  )
  assert.equal(alone.length, limit.terms.kept / 4)
})

test('G32: with the store away each gateway adds its share of the rate and no burst', () => {
  const away: fc.Arbitrary<Move> = fc.record({ does: fc.constant('away' as const), node })
  fc.assert(
    fc.property(
      rates,
      drifts,
      moves([away, away, away, failOver]),
      ([perSecond, burst], ppm, all) => {
        const admitted = play(rule(perSecond, burst, false), all, ppm, true)
        // Worst of all partitions: the store grants the whole rate to some while others live on their shares.
        holds(admitted, (ms) => 2 * (burst + (perSecond * ms) / 1_000))
      },
    ),
    { numRuns: 500, seed: 32 },
  )
  const alone = rule(40, 40, false)
  const all: Move[] = Array.from({ length: 400 }, (_, i) =>
    i % 5 === 4 ? { does: 'wait', ms: 50 } : { does: 'away', node: i },
  )
  const admitted = play(alone, all, [0, 0, 0, 0], true)
  holds(admitted, (ms) => 4 + (40 * ms) / 1_000)
  assert.ok(admitted.length > 100)
})

test('G26: what gateways admit of a window never exceeds it, however grants, returns and crashes fall', async () => {
  const window: WindowRule = {
    kind: 'window',
    name: 'day',
    per: [],
    takes: 1,
    whenAway: 'refuse',
    givesBack: true,
    item: '',
    application: undefined,
    isSpend: false,
    used: undefined,
    period: 'day',
    zone: 'UTC',
    limit: 40,
  }
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.constantFrom(
            'call',
            'call',
            'call',
            'ask',
            'lose',
            'empty',
            'crash',
            'wait',
            'undone',
          ),
          fc.nat(3),
        ),
        { maxLength: 200 },
      ),
      async (steps) => {
        let nowMs = 0
        const store = modelWindows(() => nowMs)
        const nodes = Array.from({ length: 4 }, () => new WindowHolding('k', 0))
        const admitted = new Map<number, number>()
        const day = () => Math.floor(nowMs / 86_400_000)
        const count = (by: number) => admitted.set(day(), (admitted.get(day()) ?? 0) + by)
        for (const [does, i] of steps) {
          const at = nodes[i]!
          if (does === 'wait') nowMs += 7_200_000 * (i + 1)
          else if (does === 'crash') nodes[i] = new WindowHolding('k', nowMs)
          else if (does === 'empty') await store.giveBack(at.emptied(nowMs))
          else if (does === 'call' && at.fits(window, nowMs)) {
            at.take(1, nowMs)
            count(1)
          } else if (does === 'undone' && at.fits(window, nowMs)) {
            const { starts } = at
            at.take(1, nowMs)
            at.giveBack(1, starts)
          } else if (does === 'ask' || does === 'lose') {
            at.waiting = 3
            const [grant] = await store.lease([at.ask(window, { most: 4, live: 4 }, nowMs)])
            if (does === 'ask' && grant) at.granted(grant, nowMs)
          }
          for (const sum of [...admitted.values(), ...store.granted.values()]) assert.ok(sum <= 40)
        }
      },
    ),
    { numRuns: 400, seed: 26 },
  )
})
