/** Ways back for the money of a payment: its refund, its recall, and the return that comes of a recall. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { openCursor, sealCursor } from '../../cursor.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import type { Carrier } from '../carrier.ts'
import { payerOf, type Payer } from '../give-back.ts'
import { calendarOf } from '../pay.ts'
import { isSettled, type Payment, type PaymentId, positive } from '../payment.ts'
import { programmeAccountOf } from '../programme.ts'
import { refundExceeds } from '../refund.ts'
import * as splits from '../split-store.ts'
import * as payments from '../store.ts'
import { written } from '../transfer.ts'
import * as transfers from '../transfer-store.ts'
import {
  answerBy,
  answered,
  checkRecallable,
  type Recall,
  type RecallAnswer,
  RecallId,
  recallImpossible,
  recallOpen,
  type RecallRequest,
} from './recall.ts'
import {
  type PaymentRefundRequest,
  refundImpossible,
  RefundId,
  type Repayment,
  ReturnId,
} from './repayment.ts'
import * as store from './store.ts'

/** What may still be taken of a payment, while its row is held: what was split or given back is gone. */
export const leftOfPayment = async (w: Work, payment: Payment): Promise<bigint> =>
  payment.amountMinor -
  (await splits.splitOf(w, payment.id)) -
  (await store.repaidOf(w, payment.id))

/** A programme gives back what it was paid. Money that went to somebody else is not the partner's to give. */
export const createPaymentRefund = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  { id: paymentId, request }: { id: PaymentId; request: PaymentRefundRequest },
): Promise<Repayment> => {
  const { minor, currency } = positive(request.amount)
  const payment = await payments.find(bank.db, caller.partnerId, paymentId)
  if (!payment) throw notFound()
  const programme = await programmeAccountOf(bank, caller)
  const payer = await payerOf(bank, payment)
  const { id, references } = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const held = await payments.lock(w, paymentId, caller.partnerId)
    assert(held, 'a payment stays')
    const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
    const before = await store.repaymentByKey(w, caller.partnerId, idempotencyKey)
    if (before) {
      if (before.bodySha256 !== bodySha256 || before.paymentId !== paymentId)
        throw keyReused('choose a new key for a new refund')
      return { id: before.id, references: [] }
    }
    if (!isSettled(held)) throw refundImpossible(`it is ${held.status}, not settled`)
    if (held.creditorNumber !== programme.number || held.creditorBank !== programme.bankCode)
      throw refundImpossible('the money was paid to somebody else', {
        hint: 'Ask for it with a recall.',
      })
    if (held.currency !== currency) throw refundImpossible(`it was paid in ${held.currency}`)
    if (minor > (await leftOfPayment(w, held)))
      throw refundExceeds('less than that is left of this payment')
    const refund: Repayment = {
      ...base(held, caller, w.now),
      id: RefundId.next(),
      kind: 'refund',
      recallId: null,
      amountMinor: minor,
      reason: request.reason,
    }
    const reference = await writeRepayment(w, refund, { debtorRef: programme.accountRef, payer })
    return { id: refund.id, references: [reference] }
  })
  await carrier.carry(references)
  return store.repayment(bank.db, id)
}

const base = (payment: Payment, caller: Caller, now: Temporal.Instant) => ({
  partnerId: caller.partnerId,
  applicationId: caller.applicationId,
  ...idempotencyOf(caller),
  paymentId: payment.id,
  currency: payment.currency,
  status: 'RCVD' as const,
  reasonCode: null,
  createdAt: now,
  updatedAt: now,
})

