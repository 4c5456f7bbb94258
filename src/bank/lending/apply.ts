/** Applying for a loan: asked with the customer's consent, completed, sent in, withdrawn. */
import { type Work, work } from '#journal/index.ts'
import { accountInConsent } from '../accounts/index.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  APPLICATION_DAYS,
  ApplyDetail,
  applicationJson,
  type ApplicationRequest,
  informed,
  isApproved,
  isInReview,
  lendingDiffersFromConsent,
  type LoanApplication,
  LoanApplicationId,
  standing,
  submitted,
  withdrawn,
} from './application.ts'
import { fitting } from './product.ts'
import { review } from './review.ts'
import * as store from './store.ts'
import type { Money } from '#kernel/money.ts'
import { informationUnfit } from './decision.ts'

const HOURS_A_DAY = 24

export const createApplication = async (
  bank: BankWorld,
  caller: Caller,
  request: ApplicationRequest,
): Promise<LoanApplication> => {
  const drafted = await draft(bank, caller, request)
  const added = await work(bank.db, actorOf(caller), drafted.createdAt, async (w) => {
    if (!(await store.add(w, drafted))) return false
    await w.record('lending.applied', drafted.id, {
      ...aboutOf(drafted),
      consentId: drafted.consentId,
      productId: drafted.productId,
    })
    return true
  })
  return added ? drafted : sameAgain(bank, caller)
}

/** The application as the customer approved it, or the gate that it does not pass. */
const draft = async (
  bank: BankWorld,
  caller: Caller,
  request: ApplicationRequest,
): Promise<LoanApplication> => {
  const { consentId, subject } = caller
  const approved = caller.details
    // A consent that names an offer takes it, and applies for nothing.
    .filter((detail) => !('offer' in detail))
    .flatMap((detail) => ApplyDetail.safeParse(detail).data ?? [])
  if (consentId === null || subject === null || approved.length === 0)
    throw consentMissing('the token carries no consent to apply for a loan', { gate: 'partner' })
  const detail = approved.find((d) => isApproved(request, d))
  if (!detail)
    throw lendingDiffersFromConsent('product, amount and term must be those of the consent', {
      gate: 'partner',
    })
  const account = await accountInConsent(bank, caller, detail.accounts[0])
  if (!account) throw consentExceeded('the customer’s account is not in the consent')
  const product = fitting(await store.product(bank.db, request.productId), request)
  if (account.currency !== product.currency)
    throw consentExceeded(`the account that the customer picked is kept in ${account.currency}`, {
      gate: 'customer',
    })
  const now = bank.now()
  return {
    id: LoanApplicationId.next(),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId,
    customerRef: account.customerRef,
    subject,
    accountId: account.accountId,
    accountRef: account.accountRef,
    productId: product.id,
    amountMinor: request.amount.minor,
    currency: product.currency,
    months: request.term,
    reference: request.reference ?? null,
    incomeMinor: null,
    status: 'draft',
    reasons: [],
    needs: [],
    modelVersion: null,
    decidedAt: null,
    expiresAt: now.add({ hours: HOURS_A_DAY * APPLICATION_DAYS }),
    nextAt: now,
    tries: 0,
    createdAt: now,
    updatedAt: now,
  }
}

/** Asked again after a crash it is the same application; a second one of the same consent is refused. */
const sameAgain = async ({ db, now }: BankWorld, caller: Caller): Promise<LoanApplication> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await store.findByKey(db, caller.partnerId, idempotencyKey)
  if (!held)
    throw consentExceeded('this consent has its application; ask the customer for another', {
      gate: 'customer',
    })
  if (held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new application')
  return standing(held, now())
}

export const aboutOf = ({ partnerId, applicationId }: LoanApplication) => ({
  partnerId,
  applicationId,
})

/** One change of an application while it is held. */
const change = async (
  { db, now }: BankWorld,
  caller: Caller,
  id: LoanApplicationId,
  body: (w: Work, before: LoanApplication) => Promise<LoanApplication>,
): Promise<LoanApplication> =>
  work(db, actorOf(caller), now(), async (w) => {
    const before = await store.lock(w, id, caller.partnerId)
    if (!before) throw notFound()
    const after = await body(w, before)
    if (after !== before) await store.save(w, after)
    return after
  })

/** Sent in once; what the core cannot be asked about now is reviewed as soon as it can. */
export const submitApplication = async (
  bank: BankWorld,
  caller: Caller,
  id: LoanApplicationId,
): Promise<LoanApplication> => {
  const sent = await change(bank, caller, id, async (w, before) => {
    // Sent in again it is the same: whoever lost the answer hears where it stands.
    if (isInReview(before)) return before
    const after = submitted(before, w.now)
    await w.record('lending.submitted', id, aboutOf(after))
    return after
  })
  await review(bank, sent.id)
  return getApplication(bank, caller, id)
}

/** What the borrower says that they earn. Where the bank had asked for it, it decides at once. */
export const giveInformation = async (
  bank: BankWorld,
  caller: Caller,
  { id, income }: { id: LoanApplicationId; income: Money },
): Promise<LoanApplication> => {
  const given = await change(bank, caller, id, async (w, before) => {
    if (income.currency !== before.currency || income.minor <= 0n)
      throw informationUnfit(`an income is an amount of ${before.currency} above zero`)
    const after = informed(before, income.minor, w.now)
    await w.record('lending.information-given', id, aboutOf(after))
    return after
  })
  if (given.status === 'needs_information') await review(bank, id)
  return getApplication(bank, caller, id)
}

/** The borrower or the partner changed their mind. Withdrawn again, it stays as it is. */
export const withdrawApplication = (
  bank: BankWorld,
  caller: Caller,
  { id, reason }: { id: LoanApplicationId; reason: string | undefined },
): Promise<LoanApplication> =>
  change(bank, caller, id, async (w, before) => {
    if (before.status === 'withdrawn') return before
    const after = withdrawn(before, w.now)
    await w.record('lending.withdrawn', id, { ...aboutOf(after), ...(reason && { reason }) })
    return after
  })

export const getApplication = async (
  { db, now }: BankWorld,
  { partnerId }: Caller,
  id: LoanApplicationId,
): Promise<LoanApplication> => {
  const application = await store.find(db, id, partnerId)
  if (!application) throw notFound()
  return standing(application, now())
}

/** Newest first; a cursor opens only for the partner that it was given to. */
export const listApplications = async (
  { db, keys, now }: BankWorld,
  { partnerId }: Caller,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) => {
  const place = ['loan-applications', partnerId]
  const before = cursor === undefined ? undefined : openCursor(keys, place, cursor)
  const found = await store.list(db, {
    partnerId,
    limit: limit + 1,
    ...(before !== undefined && { before }),
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const at = now()
  return {
    data: page.map((application) => applicationJson(standing(application, at))),
    next: found.length > limit && last ? sealCursor(keys, place, last.id) : null,
  }
}
