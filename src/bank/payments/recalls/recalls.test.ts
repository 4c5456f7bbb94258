import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../../trial.ts'
import { codesOf, GROSS, openMarketplace, type Received } from '../marketplace.ts'
import { programmeAccountOf } from '../programme.ts'
import {
  answerRecall,
  closeOverdueRecalls,
  createPaymentRefund,
  createRecall,
  detailsOf,
  getRecall,
  listRecalls,
} from './index.ts'
import type { RecallAnswer } from './recall.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const { received: paid, split } = openMarketplace(trial)

/** A payment of a partner that knows its programme's account, as whoever names it as creditor does. */
const received: typeof paid = async (...given) => {
  const r = await paid(...given)
  await programmeAccountOf(bank, r.call('getProgrammeAccount'))
  return r
}

const refund = (r: Received, minor: bigint) =>
  createPaymentRefund(bank, carrier, r.call('createPaymentRefund'), {
    id: r.payment.id,
    request: { amount: uzs(minor), reason: 'CUST' },
  })
const recall = (r: Received) =>
  createRecall(bank, r.call('createRecall'), { id: r.payment.id, request: { reason: 'DUPL' } })
const answer = (
  r: Received,
  id: Awaited<ReturnType<typeof recall>>['recall']['id'],
  a: RecallAnswer,
) => answerRecall(bank, carrier, r.call('answerRecall'), { id, answer: a })

test('of twenty refunds of a tenth of a payment at once, ten are paid', async () => {
  const r = await received(GROSS)
  const before = await trial.booked(refs.payer.current)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => refund(r, GROSS / 10n)),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 10)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/refund-exceeds']))
  assert.equal((await trial.booked(refs.payer.current)) - before, GROSS)
})

test('what was split is not refunded here, and what was refunded is not split', async () => {
  const shared = await received(GROSS)
  await split(shared)
  await assert.rejects(refund(shared, 1n), { code: 'payments/refund-exceeds' })
  const given = await received(GROSS)
  await refund(given, 1n)
  await assert.rejects(split(given), { code: 'payments/source-exceeded' })
})

test('money that went to somebody else is not the partner’s to refund', async () => {
  const r = await received(5_00n, refs.pottery)
  await assert.rejects(refund(r, 1n), { code: 'payments/refund-impossible' })
})

test('an accepted recall returns the whole amount, once, and the payment tells all of it', async () => {
  const r = await received(7_00n)
  const before = await trial.booked(refs.payer.current)
  const { recall: asked } = await recall(r)
  assert.equal(asked.status, 'PENDING')

  const outcomes = await Promise.allSettled(
    Array.from({ length: 6 }, () => answer(r, asked.id, { decision: 'ACCEPT' })),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/recall-answered']))
  assert.equal((await trial.booked(refs.payer.current)) - before, 7_00n)
  const details = await detailsOf(bank, r.call('getPaymentDetails'), r.payment.id)
  assert.deepEqual(
    [details.recalls.map((c) => c.status), details.repayments.map((p) => [p.kind, p.status])],
    [['ACCEPTED'], [['return', 'ACSC']]],
  )
  assert.equal(details.payment.status, 'ACSC')
  await assert.rejects(recall(r), { code: 'payments/recall-open' })
  await assert.rejects(refund(r, 1n), { code: 'payments/refund-exceeds' })
})

test('a return whose answer was lost is found out, and paid once', async () => {
  const r = await received(8_00n)
  const before = await trial.booked(refs.payer.current)
  const { recall: asked } = await recall(r)
  trial.faults.push('lost')
  const { returned } = await answer(r, asked.id, { decision: 'ACCEPT' })
  assert.equal(returned?.status, 'PDNG')
  trial.pass(60)
  await carrier.lookAfter()
  const after = await getRecall(bank, r.call('getRecall'), asked.id)
  assert.equal(after.returned?.status, 'ACSC')
  assert.equal((await trial.booked(refs.payer.current)) - before, 8_00n)
})

test('a rejected recall moves nothing, and the payment may be recalled again', async () => {
  const r = await received(9_00n)
  const { recall: asked } = await recall(r)
  const after = await answer(r, asked.id, { decision: 'REJECT', reason: 'CUST' })
  assert.deepEqual([after.recall.status, after.recall.rejection], ['REJECTED', 'CUST'])
  assert.equal(after.returned, undefined)
  assert.equal((await recall(r)).recall.status, 'PENDING')
})

test('a payee who is no programme cannot answer here: ten business days later it is rejected', async () => {
  const r = await received(10_00n, refs.pottery)
  const { recall: asked } = await recall(r)
  await assert.rejects(answer(r, asked.id, { decision: 'ACCEPT' }), { code: 'gateway/not-found' })
  trial.pass(9 * 86_400)
  await closeOverdueRecalls(bank)
  const read = async () => (await getRecall(bank, r.call('getRecall'), asked.id)).recall
  assert.equal((await read()).status, 'PENDING')
  trial.pass(10 * 86_400)
  await closeOverdueRecalls(bank)
  assert.deepEqual([(await read()).status, (await read()).rejection], ['REJECTED', 'NOAS'])
})

test('a payment that was paid twice is recalled within ten business days; another bank cannot be asked', async () => {
  const r = await received(11_00n)
  trial.pass(20 * 86_400)
  await assert.rejects(recall(r), { code: 'payments/recall-impossible' })
})

test('another partner sees neither the payment’s recall nor its list', async () => {
  const r = await received(12_00n)
  const { recall: asked } = await recall(r)
  const stranger = await received(1_00n)
  await assert.rejects(getRecall(bank, stranger.call('getRecall'), asked.id), {
    code: 'gateway/not-found',
  })
  assert.deepEqual((await listRecalls(bank, stranger.call('listRecalls'))).states, [])
  assert.equal((await listRecalls(bank, r.call('listRecalls'))).states.length, 1)
})
