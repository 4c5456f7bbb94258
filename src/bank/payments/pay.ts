/** A customer's payment: written, sent once or on its day, told by its status. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { type Alias, accountInConsent } from '../accounts/index.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import { actorOf, type Caller, consentExceeded, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { approvalOf, consentUsed, orderedBy, paidTo, received, sameAgain } from './approval.ts'
import type { Carrier } from './carrier.ts'
import {
  amountInvalid,
  cancelled,
  isApproved,
  moved,
  type Payment,
  PaymentDetail,
  PaymentId,
  type PaymentRequest,
  positive,
} from './payment.ts'
import { type Calendar, checkExecutionDate, dayOf, executionOf } from './scheduled/calendar.ts'
import * as store from './store.ts'
import { written } from './transfer.ts'
import * as transfers from './transfer-store.ts'

export const createPayment = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  request: PaymentRequest,
): Promise<Payment> => {
  const payment = await approvedPayment(bank, caller, request)
  const sent = await work(bank.db, actorOf(caller), payment.createdAt, async (w) => {
    const references = await writePayment(w, payment)
    if (references && !(await store.useConsent(w, payment.consentId, payment.id)))
      throw consentUsed()
    return references
  })
  if (sent === undefined) {
    const { idempotencyKey } = payment
    const held = await store.findByKey(bank.db, caller.partnerId, idempotencyKey)
    return sameAgain(held, caller, 'payment')
  }
  await carrier.carry(sent)
  return readPayment(bank, payment)
}

/**
 * Writes a payment down, with the transfer that pays it where its time has come; answers what is to be carried, and
 * undefined where the payment is there already.
 */
export const writePayment = async (
  w: Work,
  payment: Payment,
): Promise<readonly string[] | undefined> => {
  if (!(await store.add(w, payment))) return undefined
  await w.record('payments.created', payment.id, {
    partnerId: payment.partnerId,
    applicationId: payment.applicationId,
    // Of an order it is the order's own line that uses the consent up.
    ...(payment.orderId === null ? { consentId: payment.consentId } : { orderId: payment.orderId }),
    amountMinor: payment.amountMinor.toString(),
    currency: payment.currency,
  })
  if (payment.executeAt === null || Temporal.Instant.compare(payment.executeAt, w.now) <= 0)
    return [await writeTransferOf(w, payment)]
  await store.saveStatus(w, moved(payment, { status: 'ACCP' }, w.now))
  await w.record('payments.scheduled', payment.id, {
    partnerId: payment.partnerId,
    applicationId: payment.applicationId,
    executeAt: payment.executeAt.toString(),
  })
  return []
}

/** The one transfer of a payment. */
export const writeTransferOf = async (w: Work, payment: Payment): Promise<string> => {
  const transfer = written(
    {
      partnerId: payment.partnerId,
      purpose: 'payment',
      paymentId: payment.id,
      debtorRef: payment.debtorRef,
      creditorNumber: payment.creditorNumber,
      creditorBank: payment.creditorBank,
      creditorName: payment.creditorName,
      amountMinor: payment.amountMinor,
      currency: payment.currency,
      text: payment.remittance ?? payment.endToEndId ?? 'Payment',
    },
    w.now,
  )
  await transfers.add(w, transfer)
  return transfer.reference
}

const readPayment = async ({ db }: BankWorld, { partnerId, id }: Payment): Promise<Payment> => {
  const payment = await store.find(db, partnerId, id)
  assert(payment, 'a payment that was written is there')
  return payment
}

/** The bank's calendar as it stands now. */
export const calendarOf = async ({ db, zone }: { db: Db; zone: string }): Promise<Calendar> => ({
  zone,
  holidays: await store.holidays(db),
})

