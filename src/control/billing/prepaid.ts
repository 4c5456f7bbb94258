/** Credits that a partner paid ahead or was given: what they pay of an invoice, and what is left of them. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { exponentOf, minorText } from '#control/rating/index.ts'
import type { Content } from './content.ts'

export const PrepaidId = idOf('prepaid')
export type PrepaidId = z.output<typeof PrepaidId>

const Minor = z.string().transform(BigInt)

export const Prepaid = z.object({
  id: PrepaidId,
  partnerId: z.string(),
  title: z.string(),
  currency: z.string(),
  exponent: z.int(),
  amountMinor: Minor,
  source: z.enum(['paid', 'given']),
  reference: z.string().nullable(),
  priority: z.int(),
  grantedAt: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant).nullable(),
  /** By invoices that were issued. */
  usedMinor: Minor,
  /** Not used when it ended. */
  brokenMinor: Minor,
})
export type Prepaid = z.output<typeof Prepaid>

export const leftOf = ({ amountMinor, usedMinor, brokenMinor }: Prepaid): bigint =>
  amountMinor - usedMinor - brokenMinor

export const PrepaidAsked = z.strictObject({
  title: z.string().trim().min(1).max(80),
  currency: z.string(),
  amount: z.string(),
  source: z.enum(['paid', 'given']),
  /** Of the payment that came in; the same one pays for nothing else. */
  reference: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,35}$/)
    .nullable()
    .default(null),
  priority: z.int().min(0).max(100).default(0),
  expiresAt: z.iso.datetime().nullable().default(null),
})
export type PrepaidAsked = z.output<typeof PrepaidAsked>

export const prepaidRefused = problem('billing/prepaid-refused', 422, 'The credit cannot be given')

/** The amount in minor units; refuses what cannot be. */
export const askedMinor = (asked: PrepaidAsked, now: Temporal.Instant): bigint => {
  const { currency, amount, source, reference, expiresAt } = asked
  const exponent = exponentOf(currency)
  if (exponent === undefined) throw prepaidRefused(`ISO 4217 has no ${currency}`)
  const isAmount =
    /^\d{1,15}(\.\d+)?$/.test(amount) && (amount.split('.')[1]?.length ?? 0) <= exponent
  if (!isAmount || minorText(amount, exponent) === 0n)
    throw prepaidRefused(`${amount} is no amount of ${currency} above zero`)
  if ((source === 'paid') !== (reference !== null))
    throw prepaidRefused('what was paid names its payment, and nothing else does')
  if (expiresAt !== null && Temporal.Instant.compare(expiresAt, now) <= 0)
    throw prepaidRefused('it has ended before it begins')
  return minorText(amount, exponent)
}

/** As an invoice takes it: what is left beside what was booked of the period before. */
export interface CreditFact {
  readonly id: string
  readonly title: string
  readonly currency: string
  readonly leftMinor: bigint
  readonly priority: number
  readonly expiresAt: Temporal.Instant | null
}

/** Those that are good in a period: granted before it ends, and not ended before it begins (B20). Oldest first. */
export const goodIn = (
  all: readonly Prepaid[],
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
): CreditFact[] =>
  all
    .filter(
      ({ grantedAt, expiresAt }) =>
        Temporal.Instant.compare(grantedAt, to) < 0 &&
        (expiresAt === null || Temporal.Instant.compare(expiresAt, from) > 0),
    )
    .map((p) => ({ ...p, leftMinor: leftOf(p) }))

/** What an invoice draws of each credit. Below zero where it gives some back. */
export const drawnBy = ({ sections, exponent }: Content): ReadonlyMap<string, bigint> => {
  const drawn = new Map<string, bigint>()
  for (const { item, kind, amount } of sections.flatMap((s) => s.lines)) {
    if (kind !== 'credit') continue
    const [id = ''] = item.split('/')
    drawn.set(id, (drawn.get(id) ?? 0n) - minorText(amount, exponent))
  }
  return drawn
}
