/** A request for a loan: its states, what a partner may write into it, and what it may be told of it. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { adverseAction, MODEL_VERSION, Need, Reason, type Verdict } from './decision.ts'
import { ProductId } from './product.ts'

export const LoanApplicationId = idOf('loan_application')
export type LoanApplicationId = z.output<typeof LoanApplicationId>

export const ApplicationStatus = z.enum([
  'draft',
  'submitted',
  'in_review',
  'needs_information',
  'approved',
  'declined',
  'withdrawn',
  'expired',
])
export type ApplicationStatus = z.output<typeof ApplicationStatus>

/** The published table: nothing goes back, and what is decided stays decided. */
export const applicationTransitions: Readonly<
  Record<ApplicationStatus, readonly ApplicationStatus[]>
> = {
  draft: ['submitted', 'withdrawn', 'expired'],
  submitted: ['in_review', 'needs_information', 'approved', 'declined', 'withdrawn'],
  in_review: ['needs_information', 'approved', 'declined', 'withdrawn'],
  needs_information: ['approved', 'declined', 'withdrawn', 'expired'],
  approved: [],
  declined: [],
  withdrawn: [],
  expired: [],
}

const Instant = z.instanceof(Temporal.Instant)

export const LoanApplication = z.object({
  id: LoanApplicationId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  customerRef: z.string(),
  subject: z.string(),
  accountId: z.string(),
  accountRef: z.string(),
  productId: ProductId,
  amountMinor: z.bigint(),
  currency: Currency,
  months: z.int(),
  reference: z.string().nullable(),
  incomeMinor: z.bigint().nullable(),
  status: ApplicationStatus,
  reasons: z.array(Reason),
  needs: z.array(Need),
  modelVersion: z.string().nullable(),
  decidedAt: Instant.nullable(),
  expiresAt: Instant,
  nextAt: Instant,
  tries: z.int(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type LoanApplication = z.output<typeof LoanApplication>

export const applicationClosed = problem(
  'lending/application-closed',
  409,
  'The application cannot change so any more',
)
export const notDecided = problem('lending/not-decided', 409, 'Nothing is decided yet')
export const lendingDiffersFromConsent = problem(
  'lending/differs-from-consent',
  400,
  'It is not what the customer approved',
)

/** Days that an application waits for its partner. */
export const APPLICATION_DAYS = 30

/** An end needs no job (O56): whoever reads it compares. */
export const standing = (application: LoanApplication, now: Temporal.Instant): LoanApplication =>
  applicationTransitions[application.status].includes('expired') &&
  Temporal.Instant.compare(application.expiresAt, now) <= 0
    ? { ...application, status: 'expired', needs: [], updatedAt: application.expiresAt }
    : application

const moved = (
  application: LoanApplication,
  status: ApplicationStatus,
  now: Temporal.Instant,
): LoanApplication => {
  const from = standing(application, now)
  if (!applicationTransitions[from.status].includes(status))
    throw applicationClosed(`an application that is ${from.status} does not become ${status}`)
  return { ...from, status, needs: [], updatedAt: now }
}

/** While one process reviews it, no other looks after it. */
const REVIEW_LEASE_SECONDS = 30
const REVIEW_DELAY_SECONDS_MAX = 60

export const submitted = (
  application: LoanApplication,
  now: Temporal.Instant,
): LoanApplication => ({
  ...moved(application, 'submitted', now),
  nextAt: now.add({ seconds: REVIEW_LEASE_SECONDS }),
})

export const withdrawn = (application: LoanApplication, now: Temporal.Instant): LoanApplication =>
  moved(application, 'withdrawn', now)

/** The core could not be asked; the review goes on later. */
export const stillInReview = (
  application: LoanApplication,
  now: Temporal.Instant,
): LoanApplication => ({
  ...(application.status === 'in_review' ? application : moved(application, 'in_review', now)),
  tries: application.tries + 1,
  nextAt: now.add({ seconds: Math.min(2 ** application.tries, REVIEW_DELAY_SECONDS_MAX) }),
})

export const isInReview = ({ status }: LoanApplication) =>
  status === 'submitted' || status === 'in_review'

/** What the borrower says of themselves: before it is sent in, or when the bank asks for it. */
export const informed = (
  application: LoanApplication,
  incomeMinor: bigint,
  now: Temporal.Instant,
): LoanApplication => {
  const from = standing(application, now)
  if (from.status !== 'draft' && from.status !== 'needs_information')
    throw applicationClosed(`an application that is ${from.status} takes no information`)
  return { ...from, incomeMinor, updatedAt: now }
}

export const judged = (
  application: LoanApplication,
  verdict: Verdict,
  now: Temporal.Instant,
): LoanApplication => {
  const after = moved(application, verdict.outcome, now)
  if (verdict.outcome === 'needs_information') return { ...after, needs: verdict.needs }
  return {
    ...after,
    reasons: verdict.outcome === 'declined' ? verdict.reasons : [],
    modelVersion: MODEL_VERSION,
    decidedAt: now,
  }
}

const Reference = z
  .string()
  .min(1)
  .max(35)
  .regex(/^\P{Cc}+$/u, 'holds control characters')

export const ApplicationRequest = z.strictObject({
  productId: ProductId,
  amount: Money,
  term: z.int().min(1).max(600),
  reference: Reference.optional(),
})
export type ApplicationRequest = z.output<typeof ApplicationRequest>

export const InformationRequest = z.strictObject({ monthlyIncome: Money })

export const WithdrawalRequest = z.strictObject({
  reason: z.enum(['CUSTOMER', 'PARTNER']).optional(),
})

/** What the customer approved (RFC 9396), with the account that they picked. */
export const ApplyDetail = z.looseObject({
  type: z.literal('urn:bank:lending-apply:v1'),
  productId: z.string(),
  amount: Money,
  term: z.int().optional(),
  accounts: z.tuple([z.string()]),
})
export type ApplyDetail = z.output<typeof ApplyDetail>

export const isApproved = (request: ApplicationRequest, detail: ApplyDetail): boolean =>
  request.productId === detail.productId &&
  request.amount.minor === detail.amount.minor &&
  request.amount.currency === detail.amount.currency &&
  request.term === detail.term

export const applicationJson = (application: LoanApplication) => ({
  loanApplicationId: application.id,
  status: application.status,
  productId: application.productId,
  amount: moneyJson({ minor: application.amountMinor, currency: application.currency }),
  term: application.months,
  accountId: application.accountId,
  ...(application.needs.length > 0 && { informationNeeded: application.needs }),
  ...(application.reference !== null && { reference: application.reference }),
  creationDateTime: application.createdAt.toString(),
  statusUpdateDateTime: application.updatedAt.toString(),
  expirationDateTime: application.expiresAt.toString(),
})

/** O32: outcome, reason codes, what to tell the borrower, and by which model; nothing of how. */
export const decisionJson = (application: LoanApplication) => {
  const { status, decidedAt, modelVersion, reasons } = application
  if (status !== 'approved' && status !== 'declined')
    throw notDecided(`the application is ${status}`)
  assert(decidedAt !== null && modelVersion !== null, 'what is decided says when and by what')
  return {
    loanApplicationId: application.id,
    outcome: status,
    decisionDateTime: decidedAt.toString(),
    modelVersion,
    reasonCodes: reasons,
    adverseAction: reasons.map((reason) => ({ reasonCode: reason, text: adverseAction[reason] })),
  }
}
