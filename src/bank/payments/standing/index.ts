/** Standing payments: written once, executed each time their day comes round, until they end or are cancelled. */
import { type Work, work } from '#journal/index.ts'
import { actorOf, type Caller, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { approvalOf, consentUsed, orderedBy, paidTo, received, sameAgain } from '../approval.ts'
import type { Carrier } from '../carrier.ts'
import { calendarOf, debtorOf, writePayment } from '../pay.ts'
import { type Payment, PaymentId, positive } from '../payment.ts'
import { type Calendar, checkExecutionDate, dayOf, executionOf } from '../scheduled/calendar.ts'
import * as payments from '../store.ts'
import {
  cancelledStanding,
  checkRound,
  executed,
  isApprovedStanding,
  nextDay,
  type Standing,
  StandingDetail,
  StandingId,
  type StandingRequest,
} from './standing.ts'
import * as store from './store.ts'

export const createStandingPayment = async (
  bank: BankWorld,
  caller: Caller,
  request: StandingRequest,
): Promise<Standing> => {
  const { consentId, detail } = approvalOf(caller, StandingDetail, {
    covers: (approved) => isApprovedStanding(request, approved),
    order: 'a standing payment',
    bound: 'amount, payee and round',
  })
  const { standing: round } = request
  checkRound(round)
  const now = bank.now()
  const calendar = await calendarOf(bank)
  checkExecutionDate(calendar, round.firstPaymentDate, now)
  const { minor, currency } = positive(request.instructedAmount)
  const debtor = await debtorOf(bank, caller, detail.accounts[0], currency)
  const first = executionOf(calendar, round.firstPaymentDate, now)
  const standing: Standing = {
    id: StandingId.next(),
    ...orderedBy(caller, consentId, debtor),
    amountMinor: minor,
    currency,
    ...paidTo(request, debtor.bankCode),
    frequency: round.frequency.type,
    pointInTime: round.frequency.pointInTime ?? null,
    firstOn: round.firstPaymentDate,
    finalOn: round.finalPaymentDate ?? null,
    paymentsMax: round.numberOfPayments ?? null,
    status: 'ACTIVE',
    reasonCode: null,
    nextPosition: 0,
    nextOn: round.firstPaymentDate,
    nextAt: first.at,
    createdAt: now,
    updatedAt: now,
  }
  const added = await work(bank.db, actorOf(caller), now, async (w) => {
    if (!(await store.add(w, standing))) return false
    if (!(await payments.useConsent(w, consentId, standing.id))) throw consentUsed()
    await w.record('payments.standing-created', standing.id, {
      ...about(standing),
      consentId,
      amountMinor: minor.toString(),
      currency,
    })
    return true
  })
  if (added) return standing
  const { partnerId, idempotencyKey: key } = standing
  return sameAgain(await store.find(bank.db, { partnerId, key }), caller, 'standing payment')
}

const about = ({ partnerId, applicationId }: Standing) => ({ partnerId, applicationId })

export const getStandingPayment = async (
  { db }: Pick<BankWorld, 'db'>,
  { partnerId }: Caller,
  id: StandingId,
): Promise<Standing> => {
  const standing = await store.find(db, { partnerId, id })
  if (!standing) throw notFound()
  return standing
}

/** No execution follows. What has set out goes on. Asked again it is answered and not refused. */
export const cancelStandingPayment = async (
  { db, now }: Pick<BankWorld, 'db' | 'now'>,
  caller: Caller,
  { id, reason }: { id: StandingId; reason: string },
): Promise<Standing> =>
  work(db, actorOf(caller), now(), async (w) => {
    const standing = await store.lock(w, caller.partnerId, id)
    if (!standing) throw notFound()
    if (standing.status === 'CANCELLED') return standing
    const after = cancelledStanding(standing, reason, w.now)
    await store.save(w, after)
    await w.record('payments.standing-cancelled', id, { ...about(after), reasonCode: reason })
    return after
  })

const BATCH = 20

/** Executes what has come round; answers how many. The payment and the next place are written together. */
export const executeStanding = async (
  bank: Pick<BankWorld, 'db' | 'now' | 'zone' | 'whose'>,
  carrier: Carrier,
): Promise<number> => {
  const { due, references } = await work(bank.db, 'system', bank.now(), async (w) => {
    const found = await store.lockDue(w, { now: w.now, whose: bank.whose }, BATCH)
    const calendar = found.length > 0 ? await calendarOf({ db: w, zone: bank.zone }) : undefined
    const sent: string[] = []
    for (const standing of found) {
      if (calendar) sent.push(...(await comeRound(w, standing, calendar)))
    }
    return { due: found.length, references: sent }
  })
  await carrier.carry(references)
  return due
}

const comeRound = async (
  w: Work,
  standing: Standing,
  calendar: Calendar,
): Promise<readonly string[]> => {
  const on = nextDay(standing, standing.nextPosition + 1)
  const next = on && { on, at: executionOf(calendar, on, w.now).at }
  const after = executed(standing, next, w.now)
  await store.save(w, after)
  const references = await writePayment(w, paymentOf(standing, dayOf(calendar, w.now), w.now))
  if (after.status === 'COMPLETED')
    await w.record('payments.standing-completed', standing.id, about(standing))
  return references ?? []
}

const paymentOf = (
  standing: Standing,
  executesOn: Temporal.PlainDate,
  now: Temporal.Instant,
): Payment => ({
  id: PaymentId.next(),
  partnerId: standing.partnerId,
  applicationId: standing.applicationId,
  // No partner's key holds a colon.
  idempotencyKey: `${standing.id}:${standing.nextPosition}`,
  bodySha256: standing.bodySha256,
  consentId: standing.consentId,
  debtorRef: standing.debtorRef,
  debtorAccountId: standing.debtorAccountId,
  amountMinor: standing.amountMinor,
  currency: standing.currency,
  creditorNumber: standing.creditorNumber,
  creditorBank: standing.creditorBank,
  creditorBankGiven: standing.creditorBankGiven,
  creditorName: standing.creditorName,
  instructionId: null,
  endToEndId: standing.endToEndId,
  remittance: standing.remittance,
  origin: 'standing',
  orderId: standing.id,
  orderPosition: standing.nextPosition,
  requestedOn: standing.nextOn,
  executesOn,
  executeAt: standing.nextAt,
  ...received(now),
})
