import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../../trial.ts'
import { codesOf } from '../marketplace.ts'
import { openCustomer } from '../order.ts'
import { getPayment } from '../pay.ts'
import { executeDue } from '../scheduled/execute.ts'
import { createMandate, createMandatePayment, followRevocations, getMandate } from './index.ts'
import { MandatePaymentRequest, periodAround } from './mandate.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const customer = await openCustomer(trial)

const given = async (
  most: bigint,
  limits: Record<string, bigint>,
  validTo = '2027-11-01T00:00:00Z',
) => {
  const { caller, request } = customer.mandate(most, limits, validTo)
  const { mandate } = await createMandate(bank, caller, request)
  const pay = (minor: bigint, more: object = {}) =>
    createMandatePayment(
      bank,
      carrier,
      { ...caller, operation: 'createMandatePayment', idempotencyKey: uuidv7() },
      {
        id: mandate.id,
        request: {
          ...MandatePaymentRequest.parse({
            instructedAmount: { amount: '1.00', currency: 'UZS' },
            ...customer.pottery,
          }),
          instructedAmount: uzs(minor),
          ...more,
        },
      },
    )
  return { mandate, caller, request, pay }
}
const stateOf = (id: Awaited<ReturnType<typeof given>>['mandate']['id']) =>
  getMandate(bank, customer.call('getMandate'), id)

test('fifty payments at once under a limit for ten: ten are paid, and not one tiyin more', async () => {
  const before = await trial.booked(refs.pottery)
  const { mandate, pay } = await given(100_00n, { day: 1_000_00n, month: 5_000_00n })

  const outcomes = await Promise.allSettled(Array.from({ length: 50 }, () => pay(100_00n)))

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 10)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/mandate-exceeded']))
  assert.equal((await trial.booked(refs.pottery)) - before, 1_000_00n)
  const { uses } = await stateOf(mandate.id)
  assert.deepEqual(
    uses.map(({ period, usedMinor }) => [period, usedMinor]),
    [
      ['day', 1_000_00n],
      ['month', 1_000_00n],
    ],
  )
})

test('a limit is fresh in its next period and not before', async () => {
  const { pay } = await given(100_00n, { day: 100_00n })
  await pay(100_00n)
  await assert.rejects(pay(1n), { code: 'payments/mandate-exceeded' })
  // 17:00 in Tashkent: seven hours are left of the day.
  trial.pass(7 * 3_600 - 60)
  await assert.rejects(pay(1n), { code: 'payments/mandate-exceeded' })
  trial.pass(120)
  assert.equal((await pay(100_00n)).status, 'ACSC')
})

test('more than one payment may be, another payee, another consent and a day past the end are refused', async () => {
  const soon = bank
    .now()
    .add({ hours: 24 * 30 })
    .toString()
  const { mandate, caller, pay, request } = await given(100_00n, { year: 9_000_00n }, soon)
  await assert.rejects(pay(100_01n), { code: 'payments/mandate-exceeded' })
  const textiles = await customer.payee(refs.textiles, 'Margilan Textiles')
  await assert.rejects(pay(1_00n, textiles), { code: 'payments/mandate-exceeded' })
  await assert.rejects(pay(1_00n, { creditorName: 'Rishton Potery' }), {
    code: 'payments/mandate-exceeded',
  })
  const late = Temporal.PlainDate.from(soon.slice(0, 10)).add({ days: 7 })
  await assert.rejects(pay(1_00n, { requestedExecutionDate: late }), {
    code: 'payments/mandate-closed',
  })
  const stolen = { ...caller, consentId: 'consent_other' }
  const payment = { ...customer.pottery, instructedAmount: uzs(1_00n) }
  await assert.rejects(
    createMandatePayment(bank, carrier, stolen, { id: mandate.id, request: payment }),
    { code: 'consents/exceeded' },
  )
  const wider = { ...request, maxIndividual: uzs(100_01n) }
  await assert.rejects(createMandate(bank, { ...caller, consentId: 'consent_x' }, wider), {
    code: 'payments/differs-from-consent',
  })
})

test('O55: revoking the consent ends the mandate, and cancels what waits under it for its day', async () => {
  const before = await trial.booked(refs.pottery)
  const { mandate, pay } = await given(100_00n, { year: 9_000_00n })
  const day = Temporal.PlainDate.from(bank.now().add({ hours: 96 }).toString().slice(0, 10))
  const waiting = await pay(50_00n, { requestedExecutionDate: day })
  assert.equal(waiting.status, 'ACCP')
  const following = await followRevocations(bank)

  const at = performance.now()
  await work(database.as('authorization'), 'system', bank.now(), (w) =>
    w.record('consents.revoked', mandate.consentId, { partnerId: customer.partnerId }),
  )
  const read = () => getPayment(bank, customer.call('getPayment'), waiting.id)
  while ((await read()).status === 'ACCP' && performance.now() - at < 60_000) await sleep(20)
  await following.stop()

  assert.deepEqual([(await read()).status, (await stateOf(mandate.id)).status], ['CANC', 'REVOKED'])
  await assert.rejects(pay(1_00n), { code: 'payments/mandate-closed' })
  trial.pass(10 * 86_400)
  await executeDue(bank, carrier)
  assert.equal((await trial.booked(refs.pottery)) - before, 0n)
})

test('a revocation that was not heard of yet still stops what comes due', async () => {
  const { mandate, pay } = await given(100_00n, { year: 9_000_00n })
  const day = Temporal.PlainDate.from(bank.now().add({ hours: 96 }).toString().slice(0, 10))
  const waiting = await pay(50_00n, { requestedExecutionDate: day })
  await bank.db.run`update payments.mandate set status = 'REVOKED' where id = ${mandate.id}`
  trial.pass(10 * 86_400)
  await executeDue(bank, carrier)
  const { status } = await getPayment(bank, customer.call('getPayment'), waiting.id)
  assert.equal(status, 'CANC')
})

test('what is rejected frees its part of the limit', async () => {
  const { mandate, pay } = await given(9_000_000_000_000_00n, { day: 9_000_000_000_000_00n })
  assert.equal((await pay(9_000_000_000_000_00n)).status, 'RJCT')
  assert.equal((await stateOf(mandate.id)).uses[0]?.usedMinor, 0n)
})

test('a day is in exactly one period of each kind, and the next one begins where it ends', () => {
  const start = Temporal.PlainDate.from('2026-01-01')
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 3_000 }),
      fc.constantFrom('day', 'week', 'month', 'year' as const),
      (n, period) => {
        const day = start.add({ days: n })
        const { from, before } = periodAround(period, day)
        assert.ok(Temporal.PlainDate.compare(from, day) <= 0)
        assert.ok(Temporal.PlainDate.compare(day, before) < 0)
        assert.equal(periodAround(period, before).from.toString(), before.toString())
        assert.equal(
          periodAround(period, before.subtract({ days: 1 })).from.toString(),
          from.toString(),
        )
      },
    ),
  )
})
