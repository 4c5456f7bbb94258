import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs } from '../../trial.ts'
import { cancelPayment, createPayment, getPayment, listPayments } from '../pay.ts'
import { openCustomer } from '../order.ts'
import { detailsOf } from '../recalls/index.ts'
import { executeDue } from './execute.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const customer = await openCustomer(trial)

/** Noon of the trial is 17:00 of Sunday 22 November in Tashkent. */
const dated = async (minor: bigint, day: string) => {
  const { caller, request } = customer.dated(minor, day)
  return createPayment(bank, carrier, caller, request)
}
const read = (id: Awaited<ReturnType<typeof dated>>['id']) =>
  getPayment(bank, customer.call('getPayment'), id)
const HOUR = 3_600

test('a payment for a day waits for it, moves nothing before, and is paid on it once', async () => {
  const before = await trial.booked(refs.pottery)
  const payment = await dated(21_00n, '2026-11-25')
  assert.equal(payment.status, 'ACCP')
  assert.equal(payment.executeAt?.toString(), '2026-11-25T04:00:00Z')
  assert.equal(await executeDue(bank, carrier), 0)

  trial.pass(64 * HOUR)
  const counts = await Promise.all(Array.from({ length: 8 }, () => executeDue(bank, carrier)))

  assert.equal(
    counts.reduce((a, b) => a + b, 0),
    1,
  )
  assert.equal((await read(payment.id)).status, 'ACSC')
  assert.equal((await trial.booked(refs.pottery)) - before, 21_00n)
  const { statuses } = await detailsOf(bank, customer.call('getPaymentDetails'), payment.id)
  assert.deepEqual(
    statuses.map(({ status }) => status),
    ['RCVD', 'ACCP', 'ACSP', 'ACSC'],
  )
})

test('a process that dies between the execution and the core leaves a payment that is paid once', async () => {
  const before = await trial.booked(refs.pottery)
  const payment = await dated(22_00n, '2026-11-26')
  trial.pass(24 * HOUR)
  await executeDue(bank, { ...carrier, carry: async () => {} })
  assert.equal((await read(payment.id)).status, 'ACSP')

  assert.equal(await executeDue(bank, carrier), 0)
  trial.pass(60)
  await carrier.lookAfter()

  assert.equal((await read(payment.id)).status, 'ACSC')
  assert.equal((await trial.booked(refs.pottery)) - before, 22_00n)
})

test('what waits is cancelled, once and for good; what was paid is not', async () => {
  const before = await trial.booked(refs.pottery)
  const payment = await dated(23_00n, '2026-12-01')
  const cancel = () =>
    cancelPayment(bank, customer.call('cancelPayment'), { id: payment.id, reason: 'CUST' })

  const all = await Promise.all([cancel(), cancel(), cancel()])
  trial.pass(10 * 24 * HOUR)
  await executeDue(bank, carrier)

  for (const { status, reasonCode } of all) assert.deepEqual([status, reasonCode], ['CANC', 'CUST'])
  assert.equal((await trial.booked(refs.pottery)) - before, 0n)
  const paid = await dated(24_00n, bank.now().toString().slice(0, 10))
  trial.pass(72 * HOUR)
  await executeDue(bank, carrier)
  await assert.rejects(
    cancelPayment(bank, customer.call('cancelPayment'), { id: paid.id, reason: 'CUST' }),
    { code: 'payments/not-cancellable' },
  )
})

test('of a cancellation and an execution at the same moment exactly one happens', async () => {
  for (let n = 0; n < 10; n++) {
    const before = await trial.booked(refs.pottery)
    const day = bank.now().toString().slice(0, 10)
    const payment = await dated(25_00n, day)
    assert.equal(['ACCP', 'ACSC'].includes(payment.status), true)
    trial.pass(96 * HOUR)
    const [executed] = await Promise.allSettled([
      executeDue(bank, carrier),
      cancelPayment(bank, customer.call('cancelPayment'), { id: payment.id, reason: 'CUST' }),
    ])
    assert.equal(executed.status, 'fulfilled')
    await executeDue(bank, carrier)
    const { status } = await read(payment.id)
    const moved = (await trial.booked(refs.pottery)) - before
    assert.deepEqual([status, moved], status === 'CANC' ? ['CANC', 0n] : ['ACSC', 25_00n])
  }
})

test('a day that is over, and another day than the one approved, are refused', async () => {
  const over = customer.dated(1_00n, '2026-11-20')
  await assert.rejects(createPayment(bank, carrier, over.caller, over.request), {
    code: 'payments/execution-date-unusable',
  })
  const { caller, request } = customer.dated(1_00n, '2027-01-20')
  const other = { ...request, requestedExecutionDate: Temporal.PlainDate.from('2027-01-21') }
  await assert.rejects(createPayment(bank, carrier, caller, other), {
    code: 'payments/differs-from-consent',
  })
})

test('payments are listed newest first, page by page, none twice and none of anybody else', async () => {
  const call = customer.call('listPayments')
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await listPayments(bank, call, { limit: 4, ...(cursor && { cursor }) })
    seen.push(...page.payments.map(({ id }) => id))
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  assert.ok(seen.length > 8)
  assert.deepEqual(seen, [...new Set(seen)].toSorted().toReversed())
  const stranger = await openCustomer(trial)
  const other = await listPayments(bank, stranger.call('listPayments'), {})
  assert.deepEqual(other.payments, [])
})
