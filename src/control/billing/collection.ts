/** What is taken from a partner's account for an invoice, and the mandate by which it may be. */
import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { AccountNumber, CollectionId, HolderId } from '#bank/payments/collections/desk-contract.ts'

export { AccountNumber, CollectionId, HolderId } from '#bank/payments/collections/desk-contract.ts'

export const MandateId = idOf('mandate')
export type MandateId = z.output<typeof MandateId>

const Instant = z.instanceof(Temporal.Instant)

export const Mandate = z.object({
  id: MandateId,
  partnerId: z.string(),
  currency: Currency,
  accountNumber: AccountNumber,
  holderId: HolderId,
  /** As the core has it: whoever decides sees whether it is the partner. */
  holder: z.string(),
  status: z.enum(['asked', 'active', 'ended']),
  givenAt: Instant,
  endedAt: Instant.nullable(),
})
export type Mandate = z.output<typeof Mandate>

export const MandateAsked = z.strictObject({
  currency: Currency,
  accountNumber: AccountNumber,
  holderId: HolderId,
})
export type MandateAsked = z.output<typeof MandateAsked>

export const Collection = z.object({
  id: CollectionId,
  invoiceId: z.string(),
  mandateId: MandateId,
  partnerId: z.string(),
  incomeAccount: z.string(),
  amountMinor: z.string().transform(BigInt),
  currency: Currency,
  status: z.enum(['asked', 'accepted', 'booked', 'rejected']),
  /** ISO 20022, where it was rejected. */
  reasonCode: z.string().nullable(),
  reference: z.string().nullable(),
  askedAt: Instant,
  toldAt: Instant,
  /** When somebody looked at why it was rejected: since then it speaks against no other. */
  clearedAt: Instant.nullable(),
})
export type Collection = z.output<typeof Collection>

export const mandateNotFound = problem('billing/mandate-not-found', 404, 'No such mandate')
export const mandateRefused = problem(
  'billing/mandate-refused',
  422,
  'The account cannot be collected from',
)
export const mandateStep = problem('billing/mandate-step', 409, 'The mandate is not at this step')
export const incomeAccountRefused = problem(
  'billing/income-account-refused',
  422,
  'Collections cannot go to this account',
)
export const nothingRejected = problem(
  'billing/nothing-rejected',
  409,
  'Nothing stands in the way of collecting this invoice',
)

/** An account that held too little is tried again after so many days, and no more than so often. */
export const RETRY_DAYS = 3
export const TRIES_MAX = 3

type Tried = Pick<Collection, 'status' | 'reasonCode' | 'toldAt'>

/**
 * Of what was tried for an invoice before, what says something about trying it now: what is under way, and what was rejected
 * between the same two accounts and not looked at since.
 */
export const telling = <
  Before extends Tried & Pick<Collection, 'mandateId' | 'incomeAccount' | 'clearedAt'>,
>(
  before: readonly Before[],
  now: Pick<Collection, 'mandateId' | 'incomeAccount'>,
): Before[] =>
  before.filter(
    ({ status, clearedAt, mandateId, incomeAccount }) =>
      status === 'asked' ||
      status === 'accepted' ||
      (status === 'rejected' &&
        clearedAt === null &&
        mandateId === now.mandateId &&
        incomeAccount === now.incomeAccount),
  )

/** Whether an invoice whose collections ended like this may be tried now: an account that is gone is not tried again. */
export const mayTry = (before: readonly Tried[], now: Temporal.Instant): boolean => {
  const rejected = before.filter((c) => c.status === 'rejected')
  if (rejected.length < before.length || rejected.length >= TRIES_MAX) return false
  return rejected.every(
    ({ reasonCode, toldAt }) =>
      reasonCode === 'AM04' &&
      Temporal.Instant.compare(toldAt.add({ hours: 24 * RETRY_DAYS }), now) <= 0,
  )
}
