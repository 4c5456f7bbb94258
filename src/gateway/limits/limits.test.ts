/** What one gateway admits, at a time that the test turns, over stores in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#kernel/problem.ts'
import {
  callerOf,
  limited,
  limitsOf,
  manyCustomers,
  modelLimits,
  planFor,
} from '#test/gateway/leases.ts'
import { LimitPolicy, Limits, mistakesIn } from './policy.ts'

const refusalOf = async (asked: () => unknown): Promise<Problem | undefined> => {
  try {
    await asked()
    return undefined
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
const policy = (change: Partial<LimitPolicy>): LimitPolicy =>
  LimitPolicy.parse({ name: 'own', shape: { kind: 'rate', perSecond: 10, burst: 20 }, ...change })

test('G25: in every interval T one gateway admits no more than burst + rate × T, however the calls fall', async () => {
  const gaps = fc.array(
    fc.tuple(fc.oneof(fc.constant(0), fc.nat(50), fc.nat(5_000)), fc.integer({ min: 1, max: 3 })),
    { minLength: 1, maxLength: 150 },
  )
  await fc.assert(
    fc.asyncProperty(
      gaps,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 3, max: 60 }),
      async (steps, perSecond, burst) => {
        const { limits, time } = modelLimits()
        const operations = [1, 2, 3].map((units) => limited({ id: `u${units}`, units }))
        const plan = planFor(limitsOf({ rate: { perSecond, burst } }), ...operations)
        const admitted: { atMs: number; units: number }[] = []
        for (const [gap, units] of steps) {
          time.nowMs += gap
          const operation = operations[units - 1]!
          if (!(await refusalOf(() => limits.admit(plan, callerOf(), operation))))
            admitted.push({ atMs: time.nowMs, units })
        }
        admitted.forEach((first, i) => {
          let sum = 0
          for (const { atMs, units } of admitted.slice(i)) {
            sum += units
            const most = burst + (perSecond * (atMs - first.atMs)) / 1_000
            assert.ok(sum <= most + 1 + 1e-6, `${sum} in ${atMs - first.atMs} ms of ${most}`)
          }
        })
      },
    ),
    { numRuns: 150, seed: 1 },
  )
})

test('a partner that keeps within its rate is never refused, and waits for the store a few times a second', async () => {
  const { limits, time, rateDesk } = modelLimits()
  const plan = planFor(limitsOf({ rate: { perSecond: 500, burst: 1_000 } }))
  let waited = 0
  for (let i = 0; i < 10_000; i++) {
    time.nowMs += 2.5
    const admission = limits.admit(plan, callerOf(), limited())
    if (admission instanceof Promise) waited++
    ;(await admission).leave()
  }
  assert.ok(waited < 30, `${waited} of 10000 calls waited`)
  assert.ok(rateDesk.asked() < 10_000 / 20, `${rateDesk.asked()} leases`)
})

test('G30: a refused call is charged to none of its limits, and says which one, and when to come back', async () => {
  const { limits, time } = modelLimits()
  const small = limited({ id: 'small', budget: 'small' })
  const plan = planFor(limitsOf({ dailyQuota: 5 }), small, limited())
  for (let i = 0; i < 3; i++) await limits.admit(plan, callerOf(), small)
  for (let i = 0; i < 50; i++) {
    const refusal = await refusalOf(() => limits.admit(plan, callerOf(), small))
    assert.equal(refusal?.code, 'gateway/rate-limited')
    assert.deepEqual(refusal.particulars.members, { 'violated-policies': ['small'] })
    assert.match(refusal.particulars.type ?? '', /#quota-exceeded$/)
    const wait = Number(refusal.particulars.headers?.['retry-after'])
    assert.ok(wait >= 2 && wait <= 4, `${wait} s for one permit at 0.5 a second`)
    assert.match(refusal.particulars.headers?.['ratelimit'] ?? '', /"small";r=0;t=6/)
  }
  await limits.admit(plan, callerOf(), limited())
  const last = await limits.admit(plan, callerOf(), limited())
  assert.match(last.remaining, /"day";r=0;/)
  const over = await refusalOf(() => limits.admit(plan, callerOf(), limited()))
  assert.equal(over?.code, 'contracts/quota-exhausted')
  assert.ok(Number(over.particulars.headers?.['retry-after']) >= 86_399)
  time.nowMs = 86_400_000
  await limits.admit(plan, callerOf(), limited())
})

test('G30: what never reached the bank gives back quota and budget once, and never its rate', async () => {
  const { limits, time } = modelLimits()
  const small = limited({ id: 'small', budget: 'small' })
  const plan = planFor(
    limitsOf({ dailyQuota: 1, rate: { perSecond: 1, burst: 10 } }),
    small,
    limited(),
  )
  const admission = await limits.admit(plan, callerOf(), small)
  admission.giveBack()
  admission.giveBack()
  const again = await limits.admit(plan, callerOf(), small)
  assert.match(again.remaining, /"rate";r=8;.*"day";r=0;.*"small";r=2;/)
  assert.equal(
    (await refusalOf(() => limits.admit(plan, callerOf(), limited())))?.code,
    'contracts/quota-exhausted',
  )
  // What is given back after midnight was of yesterday.
  time.nowMs = 86_400_000
  const today = await limits.admit(plan, callerOf(), limited())
  again.giveBack()
  assert.match(today.remaining, /"day";r=0;/)
  assert.equal(
    (await refusalOf(() => limits.admit(plan, callerOf(), limited())))?.code,
    'contracts/quota-exhausted',
  )
})

test('places are given back when calls end, once each; among gateways they are divided', async () => {
  const one = modelLimits()
  const plan = planFor(limitsOf({ concurrency: 2 }))
  const first = await one.limits.admit(plan, callerOf(), limited())
  await one.limits.admit(plan, callerOf(), limited())
  const third = await refusalOf(() => one.limits.admit(plan, callerOf(), limited()))
  assert.deepEqual(third?.particulars.members, { 'violated-policies': ['concurrency'] })
  first.leave()
  first.leave()
  await one.limits.admit(plan, callerOf(), limited())
  assert.equal((await refusalOf(() => one.limits.admit(plan, callerOf(), limited())))?.status, 429)

  const ofTwo = modelLimits({ crowd: () => ({ most: 4, live: 2 }) })
  await ofTwo.limits.admit(plan, callerOf(), limited())
  assert.equal(
    (await refusalOf(() => ofTwo.limits.admit(plan, callerOf(), limited())))?.status,
    429,
  )
})

test('limits are kept apart for applications, customers and consents, and all that apply must have room', async () => {
  const { limits } = modelLimits()
  const rate = { kind: 'rate', perSecond: 1, burst: 2 } as const
  const plan = planFor(
    limitsOf({
      policies: [
        policy({ name: 'application', per: ['application'], shape: { ...rate, burst: 4 } }),
        policy({ name: 'consent', per: ['consent'], shape: rate }),
        policy({ name: 'customer', per: ['customer'], shape: { ...rate, burst: 3 } }),
      ],
    }),
  )
  const of = (applicationId: string, consentId: string | null, subject: string) =>
    limits.admit(plan, callerOf({ applicationId, consentId, subject }), limited())
  const violated = async (asked: () => unknown) =>
    (await refusalOf(asked))?.particulars.members?.['violated-policies']
  await of('a', 'consent_1', 'sub_1')
  await of('a', 'consent_1', 'sub_1')
  assert.deepEqual(await violated(() => of('a', 'consent_1', 'sub_1')), ['consent'])
  await of('a', 'consent_2', 'sub_1')
  assert.deepEqual(await violated(() => of('a', 'consent_2', 'sub_1')), ['customer'])
  const free = await of('a', null, 'a')
  assert.doesNotMatch(free.remaining, /consent|customer/)
  assert.deepEqual(await violated(() => of('a', null, 'a')), ['application'])
  await of('b', null, 'b')
})

test('a policy is about the products, operations, scopes and classes that it names, and about no others', () => {
  const pay = limited({ id: 'pay', product: 'payments', scope: 'payments', priority: 'payment' })
  const read = limited({ id: 'read', product: 'accounts', scope: 'accounts' })
  const named = (appliesTo: LimitPolicy['appliesTo']) => {
    const plan = planFor(limitsOf({ policies: [policy({ appliesTo })] }), pay, read)
    return [...plan].filter(([, p]) => p.rules.some((r) => r.name === 'own')).map(([id]) => id)
  }
  assert.deepEqual(named({}), ['pay', 'read'])
  assert.deepEqual(named({ products: ['payments'] }), ['pay'])
  assert.deepEqual(named({ operations: ['read'] }), ['read'])
  assert.deepEqual(named({ scopes: ['accounts'], classes: ['payment'] }), [])
  assert.deepEqual(named({ classes: ['payment'] }), ['pay'])
})

test('G29: a new snapshot in mid-flight keeps every level, whatever it changes', async () => {
  const { limits } = modelLimits()
  const plan = planFor(limitsOf({ rate: { perSecond: 1, burst: 10 } }))
  for (let i = 0; i < 6; i++) await limits.admit(plan, callerOf(), limited())
  const larger = planFor(limitsOf({ rate: { perSecond: 1, burst: 12 }, dailyQuota: 7 }))
  assert.match((await limits.admit(larger, callerOf(), limited())).remaining, /"rate";r=3;/)
  for (let i = 0; i < 3; i++) await limits.admit(plan, callerOf(), limited())
  assert.equal(
    (await refusalOf(() => limits.admit(larger, callerOf(), limited())))?.code,
    'gateway/rate-limited',
  )
})

test('G32: with the store away `refuse` refuses, `share` admits its share and owes it, `local` the whole rate', async () => {
  for (const [whenAway, most] of [
    ['refuse', 0],
    ['share', 10],
    ['local', 40],
  ] as const) {
    const { limits, time, rateDesk } = modelLimits()
    const shape = { kind: 'rate', perSecond: 40, burst: 40 } as const
    const generous = { perSecond: 10_000, burst: 1_000_000 }
    const plan = planFor(limitsOf({ rate: generous, policies: [policy({ whenAway, shape })] }))
    // All of the generous rate that a while needs is held.
    for (let i = 0; i < 4; i++) await limits.admit(plan, callerOf(), limited())
    rateDesk.setAway(true)
    let admitted = 0
    for (let ms = 0; ms < 2_000; ms += 5) {
      time.nowMs += 5
      const refusal = await refusalOf(() => limits.admit(plan, callerOf(), limited()))
      if (!refusal) admitted++
      else {
        assert.equal(refusal.status, 503)
        assert.match(refusal.particulars.type ?? '', /#temporary-reduced-capacity$/)
        assert.ok(refusal.particulars.headers?.['retry-after'])
      }
    }
    const held = 40
    assert.ok(admitted <= held + 2 * most, `${whenAway}: ${admitted}`)
    if (most > 0) assert.ok(admitted >= most, `${whenAway}: ${admitted}`)

    rateDesk.setAway(false)
    const back = await refusalOf(() => limits.admit(plan, callerOf(), limited()))
    assert.notEqual(back?.status, 503)
  }
})

test('an operation whose budget the contract lacks is refused', async () => {
  const { limits } = modelLimits()
  const plan = planFor(limitsOf({ budgets: {} }), limited({ budget: 'small' }))
  assert.equal(
    (await refusalOf(() => limits.admit(plan, callerOf(), limited({ budget: 'small' }))))?.code,
    'contracts/inactive',
  )
})

test('G30: refusals are bounded themselves: of a thousand in a second a few hundred are worth their record', () => {
  const { limits, time } = modelLimits()
  const worth = () =>
    Array.from({ length: 1_000 }, () => limits.worthRecording('p')).filter(Boolean).length
  assert.equal(worth(), 200)
  time.nowMs += 5_000
  assert.equal(worth(), 100)
  assert.equal(limits.state().refusalsUnrecorded, 1_700)
})

test('G36: customers that come once leave no memory behind, and no live key is forgotten', async () => {
  // bench/limits.ts memory does the same with a million.
  const { most, left, grownMiB } = await manyCustomers(60_000)
  assert.ok(most < 60_000, `${most} keys at once`)
  assert.equal(left, 0)
  assert.ok(grownMiB < 128, `${grownMiB} MiB more`)
})

test('limits that contradict themselves, or that admit nothing, are named with their reason', () => {
  const wrong = (limits: unknown) => {
    const parsed = Limits.safeParse(limits)
    return parsed.success ? '' : parsed.error.issues.map((i) => i.message).join('; ')
  }
  const withPolicy = (own: unknown) => wrong({ ...limitsOf(), policies: [own] })
  const month = { kind: 'window', period: 'month', zone: 'Asia/Tashkent', limit: 100 }
  assert.equal(withPolicy({ name: 'month', shape: month, whenAway: 'refuse' }), '')
  assert.match(withPolicy({ name: 'month', shape: month, whenAway: 'share' }), /a quota is money/)
  assert.match(
    withPolicy({ name: 'm', shape: { ...month, zone: 'Mars/Base' }, whenAway: 'refuse' }),
    /IANA/,
  )
  assert.match(withPolicy({ name: 'rate', shape: month, whenAway: 'refuse' }), /rate is taken/)
  assert.match(withPolicy({ name: 'small', shape: month, whenAway: 'refuse' }), /small is taken/)
  assert.match(
    withPolicy({ name: 'slow', shape: { kind: 'rate', perSecond: 0.00001, burst: 1 } }),
    /write a window/,
  )
  assert.match(withPolicy({ name: 'none', shape: { kind: 'rate', perSecond: 1, burst: 0 } }), />0/)
  assert.match(withPolicy({ ...policy({}), per: ['consent', 'consent'] }), /twice/)
  assert.match(withPolicy({ ...policy({}), appliesTo: { operations: [] } }), /names nothing/)
  assert.match(
    wrong({
      ...limitsOf({ dailyQuota: 101 }),
      policies: [{ name: 'month', shape: month, whenAway: 'refuse' }],
    }),
    /contradicts 101 in a day/,
  )

  const operations = [limited({ id: 'dear', units: 5 }), limited({ id: 'read', scope: 'accounts' })]
  const mistakes = (own: Partial<LimitPolicy>) =>
    mistakesIn(limitsOf({ policies: [policy(own)] }), operations).join('; ')
  assert.equal(mistakes({}), '')
  assert.match(
    mistakes({ appliesTo: { operations: ['raed'] } }),
    /raed is none of the operations.*read/,
  )
  assert.match(
    mistakes({ counts: 'units', shape: { kind: 'rate', perSecond: 1, burst: 4 } }),
    /dear costs 5 units, and 4 is all/,
  )
  assert.match(
    mistakes({ appliesTo: { operations: ['dear'], scopes: ['accounts'] } }),
    /no operation on offer is all/,
  )
})
