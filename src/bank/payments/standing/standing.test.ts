import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs } from '../../trial.ts'
import { openCustomer } from '../order.ts'
import { createPayment, listPayments } from '../pay.ts'
import {
  cancelStandingPayment,
  createStandingPayment,
  executeStanding,
  getStandingPayment,
} from './index.ts'
import { nextDay, occurrence, StandingRequest } from './standing.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const customer = await openCustomer(trial)
const DAY = 86_400
const day = (text: string) => Temporal.PlainDate.from(text)

const created = async (minor: bigint, round: object) => {
  const { caller, request } = customer.standing(minor, round)
  return createStandingPayment(bank, caller, request)
}
const executions = async (orderId: string) =>
  (await listPayments(bank, customer.call('listPayments'), { orderId })).payments

test('a month that is too short pays on its last day, and the next one on the day that was meant', () => {
  const monthly = { frequency: 'MNTH' as const, pointInTime: '31', firstOn: day('2026-12-31') }
  const days = [0, 1, 2, 3, 4].map((n) => occurrence(monthly, n).toString())
  assert.deepEqual(days, ['2026-12-31', '2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30'])
  const weekly = { frequency: 'WEEK' as const, pointInTime: '05', firstOn: day('2026-11-23') }
  assert.equal(occurrence(weekly, 1).toString(), '2026-12-04')
})

test('whatever the frequency, each occurrence is later than the one before, until the order ends', () => {
  const types = fc.constantFrom('DAIL', 'WEEK', 'FRTN', 'MNTH', 'QURT', 'MIAN', 'YEAR')
  const round = fc.record({
    type: types,
    point: fc.option(fc.integer({ min: 1, max: 31 }), { nil: null }),
    first: fc.integer({ min: 0, max: 800 }),
    count: fc.integer({ min: 1, max: 40 }),
  })
  const Shape = StandingRequest.shape.standing.shape.frequency.shape.type
  fc.assert(
    fc.property(round, ({ type, point, first, count }) => {
      const most = type === 'MNTH' ? 31 : 7
      const pointed = ['WEEK', 'FRTN', 'MNTH'].includes(type) && point !== null && point <= most
      const order = {
        frequency: Shape.parse(type),
        pointInTime: pointed ? String(point).padStart(2, '0') : null,
        firstOn: day('2026-01-01').add({ days: first }),
      }
      for (let n = 1; n < count; n++)
        assert.equal(Temporal.PlainDate.compare(occurrence(order, n), occurrence(order, n - 1)), 1)
    }),
  )
})

test('each time its day comes round it pays once, however many processes look, and completes after the last', async () => {
  const before = await trial.booked(refs.pottery)
  const order = await created(31_00n, {
    frequency: { type: 'WEEK' },
    firstPaymentDate: '2026-11-23',
    numberOfPayments: 3,
  })

  for (let n = 0; n < 5; n++) {
    trial.pass(7 * DAY)
    await Promise.all(Array.from({ length: 6 }, () => executeStanding(bank, carrier)))
  }

  const paid = await executions(order.id)
  assert.deepEqual(
    paid.map(({ orderPosition, status }) => [orderPosition, status]).toReversed(),
    [0, 1, 2].map((n) => [n, 'ACSC']),
  )
  assert.equal((await trial.booked(refs.pottery)) - before, 93_00n)
  const after = await getStandingPayment(bank, customer.call('getStandingPayment'), order.id)
  assert.deepEqual([after.status, after.nextPosition, after.nextAt], ['COMPLETED', 3, null])
})

test('killed between the execution and the core, each occurrence is still paid once', async () => {
  const before = await trial.booked(refs.pottery)
  const first = bank.now().toString().slice(0, 10)
  const order = await created(32_00n, {
    frequency: { type: 'MNTH' },
    firstPaymentDate: first,
    numberOfPayments: 2,
  })
  for (let n = 0; n < 3; n++) {
    trial.pass(33 * DAY)
    await executeStanding(bank, { ...carrier, carry: async () => {} })
    trial.pass(60)
    await carrier.lookAfter()
  }
  assert.equal((await executions(order.id)).length, 2)
  assert.equal((await trial.booked(refs.pottery)) - before, 64_00n)
})

test('a cancelled one pays no more, and an ended one cannot be cancelled', async () => {
  const order = await created(33_00n, {
    frequency: { type: 'DAIL' },
    firstPaymentDate: bank.now().add({ hours: 48 }).toString().slice(0, 10),
  })
  const cancel = () =>
    cancelStandingPayment(bank, customer.call('cancelStandingPayment'), {
      id: order.id,
      reason: 'CUST',
    })
  assert.equal((await cancel()).status, 'CANCELLED')
  assert.equal((await cancel()).status, 'CANCELLED')
  trial.pass(30 * DAY)
  assert.equal(await executeStanding(bank, carrier), 0)
  assert.deepEqual(await executions(order.id), [])
})

test('a consent to a standing payment is one standing payment, and pays nothing else', async () => {
  const first = bank.now().add({ hours: 48 }).toString().slice(0, 10)
  const round = { frequency: { type: 'YEAR' }, firstPaymentDate: first }
  const { caller, request } = customer.standing(34_00n, round)
  const made = await createStandingPayment(bank, caller, request)
  assert.equal((await createStandingPayment(bank, caller, request)).id, made.id)
  const again = { ...caller, idempotencyKey: 'another-key-entirely' }
  await assert.rejects(createStandingPayment(bank, again, request), { code: 'consents/exceeded' })
  const { standing: _, ...single } = request
  await assert.rejects(createPayment(bank, carrier, again, single), { code: 'consents/missing' })
  const wider = { ...request, standing: { ...request.standing, numberOfPayments: 9 } }
  await assert.rejects(createStandingPayment(bank, { ...again, consentId: 'consent_x' }, wider), {
    code: 'payments/differs-from-consent',
  })
})

test('the end is the last date, or the last payment, whichever is first', () => {
  const Row = z.custom<Parameters<typeof nextDay>[0]>()
  const base = { frequency: 'MNTH', pointInTime: null, firstOn: day('2026-01-05') }
  const until = Row.parse({ ...base, paymentsMax: null, finalOn: day('2026-03-04') })
  assert.equal(nextDay(until, 1)?.toString(), '2026-02-05')
  assert.equal(nextDay(until, 2), undefined)
  const times = Row.parse({ ...base, paymentsMax: 2, finalOn: null })
  assert.equal(nextDay(times, 2), undefined)
})
