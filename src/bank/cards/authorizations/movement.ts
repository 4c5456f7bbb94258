/** A line of the journal of card money, and the day's file that is made of such lines. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, moneyJson } from '#kernel/money.ts'
import { PlainDate } from '#kernel/time.ts'
import { CardId } from '../card.ts'
import { AuthorizationId, Merchant } from './authorization.ts'

export const MovementId = idOf('movement')
export type MovementId = z.output<typeof MovementId>

export const MovementKind = z.enum([
  'approved',
  'declined',
  'cleared',
  'reversed',
  'expired',
  'refunded',
  'restored',
])
export type MovementKind = z.output<typeof MovementKind>

export const Movement = z.object({
  id: MovementId,
  partnerId: z.string(),
  cardId: CardId,
  authorizationId: AuthorizationId,
  kind: MovementKind,
  amountMinor: z.bigint(),
  currency: Currency,
  reference: z.string(),
  bodySha256: z.string(),
  at: z.instanceof(Temporal.Instant),
  day: z.instanceof(Temporal.PlainDate),
})
export type Movement = z.output<typeof Movement>

/** Past tense of each, as the cell's journal says it. */
export const movementEventOf = {
  approved: 'cards.authorization-approved',
  declined: 'cards.authorization-declined',
  cleared: 'cards.authorization-cleared',
  reversed: 'cards.authorization-reversed',
  expired: 'cards.authorization-expired',
  refunded: 'cards.authorization-refunded',
  restored: 'cards.dispute-restored',
} as const satisfies Record<MovementKind, string>

/** A clearing, a refund or what a won dispute restored, with the merchant of its authorization. */
export const Transaction = z.object({ ...Movement.shape, merchant: Merchant })
export type Transaction = z.output<typeof Transaction>

export const transactionJson = (t: Transaction) => ({
  transactionId: t.id,
  authorizationId: t.authorizationId,
  cardId: t.cardId,
  kind: t.kind,
  direction: t.kind === 'cleared' ? 'debit' : 'credit',
  amount: moneyJson({ minor: t.amountMinor, currency: t.currency }),
  merchant: t.merchant,
  bookingDateTime: t.at.toString(),
})

export const lineJson = (m: Movement) => ({
  movementId: m.id,
  authorizationId: m.authorizationId,
  cardId: m.cardId,
  kind: m.kind,
  amount: moneyJson({ minor: m.amountMinor, currency: m.currency }),
  at: m.at.toString(),
})

/**
 * A day's file: each line as canonical JSON (RFC 8785) with a line feed. Its SHA-256 is over these bytes, so that whoever
 * read the lines page by page can check that they have the whole file.
 */
export const fileOf = (lines: readonly Movement[]) => {
  const hash = createHash('sha256')
  const totals = new Map<
    string,
    { kind: MovementKind; currency: Currency; count: number; minor: bigint }
  >()
  for (const line of lines) {
    hash.update(`${canonical(lineJson(line))}\n`)
    const key = `${line.kind} ${line.currency}`
    const total = totals.get(key) ?? {
      kind: line.kind,
      currency: line.currency,
      count: 0,
      minor: 0n,
    }
    totals.set(key, { ...total, count: total.count + 1, minor: total.minor + line.amountMinor })
  }
  return {
    count: lines.length,
    sha256: hash.digest('hex'),
    totals: [...totals]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { kind, count, minor, currency }]) => ({
        kind,
        count,
        amount: moneyJson({ minor, currency }),
      })),
  }
}

export const TransactionsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
  cardId: CardId.optional(),
})
export type TransactionsQuery = z.output<typeof TransactionsQuery>

export const Day = PlainDate
