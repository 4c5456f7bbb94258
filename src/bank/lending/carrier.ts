/** Carries what the bank sends for a loan to the core, and the outcome back: at once, and again until it is known. */
import { Problem } from '#kernel/problem.ts'
import { type Work, work } from '#journal/index.ts'
import type { TransferOutcome } from '../cores/core.ts'
import type { BankWorld } from '../world.ts'
import { debtOf, disbursed, type Loan, nextDueOf, notDisbursed, settled } from './loan.ts'
import { scheduled } from './debt.ts'
import { borrowerOf } from './facts.ts'
import * as loans from './loan-store.ts'
import { scheduleOfOffer } from './offer.ts'
import {
  isOpen,
  isTooOldToSend,
  LEASE_SECONDS,
  notSent,
  orderOf,
  type Payout,
  told,
  waiting,
} from './payout.ts'
import * as store from './store.ts'
import { assert } from '#kernel/assert.ts'

/** Sends what was written, and keeps what the core said. */
export const carry = async (bank: BankWorld, reference: string): Promise<void> =>
  follow(bank, await loans.payout(bank.db, reference), send)

const BATCH = 10

/** Asks after payouts whose time has come; answers how many there were. */
export const lookAfterPayouts = async (bank: BankWorld): Promise<number> => {
  const now = bank.now()
  const until = now.add({ seconds: LEASE_SECONDS })
  const due = await loans.takePayouts(bank.db, { now, whose: bank.whose, until, limit: BATCH })
  await Promise.all(due.map((payout) => follow(bank, payout, askAfter)))
  return due.length
}

type Ask = (bank: BankWorld, payout: Payout) => Promise<TransferOutcome>

const follow = async (bank: BankWorld, payout: Payout, ask: Ask): Promise<void> => {
  let outcome: TransferOutcome
  try {
    outcome = await ask(bank, payout)
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('core/')) throw error
    outcome = { status: 'unknown' }
  }
  await work(bank.db, 'system', bank.now(), (w) => keep(bank, w, payout.reference, outcome))
}

const send: Ask = async (bank, payout) => {
  const { db, coreFor } = bank
  const loan = await loans.get(db, payout.loan)
  const core = coreFor(payout.partnerId)
  const [fund, creditor] = await Promise.all([
    store.fund(db, loan.currency),
    borrowerOf(core, loan.accountRef),
  ])
  return core.transfer(orderOf(payout, loan, fund, creditor))
}

/** Nothing is sent again before the core was asked whether it has it already. */
const askAfter: Ask = async (bank, payout) => {
  const outcome = await bank.coreFor(payout.partnerId).transferByReference(payout.reference)
  // The core took it once and does not know it now: that is for people to look at, not for us to send again.
  if (outcome.status !== 'unknown' || payout.status === 'accepted') return outcome
  return isTooOldToSend(payout, bank.now()) ? notSent : send(bank, payout)
}

const keep = async (
  bank: BankWorld,
  w: Work,
  reference: string,
  outcome: TransferOutcome,
): Promise<void> => {
  const before = await loans.lockPayout(w, reference)
  if (!isOpen(before)) return
  if (outcome.status === 'unknown') {
    await loans.savePayout(w, waiting(before, w.now))
    return
  }
  const after = told(before, outcome, w.now)
  await loans.savePayout(w, after)
  const loan = await loans.lock(w, before.loan)
  if (after.purpose === 'disbursement') await disbursementMoved(bank, w, loan, after)
  else if (after.status === 'booked') await overpaymentReturned(bank, w, loan)
}

const aboutOf = ({ partnerId, applicationId }: Loan) => ({ partnerId, applicationId })

const disbursementMoved = async (
  bank: BankWorld,
  w: Work,
  loan: Loan,
  { status, reasonCode }: Payout,
): Promise<void> => {
  if (status === 'rejected') {
    assert(reasonCode !== null, 'what is rejected has a reason')
    await loans.save(w, notDisbursed(loan, reasonCode, w.now))
    await w.record('lending.loan-rejected', loan.loanId, { ...aboutOf(loan), reasonCode })
  }
  if (status !== 'booked') return
  const on = dayOf(bank, w.now)
  const active = disbursed(loan, on, w.now)
  const offer = await store.offer(w, loan.partnerId, loan.offerId)
  assert(offer, 'a loan was offered')
  const lines = scheduleOfOffer(offer, on).map((row, at) =>
    scheduled(row, at === 0 ? loan.feeMinor : 0n),
  )
  await loans.replaceInstalments(w, loan.ref, lines)
  await loans.save(w, { ...active, nextDueOn: nextDueOf(debtOf(active, lines)) })
  await w.record('lending.loan-disbursed', loan.loanId, {
    ...aboutOf(loan),
    // What a referral is paid by.
    amountMinor: loan.principalMinor.toString(),
    currency: loan.currency,
  })
}

const overpaymentReturned = async (bank: BankWorld, w: Work, loan: Loan): Promise<void> => {
  await loans.save(w, settled(loan, dayOf(bank, w.now), w.now))
  await w.record('lending.loan-closed', loan.loanId, aboutOf(loan))
}

const dayOf = ({ zone }: BankWorld, now: Temporal.Instant) =>
  now.toZonedDateTimeISO(zone).toPlainDate()