/** When a payment is executed: at once, or as the calendar says where a day was asked for. */
export const timingOf = async (
  bank: { db: Db; zone: string },
  wanted: Temporal.PlainDate | undefined,
  now: Temporal.Instant,
): Promise<Pick<Payment, 'requestedOn' | 'executesOn' | 'executeAt'>> => {
  if (wanted === undefined)
    return { requestedOn: null, executesOn: dayOf(bank, now), executeAt: null }
  const calendar = await calendarOf(bank)
  checkExecutionDate(calendar, wanted, now)
  const { on, at } = executionOf(calendar, wanted, now)
  return { requestedOn: wanted, executesOn: on, executeAt: at }
}

/** The account that the customer picked to pay from, in the currency of what is paid. */
export const debtorOf = async (
  bank: BankWorld,
  caller: Caller,
  accountId: string,
  currency: string,
): Promise<Alias> => {
  const debtor = await accountInConsent(bank, caller, accountId)
  if (!debtor) throw consentExceeded('the account that pays is not in the consent')
  if (debtor.currency !== currency)
    throw amountInvalid(`the account that pays is kept in ${debtor.currency}`)
  return debtor
}

/** The payment as the customer approved it, or the gate that it does not pass. */
const approvedPayment = async (
  bank: BankWorld,
  caller: Caller,
  request: PaymentRequest,
): Promise<Payment> => {
  const { consentId, detail } = approvalOf(caller, PaymentDetail, {
    covers: (approved) => isApproved(request, approved),
    order: 'a payment',
    bound: 'amount, creditor account, creditor name, day and reference',
  })
  const { minor, currency } = positive(request.instructedAmount)
  const debtor = await debtorOf(bank, caller, detail.accounts[0], currency)
  const now = bank.now()
  return {
    id: PaymentId.next(),
    ...orderedBy(caller, consentId, debtor),
    amountMinor: minor,
    currency,
    ...paidTo(request, debtor.bankCode),
    instructionId: request.instructionIdentification ?? null,
    origin: 'single',
    orderId: null,
    orderPosition: null,
    ...(await timingOf(bank, request.requestedExecutionDate, now)),
    ...received(now),
  }
}

export const getPayment = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: PaymentId,
): Promise<Payment> => {
  const payment = await store.find(db, partnerId, id)
  if (!payment) throw notFound()
  return payment
}

const PAGE = 50

/** A partner's payments, newest first, or those of one standing payment, mandate or file. */
export const listPayments = async (
  { db, keys }: Pick<BankWorld, 'db' | 'keys'>,
  { partnerId }: Caller,
  { cursor, orderId, limit = PAGE }: { cursor?: string; orderId?: string; limit?: number },
): Promise<{ payments: Payment[]; next: string | null }> => {
  const place = ['payments', partnerId, orderId ?? null]
  const found = await store.page(db, {
    partnerId,
    limit: limit + 1,
    ...(orderId !== undefined && { orderId }),
    ...(cursor !== undefined && { before: openCursor(keys, place, cursor) }),
  })
  const payments = found.slice(0, limit)
  const last = payments.at(-1)
  const next = found.length > limit && last ? sealCursor(keys, place, last.id) : null
  return { payments, next }
}

/** Cancels what waits for its day. Asked again it is answered and not refused. */
export const cancelPayment = async (
  bank: BankWorld,
  caller: Caller,
  { id, reason }: { id: PaymentId; reason: string },
): Promise<Payment> =>
  work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const payment = await store.lock(w, id, caller.partnerId)
    if (!payment) throw notFound()
    return payment.status === 'CANC' ? payment : keepCancelled(w, payment, reason)
  })

/** A waiting payment that is cancelled, by whoever may. */
export const keepCancelled = async (
  w: Work,
  payment: Payment,
  reason: string,
): Promise<Payment> => {
  const after = cancelled(payment, reason, w.now)
  await store.saveStatus(w, after)
  await w.record('payments.cancelled', payment.id, {
    partnerId: payment.partnerId,
    applicationId: payment.applicationId,
    reasonCode: reason,
  })
  return after
}
