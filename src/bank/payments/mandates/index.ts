/** Mandates: set up by a customer's consent, paid under within its limits, ended with it. */
import { assert } from '#kernel/assert.ts'
import { type Entry, followJournal, type Work, work } from '#journal/index.ts'
import type { Running } from '#platform/process.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  idempotencyOf,
  keyReused,
  notFound,
} from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { approvalOf, consentUsed, orderedBy, paidTo, received, sameAgain } from '../approval.ts'
import type { Carrier } from '../carrier.ts'
import { debtorOf, keepCancelled, timingOf, writePayment } from '../pay.ts'
import { type Payment, PaymentId, positive } from '../payment.ts'
import { dayOf } from '../scheduled/calendar.ts'
import * as payments from '../store.ts'
import {
  isApprovedMandate,
  isPayee,
  type Mandate,
  mandateClosed,
  MandateDetail,
  mandateExceeded,
  MandateId,
  type MandatePaymentRequest,
  type MandateRequest,
  periodAround,
  revoked,
  statusOf,
  type Use,
} from './mandate.ts'
import * as store from './store.ts'

export { isRevoked } from './store.ts'

export interface MandateState {
  readonly mandate: Mandate
  readonly uses: readonly Use[]
  readonly status: ReturnType<typeof statusOf>
}

export const createMandate = async (
  bank: BankWorld,
  caller: Caller,
  request: MandateRequest,
): Promise<MandateState> => {
  const { consentId, detail } = approvalOf(caller, MandateDetail, {
    covers: (approved) => isApprovedMandate(request, approved),
    order: 'a mandate',
    bound: 'limits, payees and end',
  })
  const { minor: maxMinor, currency } = positive(request.maxIndividual)
  const debtor = await debtorOf(bank, caller, detail.accounts[0], currency)
  const now = bank.now()
  const mandate: Mandate = {
    id: MandateId.next(),
    ...orderedBy(caller, consentId, debtor),
    bankCode: debtor.bankCode,
    currency,
    maxMinor,
    limits: request.periodicLimits.map(({ period, amount }) => ({
      period,
      minor: positive(amount).minor,
    })),
    payees: request.payees.map(({ creditorName, creditorAccount }) => ({
      name: creditorName,
      number: creditorAccount.identification,
      bankCode: creditorAccount.bankCode ?? null,
    })),
    validTo: request.validTo,
    status: 'ACTIVE',
    createdAt: now,
    updatedAt: now,
  }
  const added = await work(bank.db, actorOf(caller), now, async (w) => {
    if (!(await store.add(w, mandate))) return false
    if (!(await payments.useConsent(w, consentId, mandate.id))) throw consentUsed()
    const { partnerId, applicationId } = mandate
    await w.record('payments.mandate-created', mandate.id, { partnerId, applicationId, consentId })
    return true
  })
  const { partnerId, idempotencyKey } = mandate
  const { id } = added
    ? mandate
    : sameAgain(await store.findByKey(bank.db, partnerId, idempotencyKey), caller, 'mandate')
  return getMandate(bank, caller, id)
}

export const getMandate = async (
  bank: Pick<BankWorld, 'db' | 'zone' | 'now'>,
  { partnerId }: Caller,
  id: MandateId,
): Promise<MandateState> => {
  const mandate = await store.find(bank.db, partnerId, id)
  if (!mandate) throw notFound()
  const now = bank.now()
  const uses = await usesOf(bank.db, mandate, dayOf(bank, now))
  return { mandate, uses, status: statusOf(mandate, now) }
}

const usesOf = (
  db: Parameters<typeof payments.spentOf>[0],
  { id, limits }: Mandate,
  day: Temporal.PlainDate,
): Promise<Use[]> =>
  Promise.all(
    limits.map(async ({ period, minor }) => {
      const days = periodAround(period, day)
      const usedMinor = await payments.spentOf(db, id, days)
      return { period, from: days.from, limitMinor: minor, usedMinor }
    }),
  )

/** A payment under a mandate counts on the day of its execution, against every limit at once, under one lock. */
export const createMandatePayment = async (
  bank: BankWorld,
  carrier: Carrier,
  caller: Caller,
  { id, request }: { id: MandateId; request: MandatePaymentRequest },
): Promise<Payment> => {
  const known = await store.find(bank.db, caller.partnerId, id)
  if (!known) throw notFound()
  if (caller.consentId !== known.consentId)
    throw consentExceeded('the token is not of the consent of this mandate', { gate: 'partner' })
  const now = bank.now()
  const timing = await timingOf(bank, request.requestedExecutionDate, now)
  const payment = paymentUnder(known, caller, { request, timing, now })
  const sent = await work(bank.db, actorOf(caller), now, async (w) => {
    const mandate = await store.lock(w, id)
    assert(mandate, 'a mandate stays')
    const { idempotencyKey } = payment
    if (await payments.findByKey(w, caller.partnerId, idempotencyKey)) return undefined
    await checkLimits(w, mandate, payment, request)
    const references = await writePayment(w, payment)
    assert(references, 'what is written under the mandate’s lock is new')
    return references
  })
  if (sent === undefined) return samePaymentAgain(bank, caller, id)
  await carrier.carry(sent)
  const after = await payments.find(bank.db, caller.partnerId, payment.id)
  assert(after, 'a payment that was written is there')
  return after
}