const writeRepayment = async (
  w: Work,
  repayment: Repayment,
  { debtorRef, payer }: { debtorRef: string; payer: Payer },
): Promise<string> => {
  await store.addRepayment(w, repayment)
  const transfer = written(
    {
      partnerId: repayment.partnerId,
      purpose: 'repayment',
      repaymentId: repayment.id,
      debtorRef,
      creditorNumber: payer.number,
      creditorBank: payer.bankCode,
      creditorName: payer.name,
      amountMinor: repayment.amountMinor,
      currency: repayment.currency,
      text: repayment.kind === 'refund' ? 'Refund' : 'Return',
    },
    w.now,
  )
  await transfers.add(w, transfer)
  const facts = {
    partnerId: repayment.partnerId,
    applicationId: repayment.applicationId,
    paymentId: repayment.paymentId,
    reason: repayment.reason,
    amountMinor: repayment.amountMinor.toString(),
    currency: repayment.currency,
  }
  if (repayment.kind === 'refund')
    await w.record('payments.payment-refund-created', repayment.id, facts)
  else await w.record('payments.return-created', repayment.id, facts)
  return transfer.reference
}

/** A recall with what is shown of its payment, and the return that came of it. */
export interface RecallState {
  readonly recall: Recall
  readonly payment: Payment
  readonly returned: Repayment | undefined
}

export const createRecall = async (
  bank: BankWorld,
  caller: Caller,
  { id: paymentId, request }: { id: PaymentId; request: RecallRequest },
): Promise<RecallState> => {
  const payment = await payments.find(bank.db, caller.partnerId, paymentId)
  if (!payment) throw notFound()
  const calendar = await calendarOf(bank)
  const payee = await bank.coreFor(caller.partnerId).accountByNumber(payment.creditorNumber)
  if (!payee || payee.bankCode !== payment.creditorBank)
    throw recallImpossible('the payee’s bank cannot be asked from here', {
      gate: 'bank',
      hint: 'Ask the bank to recall it by hand.',
    })
  const id = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
    const before = await store.findByKey(w, caller.partnerId, idempotencyKey)
    if (before) {
      if (before.bodySha256 !== bodySha256 || before.paymentId !== paymentId)
        throw keyReused('choose a new key for a new recall')
      return before.id
    }
    checkRecallable(payment, request.reason, calendar, w.now)
    const account = {
      partnerId: caller.partnerId,
      number: payment.creditorNumber,
      bankCode: payment.creditorBank,
    }
    const recall: Recall = {
      id: RecallId.next(),
      partnerId: caller.partnerId,
      applicationId: caller.applicationId,
      idempotencyKey,
      bodySha256,
      paymentId,
      answeringPartnerId: (await store.programmeOf(w, account)) ?? null,
      reason: request.reason,
      information: request.additionalInformation ?? null,
      status: 'PENDING',
      rejection: null,
      answerBy: answerBy(calendar, w.now),
      createdAt: w.now,
      updatedAt: w.now,
    }
    if (!(await store.add(w, recall)))
      throw recallOpen('one recall at a time, and none after one was accepted')
    await w.record('payments.recall-created', recall.id, about(recall))
    const { answeringPartnerId: partnerId } = recall
    if (partnerId !== null) await w.record('payments.recall-received', recall.id, { partnerId })
    // A payee whose account is closed cannot be asked: the bank answers for them (camt.029 AC04).
    if (payee.status === 'closed')
      await keepAnswer(w, answered(recall, { status: 'REJECTED', rejection: 'AC04' }, w.now))
    return recall.id
  })
  return getRecall(bank, caller, id)
}

const about = (recall: Recall) => ({
  partnerId: recall.partnerId,
  applicationId: recall.applicationId,
  paymentId: recall.paymentId,
  reason: recall.reason,
})

const keepAnswer = async (w: Work, recall: Recall) => {
  await store.save(w, recall)
  const { rejection } = recall
  if (rejection === null) await w.record('payments.recall-accepted', recall.id, about(recall))
  else await w.record('payments.recall-rejected', recall.id, { ...about(recall), rejection })
}

