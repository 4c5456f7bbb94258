/** Deciding on applications: what is asked of the core is asked outside of any transaction, and decided within one. */
import { assert } from '#kernel/assert.ts'
import { Problem } from '#kernel/problem.ts'
import { work } from '#journal/index.ts'
import type { BankWorld } from '../world.ts'
import {
  isInReview,
  judged,
  type LoanApplication,
  type LoanApplicationId,
  standing,
  stillInReview,
} from './application.ts'
import { decided, endingOf, played, type Verdict } from './decision.ts'
import { factsOf } from './facts.ts'
import * as loans from './loan-store.ts'
import { offerOf } from './offer.ts'
import { type Product, shareOf } from './product.ts'
import { dueDates, scheduleOf } from './schedule.ts'
import * as store from './store.ts'

/**
 * Decides on an application that waits for the bank. Where the core cannot be asked, one that was sent in is reviewed
 * later; one whose missing information came just now stays as it is, and the caller hears why.
 */
export const review = async (bank: BankWorld, id: LoanApplicationId): Promise<void> => {
  const seen = await findWaiting(bank, id)
  if (!seen) return
  const product = await store.product(bank.db, seen.productId)
  assert(product, 'what was applied for is on offer')
  const lent = await loans.newestOf(bank.db, seen.customerRef)
  let verdict: Verdict
  try {
    verdict = await verdictOn(bank, seen, product)
  } catch (error) {
    if (!(error instanceof Problem) || !error.code.startsWith('core/') || !isInReview(seen))
      throw error
    await keepInReview(bank, id)
    return
  }
  const now = bank.now()
  const today = now.toZonedDateTimeISO(bank.zone).toPlainDate()
  const isStale = await work(bank.db, 'system', now, async (w) => {
    await store.lockBorrower(w, seen.customerRef)
    // What was found out knew nothing of a loan that was taken meanwhile.
    if ((await loans.newestOf(w, seen.customerRef)) !== lent) return true
    const before = await store.lock(w, id)
    // Withdrawn, expired, decided or told something new meanwhile.
    if (!before || !isWaiting(before, now) || before.incomeMinor !== seen.incomeMinor) return false
    const after = judged(before, verdict, now)
    await store.save(w, after)
    if (after.status === 'approved')
      for (const method of product.methods)
        await store.addOffer(w, offerOf(after, product, method, { now, today }))
    const { partnerId, applicationId, status: outcome } = after
    await w.record('lending.decided', id, { partnerId, applicationId, outcome })
    return false
  })
  if (isStale) await review(bank, id)
}

const isWaiting = (application: LoanApplication, now: Temporal.Instant): boolean => {
  const { status, incomeMinor } = standing(application, now)
  return isInReview(application) || (status === 'needs_information' && incomeMinor !== null)
}

const findWaiting = async ({ db, now }: BankWorld, id: LoanApplicationId) => {
  const found = await store.find(db, id)
  return found && isWaiting(found, now()) ? found : undefined
}

const verdictOn = async (
  bank: BankWorld,
  application: LoanApplication,
  product: Product,
): Promise<Verdict> => {
  const { amountMinor, incomeMinor } = application
  const scripted = await store.scenario(bank.db, endingOf(amountMinor))
  if (scripted) return played(scripted, incomeMinor)
  const now = bank.now()
  const { partnerId, customerRef, currency } = application
  const facts = await factsOf(bank, { partnerId, customerRef, currency, now })
  const today = now.toZonedDateTimeISO(bank.zone).toPlainDate()
  return decided(
    { instalmentMinor: heaviest(product, amountMinor, application.months, today), incomeMinor },
    facts,
  )
}

/** The largest instalment of the lightest way to repay. */
export const heaviest = (
  product: Pick<Product, 'methods' | 'ratePpm' | 'dayCount' | 'feePpm'>,
  principalMinor: bigint,
  months: number,
  from: Temporal.PlainDate,
): bigint => {
  const { ratePpm, dayCount, feePpm } = product
  const due = dueDates(from, months)
  const fee = shareOf(principalMinor, feePpm)
  const largest = product.methods.map((method) =>
    scheduleOf({ principalMinor, ratePpm, dayCount, method, from, due }).reduce(
      (most, { interestMinor, principalMinor: part }, at) => {
        const total = interestMinor + part + (at === 0 ? fee : 0n)
        return total > most ? total : most
      },
      0n,
    ),
  )
  return largest.reduce((least, one) => (one < least ? one : least))
}

const keepInReview = ({ db, now }: BankWorld, id: LoanApplicationId) =>
  work(db, 'system', now(), async (w) => {
    const before = await store.lock(w, id)
    if (before && isInReview(before)) await store.save(w, stillInReview(before, w.now))
  })

const BATCH = 10
const LEASE_SECONDS = 30

/** Goes on with applications that wait for the bank; answers how many there were. */
export const reviewWaiting = async (bank: BankWorld): Promise<number> => {
  const now = bank.now()
  const until = now.add({ seconds: LEASE_SECONDS })
  const waiting = await store.takeReviews(bank.db, {
    now,
    whose: bank.whose,
    until,
    limit: BATCH,
  })
  await Promise.all(waiting.map(({ id }) => review(bank, id)))
  return waiting.length
}

/** Writes down what has lapsed, so that the partner hears of it. */
export const expireApplications = (bank: BankWorld): Promise<number> =>
  work(bank.db, 'system', bank.now(), async (w) => {
    const overdue = await store.lockOverdue(w, { now: w.now, whose: bank.whose }, BATCH)
    for (const application of overdue) {
      await store.save(w, standing(application, w.now))
      const { partnerId, applicationId } = application
      await w.record('lending.expired', application.id, { partnerId, applicationId })
    }
    return overdue.length
  })