const checkLimits = async (
  w: Work,
  mandate: Mandate,
  payment: Payment,
  request: MandatePaymentRequest,
) => {
  const status = statusOf(mandate, payment.executeAt ?? w.now)
  if (status !== 'ACTIVE')
    throw mandateClosed(status === 'REVOKED' ? 'it was revoked' : 'it is over by then', {
      gate: 'customer',
    })
  if (!isPayee(mandate, request))
    throw mandateExceeded('the payee is not one that the customer approved', { gate: 'customer' })
  if (payment.currency !== mandate.currency)
    throw mandateExceeded(`the mandate is in ${mandate.currency}`, { gate: 'customer' })
  if (payment.amountMinor > mandate.maxMinor)
    throw mandateExceeded('it is more than one payment may be', { gate: 'customer' })
  for (const { period, limitMinor, usedMinor } of await usesOf(w, mandate, payment.executesOn))
    if (usedMinor + payment.amountMinor > limitMinor)
      throw mandateExceeded(`less than that is left for the ${period}`, { gate: 'customer' })
}

const paymentUnder = (
  mandate: Mandate,
  caller: Caller,
  {
    request,
    timing,
    now,
  }: {
    request: MandatePaymentRequest
    timing: Pick<Payment, 'requestedOn' | 'executesOn' | 'executeAt'>
    now: Temporal.Instant
  },
): Payment => {
  const { minor, currency } = positive(request.instructedAmount)
  const { consentId, debtorRef: accountRef, debtorAccountId: accountId } = mandate
  return {
    id: PaymentId.next(),
    ...orderedBy(caller, consentId, { accountRef, accountId }),
    amountMinor: minor,
    currency,
    ...paidTo(request, mandate.bankCode),
    instructionId: request.instructionIdentification ?? null,
    origin: 'mandate',
    orderId: mandate.id,
    orderPosition: null,
    ...timing,
    ...received(now),
  }
}

const samePaymentAgain = async (
  { db }: BankWorld,
  caller: Caller,
  id: MandateId,
): Promise<Payment> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await payments.findByKey(db, caller.partnerId, idempotencyKey)
  if (held?.bodySha256 !== bodySha256 || held.orderId !== id)
    throw keyReused('choose a new key for a new payment')
  return held
}

/** Ends the mandate of a consent, and with it every payment that waits under it for its day (O55). */
export const revokeMandateOf = async (w: Work, consentId: string): Promise<void> => {
  const mandate = await store.lockByConsent(w, consentId)
  if (!mandate || mandate.status === 'REVOKED') return
  await store.save(w, revoked(mandate, w.now))
  const { partnerId, applicationId } = mandate
  await w.record('payments.mandate-revoked', mandate.id, { partnerId, applicationId, consentId })
  for (const payment of await payments.lockWaitingOf(w, mandate.id))
    await keepCancelled(w, payment, 'CUST')
}

/** Follows the journal for consents that were revoked. Several processes may: the place is held by one at a time. */
export const followRevocations = async (
  bank: Pick<BankWorld, 'db' | 'now' | 'log'>,
): Promise<Running> =>
  followJournal(
    bank.db,
    {
      after: await store.readUpTo(bank.db),
      onError: (cause) => bank.log.warn({ cause }, 'the journal could not be read; tried again'),
    },
    (entries) => takeRevocations(bank, entries),
  )

/** Lines without a revocation are read again after a restart, which costs less than to keep the place of each. */
const PLACE_EVERY = 500

const takeRevocations = async (
  { db, now }: Pick<BankWorld, 'db' | 'now'>,
  entries: readonly Entry[],
): Promise<void> => {
  const ended = entries.filter(({ event }) => event === 'consents.revoked')
  const last = entries.at(-1)?.seq
  if (last === undefined || (ended.length === 0 && entries.length < PLACE_EVERY)) return
  await work(db, 'system', now(), async (w) => {
    const place = await store.lockPlace(w)
    for (const { seq, subject } of ended) if (seq > place) await revokeMandateOf(w, subject)
    if (last > place) await store.savePlace(w, last)
  })
}
