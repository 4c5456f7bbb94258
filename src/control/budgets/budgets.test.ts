import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { billedPartner } from '#test/billed-partner.ts'
import { bankDocuments } from '#test/documents.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { work } from '#journal/index.ts'
import { Limits } from '#gateway/snapshot.ts'
import { openLog } from '#platform/log.ts'
import type { Letter } from '#platform/mail.ts'
import { appliers as contractAppliers } from '#control/contracts/index.ts'
import { listPeople } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import { limitOf, reached } from './budget.ts'
import {
  alertAll,
  type Budget,
  BudgetAsked,
  BudgetId,
  capPolicy,
  listAlerts,
  listBudgets,
  removeBudget,
  setBudget,
} from './index.ts'

const zone = 'Asia/Tashkent'

test('a threshold is reached at exactly its share, and not a unit before', () => {
  const budget = { limitMinor: 1_000n, thresholds: [50, 80, 100, 120] }
  assert.deepEqual(reached(budget, 499n), [])
  assert.deepEqual(reached(budget, 500n), [50])
  assert.deepEqual(reached(budget, 1_199n), [50, 80, 100])
  assert.deepEqual(reached(budget, 1_200n), [50, 80, 100, 120])
})

test('a cap is money in whole parts: never finer than its price, nothing for what is free or opened by law', () => {
  const budget: Budget = {
    id: BudgetId.next(),
    partnerId: 'partner_1',
    applicationId: 'application_1',
    currency: 'UZS',
    limitMinor: 100_000_00n,
    thresholds: [100],
    setAt: noon,
    cap: { usedMinor: 2_50n, usedUntil: Temporal.Instant.from('2026-11-30T19:00:00Z'), zone },
  }
  const wide = {
    rate: { perSecond: 1, burst: 1 },
    concurrency: 1,
    dailyQuota: null,
    budgets: {},
  }
  const of = (over: Partial<Budget>, unitPrices: Record<string, string>) =>
    capPolicy(
      { ...budget, ...over },
      {
        unitPrices,
        operations: ['one', 'two', 'free', 'lawful'].map((id) => ({
          id,
          units: id === 'two' ? 2 : 1,
        })),
        opened: new Set(['lawful']),
      },
    )
  const prices = { one: '36', two: '0.0000001', free: '0', lawful: '500' }
  const policy = of({}, prices)
  const limits = { ...wide, policies: [policy] }
  assert.deepEqual(Limits.parse(limits), limits)
  // Ten thousand parts of a tiyin: a call at 36 so'm is 36,000,000 of them, and less than one is one.
  assert.deepEqual(policy?.costs, { one: 36_000_000, two: 2 })
  assert.equal(policy?.application, 'application_1')
  assert.deepEqual(policy?.used, { permits: 2_500_000, starts: '2026-11-01' })
  assert.ok(policy?.shape.kind === 'window' && policy.shape.limit === 100_000_000_000)
  assert.equal(of({ cap: null }, prices), undefined)
  assert.equal(of({}, { one: '0', lawful: '500' }), undefined)
  const huge = of({ limitMinor: 10n ** 15n }, prices)
  assert.ok(huge?.shape.kind === 'window' && Number.isSafeInteger(huge.shape.limit))
})

test('whatever a cap’s rows say, the document that all partners’ limits are in can be read', () => {
  const decimals = fc.tuple(fc.bigInt(0n, 10n ** 24n), fc.nat(9)).map(([n, scale]) => {
    const digits = n.toString().padStart(scale + 1, '0')
    return `${digits.slice(0, digits.length - scale)}.${digits.slice(digits.length - scale)}0`
  })
  fc.assert(
    fc.property(
      fc.bigInt(1n, 10n ** 20n),
      fc.bigInt(0n, 10n ** 24n),
      fc.constantFrom('UZS', 'JPY', 'KWD'),
      decimals,
      fc.integer({ min: 1, max: 10_000_000 }),
      (limitMinor, usedMinor, currency, price, dailyQuota) => {
        const policy = capPolicy(
          {
            id: BudgetId.next(),
            partnerId: 'partner_1',
            applicationId: null,
            currency,
            limitMinor,
            thresholds: [100],
            setAt: noon,
            cap: { usedMinor, usedUntil: noon, zone },
          },
          {
            unitPrices: { one: price, two: '0.01' },
            operations: [
              { id: 'one', units: 3 },
              { id: 'two', units: 1 },
            ],
            opened: new Set(),
          },
        )
        const limits = Limits.parse({
          rate: { perSecond: 1, burst: 1 },
          concurrency: 1,
          dailyQuota,
          budgets: {},
          policies: [policy],
        })
        const [cap] = limits.policies ?? []
        assert.ok(cap?.shape.kind === 'window' && cap.used)
        assert.ok(cap.used.permits <= cap.shape.limit)
      },
    ),
  )
})

