/** A difference between what we told the core and what the core says it did: found, kept for good, and explained once. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { OrderAtCore } from '../cores/order-at-core.ts'

export const DifferenceId = idOf('difference')
export type DifferenceId = z.output<typeof DifferenceId>

export const DifferenceKind = z.enum([
  /** Booked with us, and in no statement of the core. */
  'missing-at-core',
  /** The core booked it under a reference that we never gave. */
  'unknown-to-us',
  /** The core booked what we hold for rejected. */
  'rejected-by-us',
  /** The core booked it, and we have no outcome yet. */
  'open-with-us',
  /** Booked with another amount, or more than once. */
  'amount',
  /** Booked, but not on the account that it was ordered from. */
  'account',
  /** Another amount is held than we were told. */
  'hold',
  /** A day began with another balance than the day before ended with. */
  'balance',
  /** The core put down no statement of a day. */
  'statement-missing',
])
export type DifferenceKind = z.output<typeof DifferenceKind>

const Instant = z.instanceof(Temporal.Instant)

export const Difference = z.object({
  id: DifferenceId,
  day: z.instanceof(Temporal.PlainDate),
  kind: DifferenceKind,
  subject: z.string(),
  oursMinor: z.bigint().nullable(),
  coreMinor: z.bigint().nullable(),
  currency: Currency.nullable(),
  status: z.enum(['open', 'explained']),
  explanation: z.string().nullable(),
  explainedBy: z.string().nullable(),
  foundAt: Instant,
  explainedAt: Instant.nullable(),
})
export type Difference = z.output<typeof Difference>

export const differenceExplained = problem(
  'reconciliation/difference-explained',
  409,
  'The difference was explained before',
)

/** What was seen, before it is kept. */
export type Seen = Pick<Difference, 'kind' | 'subject' | 'oursMinor' | 'coreMinor' | 'currency'>

export const found = (seen: Seen, day: Temporal.PlainDate, now: Temporal.Instant): Difference => ({
  id: DifferenceId.next(),
  day,
  ...seen,
  status: 'open',
  explanation: null,
  explainedBy: null,
  foundAt: now,
  explainedAt: null,
})

/** The only way out of `open`, and there is none back: who explains it another time is told that it was. */
export const explained = (
  difference: Difference,
  { explanation, by }: { readonly explanation: string; readonly by: string },
  now: Temporal.Instant,
): Difference => {
  if (difference.status === 'explained')
    throw differenceExplained(`${difference.id} was explained by ${difference.explainedBy}`)
  return { ...difference, status: 'explained', explanation, explainedBy: by, explainedAt: now }
}

/** What the core's statements say of one reference, up to a day: of each account it touched, the sum. */
export interface Stated {
  readonly reference: string
  readonly currency: Currency
  readonly moved: ReadonlyMap<string, bigint>
}

/** Compares what stands under a reference with the order that it stands for; undefined where they agree. */
export const compared = (stated: Stated, order: OrderAtCore | undefined): Seen | undefined => {
  const { reference: subject, currency } = stated
  if (!order) {
    // Both sides of a posting carry the reference: the one that money left says how much it was.
    const coreMinor = [...stated.moved.values()].reduce((least, minor) =>
      minor < least ? minor : least,
    )
    return { kind: 'unknown-to-us', subject, oursMinor: null, coreMinor, currency }
  }
  const coreMinor = stated.moved.get(order.accountRef) ?? null
  const seen = { subject, oursMinor: order.minor, coreMinor, currency: order.currency }
  if (order.status === 'rejected') return { kind: 'rejected-by-us', ...seen }
  if (coreMinor === null) return { kind: 'account', ...seen }
  if (coreMinor !== order.minor || currency !== order.currency) return { kind: 'amount', ...seen }
  return order.status === 'open' ? { kind: 'open-with-us', ...seen } : undefined
}