/** The programme that was paid answers. An acceptance is kept together with the return that it means. */
export const answerRecall = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  { id, answer }: { id: RecallId; answer: RecallAnswer },
): Promise<RecallState> => {
  const { recall: asked, payment } = await getRecall(bank, caller, id)
  if (asked.answeringPartnerId !== caller.partnerId) throw notFound()
  const programme = await programmeAccountOf(bank, caller)
  const payer = await payerOf(bank, payment)
  const references = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    // The payment is held first, as whoever splits or refunds it does.
    const held = await payments.lock(w, payment.id)
    const recall = await store.lock(w, id)
    assert(held && recall, 'a recall and its payment stay')
    const again = await store.repaymentByKey(
      w,
      caller.partnerId,
      idempotencyOf(caller).idempotencyKey,
    )
    if (again?.recallId === recall.id) return []
    if (answer.decision === 'REJECT') {
      const rejected = { status: 'REJECTED' as const, rejection: answer.reason }
      await keepAnswer(w, answered(recall, rejected, w.now))
      return []
    }
    await keepAnswer(w, answered(recall, { status: 'ACCEPTED' }, w.now))
    if (held.amountMinor > (await leftOfPayment(w, held)))
      throw refundExceeds('a part of this payment was split or given back already', {
        hint: 'Reject the recall with ARDT or AM04.',
      })
    const returned: Repayment = {
      ...base(held, caller, w.now),
      id: ReturnId.next(),
      kind: 'return',
      recallId: recall.id,
      amountMinor: held.amountMinor,
      reason: recall.reason,
    }
    return [await writeRepayment(w, returned, { debtorRef: programme.accountRef, payer })]
  })
  await carrier.carry(references)
  return getRecall(bank, caller, id)
}

export const getRecall = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Pick<Caller, 'partnerId'>,
  id: RecallId,
): Promise<RecallState> => {
  const recall = await store.find(db, partnerId, id)
  if (!recall) throw notFound()
  return stateOf(db, recall)
}

const stateOf = async (db: BankWorld['db'], recall: Recall): Promise<RecallState> => {
  const payment = await payments.find(db, recall.partnerId, recall.paymentId)
  assert(payment, 'a recalled payment is its partner’s')
  const returned = (await store.repaymentsOf(db, payment.id)).find((r) => r.recallId === recall.id)
  return { recall, payment, returned }
}

const PAGE = 50

/** Recalls that a partner made, and those that it has to answer, newest first. */
export const listRecalls = async (
  { db, keys }: Pick<BankWorld, 'db' | 'keys'>,
  { partnerId }: Caller,
  cursor?: string,
): Promise<{ states: RecallState[]; next: string | null }> => {
  const place = ['recalls', partnerId]
  const found = await store.page(db, {
    partnerId,
    limit: PAGE + 1,
    ...(cursor !== undefined && { before: openCursor(keys, place, cursor) }),
  })
  const states = await Promise.all(found.slice(0, PAGE).map((recall) => stateOf(db, recall)))
  const last = states.at(-1)
  const next = found.length > PAGE && last ? sealCursor(keys, place, last.recall.id) : null
  return { states, next }
}

/** No answer in time is a rejection (camt.029 NOAS). */
export const closeOverdueRecalls = ({
  db,
  now,
  whose,
}: Pick<BankWorld, 'db' | 'now' | 'whose'>): Promise<void> =>
  work(db, 'system', now(), async (w) => {
    for (const recall of await store.lockOverdue(w, { now: w.now, whose }, 50))
      await keepAnswer(w, answered(recall, { status: 'REJECTED', rejection: 'NOAS' }, w.now))
  })

/** All that is known of a payment: every status it had, and what became of its money since. */
export const detailsOf = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: PaymentId,
) => {
  const payment = await payments.find(db, partnerId, id)
  if (!payment) throw notFound()
  const [statuses, recalls, repayments] = await Promise.all([
    payments.statuses(db, id),
    store.ofPayment(db, id),
    store.repaymentsOf(db, id),
  ])
  return { payment, statuses, recalls, repayments }
}