test('a budget that cannot be right is refused with its places', () => {
  assert.throws(
    () => limitOf(BudgetAsked.parse({ currency: 'JPY', amount: '1.5', thresholds: [80, 50] })),
    (error: { particulars?: { errors?: { pointer: string }[] } }) => {
      assert.deepEqual(
        error.particulars?.errors?.map((e) => e.pointer),
        ['/amount', '/thresholds'],
      )
      return true
    },
  )
})

test('people are told once for each threshold of a month, by mail and in the portal, however often it is looked at', async () => {
  const db = (await freshDatabase('control')).as('control')
  await seedControl(db, noon, { documents: bankDocuments() })
  const agreed = approvedByTwo(db, new Map(Object.entries(contractAppliers)))
  const { partnerId, calls } = await billedPartner(db, agreed, { now: noon })
  const [owner] = await listPeople(db, partnerId)
  const call = (count: number, applicationId: string) =>
    calls(count, noon, { applicationId, product: 'payments', operation: 'createPayment' })
  const asked = (amount: string, applicationId: string | null) =>
    BudgetAsked.parse({ currency: 'UZS', amount, applicationId })
  await work(db, 'system', noon, (w) =>
    setBudget(w, partnerId, asked('9999', 'application_one'), zone),
  )
  const one = await work(db, 'system', noon, (w) =>
    setBudget(w, partnerId, asked('1000', 'application_one'), zone),
  )
  await work(db, 'system', noon, (w) => setBudget(w, partnerId, asked('100000', null), zone))
  assert.equal((await listBudgets(db, partnerId)).length, 2, 'a newer one replaces')

  const letters: Letter[] = []
  const world = {
    zone: 'Asia/Tashkent',
    bankName: 'Namuna',
    now: () => noon,
    log: openLog({ process: 'test' }, 'silent'),
    send: async (letter: Letter) => void letters.push(letter),
  }
  await call(1, 'application_one')
  await call(30, 'application_two')
  await alertAll(db, world)
  await Promise.all([alertAll(db, world), alertAll(db, world)])
  assert.deepEqual(
    letters.map((l) => [l.to, l.subject]),
    [[owner?.email, '50 % of a budget is used']],
  )
  await call(1, 'application_one')
  await alertAll(db, world)
  assert.equal(letters.length, 2, 'the highest of what is new is told')
  assert.match(letters[1]?.subject ?? '', /^100 %/)
  assert.deepEqual(
    (await listAlerts(db, partnerId)).map((a) => a.threshold),
    [100, 80, 50],
  )
  // Forty and two so'm were spent of the month before the cap counted: 32 calls at 500.
  const capped = await work(db, 'system', noon, (w) =>
    setBudget(w, partnerId, { ...asked('900000.50', null), hard: true }, zone),
  )
  const [listed] = (await listBudgets(db, partnerId)).filter((b) => b.id === capped.id)
  assert.deepEqual(listed, capped)
  assert.deepEqual(
    [capped.cap?.usedMinor, capped.cap?.usedUntil.toString(), capped.cap?.zone],
    [32n * 500_00n, '2026-11-30T19:00:00Z', zone],
  )
  const inDollars = BudgetAsked.parse({ currency: 'USD', amount: '100' })
  const set = (hard: boolean) =>
    work(db, 'system', noon, (w) => setBudget(w, partnerId, { ...inDollars, hard }, zone))
  await assert.rejects(set(true), (error: { code?: string; particulars?: object }) => {
    assert.equal(error.code, 'budgets/refused', 'it would stop nothing')
    assert.match(JSON.stringify(error.particulars), /"pointer":"\/currency"/)
    return true
  })
  assert.equal((await set(false)).cap, null)
  await work(db, 'system', noon, (w) => removeBudget(w, { partnerId, id: one.id }))
  await call(10, 'application_one')
  assert.equal(await alertAll(db, world), 0)
})
