import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, newPartner, openTrial, refs, uzs } from '../../trial.ts'
import { clear, refund } from '../authorizations/index.ts'
import { listCardTransactions } from '../authorizations/reading.ts'
import { cardTrial } from '../trial.ts'
import { DisputeId, DisputeStatus, disputeTransitions, EVIDENCE_DAYS } from './dispute.ts'
import {
  addEvidence,
  changeDisputeStatus,
  expireDisputes,
  getDispute,
  openDispute,
  settleDispute,
} from './index.ts'
import * as store from './store.ts'

const trial = await openTrial((await freshDatabase('cell')).as('bank'))
const { bank } = trial
const { newCard, ask, by } = cardTrial(trial)

/** A card transaction of 100.00, and how its partner disputes part of it. */
const cleared = async () => {
  const { caller, card } = await newCard()
  const authorization = await ask(card, 100_00n)
  await clear(bank, 'system', { ...by(authorization), amount: uzs(100_00n), final: true })
  const { data } = await listCardTransactions(bank, caller, { limit: 1 })
  const [transaction] = data
  assert.ok(transaction)
  const dispute = (minor: bigint) =>
    openDispute(
      bank,
      { ...caller, idempotencyKey: uuidv7() },
      {
        transactionId: transaction.transactionId,
        reason: 'NOT_RECEIVED',
        amount: uzs(minor),
      },
    )
  return { caller, dispute, authorization }
}
const receipt = {
  kind: 'RECEIPT',
  sha256: 'a'.repeat(64),
  mediaType: 'application/pdf',
  sizeBytes: 1_000,
} as const
const booked = () => trial.booked(refs.payer.current)

test('a dispute is submitted with evidence, reviewed and won, and its amount comes back once', async () => {
  const { caller, dispute } = await cleared()
  const { disputeId: id, status } = await dispute(40_00n)
  const before = await booked()
  const { partnerId } = caller
  const settle = (outcome: 'in_review' | 'won' | 'lost') =>
    settleDispute(bank, 'system', { id, partnerId, outcome })

  assert.equal(status, 'opened')
  const submit = () => changeDisputeStatus(bank, caller, { id, action: 'submit' })
  await assert.rejects(submit(), { code: 'cards/dispute-transition-refused' })
  await addEvidence(bank, caller, { id, evidence: receipt })
  assert.equal((await addEvidence(bank, caller, { id, evidence: receipt })).evidence.length, 1)
  assert.equal((await submit()).status, 'submitted')
  await assert.rejects(settle('won'), { code: 'cards/dispute-transition-refused' })
  await settle('in_review')
  await assert.rejects(changeDisputeStatus(bank, caller, { id, action: 'withdraw' }), {
    code: 'cards/dispute-transition-refused',
  })
  const won = await Promise.all([settle('won'), settle('won')])
  assert.deepEqual(
    won.map((one) => one.status),
    ['won', 'won'],
  )
  assert.equal((await booked()) - before, 40_00n)
  await assert.rejects(settle('lost'), { code: 'cards/dispute-transition-refused' })
})

test('of ten disputes at once no more is taken of a transaction than there is', async () => {
  const { dispute } = await cleared()
  const tries = await Promise.allSettled(Array.from({ length: 10 }, () => dispute(30_00n)))
  assert.equal(tries.filter((one) => one.status === 'fulfilled').length, 3)
  for (const one of tries)
    if (one.status === 'rejected') assert.equal(one.reason.code, 'cards/amount-exceeded')
})

test('what the merchant gave back already does not come a second time', async () => {
  const { caller, dispute, authorization } = await cleared()
  const { disputeId: id } = await dispute(100_00n)
  await addEvidence(bank, caller, { id, evidence: receipt })
  await changeDisputeStatus(bank, caller, { id, action: 'submit' })
  await refund(bank, 'system', { ...by(authorization), amount: uzs(70_00n) })
  const before = await booked()
  const { partnerId } = caller
  await settleDispute(bank, 'system', { id, partnerId, outcome: 'in_review' })
  await settleDispute(bank, 'system', { id, partnerId, outcome: 'won' })
  assert.equal((await booked()) - before, 30_00n)
})

test('evidence comes in time: a dispute that waits too long has expired for every reader, and lets go of its part', async () => {
  const { caller, dispute } = await cleared()
  const { disputeId: id } = await dispute(100_00n)
  trial.pass(EVIDENCE_DAYS * 24 * 3_600)
  assert.equal((await getDispute(bank, caller, id)).status, 'expired')
  await assert.rejects(addEvidence(bank, caller, { id, evidence: receipt }), {
    code: 'cards/dispute-too-late',
  })
  await expireDisputes(bank)
  assert.equal((await store.find(bank.db, caller.partnerId, id))?.status, 'expired')
  assert.equal((await dispute(100_00n)).status, 'opened')
  trial.pass(200 * 24 * 3_600)
  await assert.rejects(dispute(1n), { code: 'cards/dispute-too-late' })
})

test('a dispute is its partner’s alone', async () => {
  const { dispute } = await cleared()
  const { disputeId: id } = await dispute(1n)
  const stranger = callBy(newPartner(), 'getDispute')
  const notFound = { code: 'gateway/not-found' }
  await assert.rejects(getDispute(bank, stranger, id), notFound)
  await assert.rejects(changeDisputeStatus(bank, stranger, { id, action: 'withdraw' }), notFound)
  await assert.rejects(addEvidence(bank, stranger, { id, evidence: receipt }), notFound)
  await assert.rejects(getDispute(bank, stranger, DisputeId.next()), notFound)
})

test('no way through the table comes back to where it was', () => {
  fc.assert(
    fc.property(fc.constantFrom(...DisputeStatus.options), (from) => {
      const reached = new Set<DisputeStatus>()
      const walk = (at: DisputeStatus): void => {
        for (const next of disputeTransitions[at]) {
          assert.ok(!reached.has(next) || next !== from)
          reached.add(next)
          walk(next)
        }
      }
      walk(from)
      assert.ok(!reached.has(from))
    }),
  )
})
