/** A customer's payment: written, sent once, told by its status. */
import { assert } from '#kernel/assert.ts'
import { work } from '#journal/index.ts'
import { accountInConsent } from '../accounts/index.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import { newReference } from '../reference.ts'
import type { BankWorld } from '../world.ts'
import type { Carrier } from './carrier.ts'
import {
  amountInvalid,
  differsFromConsent,
  isApproved,
  type Payment,
  PaymentDetail,
  PaymentId,
  type PaymentRequest,
  positive,
} from './payment.ts'
import * as store from './store.ts'
import { LEASE_SECONDS, type Transfer } from './transfer.ts'
import * as transfers from './transfer-store.ts'

export const createPayment = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  request: PaymentRequest,
): Promise<Payment> => {
  const payment = await approvedPayment(bank, caller, request)
  const written = await work(bank.db, actorOf(caller), payment.createdAt, async (w) => {
    if (!(await store.add(w, payment))) return undefined
    const transfer = transferOf(payment, caller)
    await transfers.add(w, transfer)
    await w.record('payments.created', payment.id, {
      partnerId: caller.partnerId,
      applicationId: caller.applicationId,
      consentId: payment.consentId,
      amountMinor: payment.amountMinor.toString(),
      currency: payment.currency,
    })
    return transfer.reference
  })
  if (written === undefined) return sameAgain(bank, caller)
  await carrier.carry([written])
  const now = await store.find(bank.db, caller.partnerId, payment.id)
  assert(now, 'a payment that was written is there')
  return now
}

/** The payment as the customer approved it, or the gate that it does not pass. */
const approvedPayment = async (
  bank: BankWorld,
  caller: Caller,
  request: PaymentRequest,
): Promise<Payment> => {
  const approved = caller.details.flatMap((detail) => PaymentDetail.safeParse(detail).data ?? [])
  if (caller.consentId === null || approved.length === 0)
    throw consentMissing('the token carries no consent to a payment', { gate: 'partner' })
  const detail = approved.find((d) => isApproved(request, d))
  if (!detail)
    throw differsFromConsent(
      'amount, creditor account, creditor name and reference must be those of the consent',
      { gate: 'partner' },
    )
  const debtor = await accountInConsent(bank, caller, detail.accounts[0])
  if (!debtor) throw consentExceeded('the account that pays is not in the consent')
  const { minor, currency } = positive(request.instructedAmount)
  if (debtor.currency !== currency)
    throw amountInvalid(`the account that pays is kept in ${debtor.currency}`)
  const { identification, bankCode } = request.creditorAccount
  const now = bank.now()
  return {
    id: PaymentId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId: caller.consentId,
    debtorRef: debtor.accountRef,
    debtorAccountId: debtor.accountId,
    amountMinor: minor,
    currency,
    creditorNumber: identification,
    creditorBank: bankCode ?? debtor.bankCode,
    creditorBankGiven: bankCode !== undefined,
    creditorName: request.creditorName,
    instructionId: request.instructionIdentification ?? null,
    endToEndId: request.endToEndIdentification ?? null,
    remittance: request.remittanceInformation ?? null,
    status: 'RCVD',
    reasonCode: null,
    createdAt: now,
    updatedAt: now,
  }
}

/** Asked again after a crash it is the same payment; a second payment of the same consent is refused. */
const sameAgain = async ({ db }: BankWorld, caller: Caller): Promise<Payment> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await store.findByKey(db, caller.partnerId, idempotencyKey)
  if (!held)
    throw consentExceeded('this consent has paid; ask the customer for another', {
      gate: 'customer',
    })
  if (held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new payment')
  return held
}

const transferOf = (payment: Payment, caller: Caller): Transfer => ({
  reference: newReference(),
  partnerId: caller.partnerId,
  purpose: 'payment',
  paymentId: payment.id,
  splitId: null,
  legId: null,
  refundId: null,
  idempotencyKey: null,
  debtorRef: payment.debtorRef,
  creditorNumber: payment.creditorNumber,
  creditorBank: payment.creditorBank,
  creditorName: payment.creditorName,
  amountMinor: payment.amountMinor,
  currency: payment.currency,
  text: payment.remittance ?? payment.endToEndId ?? 'Payment',
  status: 'written',
  reasonCode: null,
  tries: 0,
  nextAt: payment.createdAt.add({ seconds: LEASE_SECONDS }),
  createdAt: payment.createdAt,
  updatedAt: payment.createdAt,
})

export const getPayment = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: PaymentId,
): Promise<Payment> => {
  const payment = await store.find(db, partnerId, id)
  if (!payment) throw notFound()
  return payment
}
