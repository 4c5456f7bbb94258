/** What the bank's own people ask of the reconciliation: over the bank's socket, and from the console along the bank's line. */
import { z } from 'zod'
import { Money as MoneyCodec } from '#kernel/money.ts'
import { Instant, PlainDate } from '#kernel/time.ts'
import { endpoint } from '#platform/rpc.ts'
import { DifferenceId, DifferenceKind } from './difference.ts'

export { DifferenceId } from './difference.ts'

export const ToldDifference = z.object({
  differenceId: DifferenceId,
  day: PlainDate,
  kind: DifferenceKind,
  subject: z.string(),
  /** Signed, as they stand on the account; null where that side has none. */
  ours: MoneyCodec.nullable(),
  core: MoneyCodec.nullable(),
  status: z.enum(['open', 'explained']),
  explanation: z.string().nullable(),
  explainedBy: z.string().nullable(),
  foundAt: Instant,
  explainedAt: Instant.nullable(),
})
export type ToldDifference = z.output<typeof ToldDifference>

export const ToldReport = z.object({
  /** Newest first. */
  days: z.array(
    z.object({
      day: PlainDate,
      /** Booked lines of the statement, and those of them that orders of ours made. */
      entries: z.number(),
      referenced: z.number(),
      /** Orders that we hold for booked, and holds on either side. */
      orders: z.number(),
      holds: z.number(),
      reconciledAt: Instant,
    }),
  ),
  statements: z.array(
    z.object({
      name: z.string(),
      day: PlainDate.nullable(),
      status: z.enum(['taking', 'taken', 'refused']),
      lines: z.number().nullable(),
      linesTaken: z.number(),
      wrongLine: z.number().nullable(),
      reason: z.string().nullable(),
    }),
  ),
  /** Those that are open first. */
  differences: z.array(ToldDifference),
})
export type ToldReport = z.output<typeof ToldReport>

/** Why a difference is, in somebody's words. */
export const Explanation = z.string().min(3).max(500)

export const reconciliationContract = {
  /** Of so many days, and every difference that is open, however old. */
  report: endpoint(
    '/internal/reconciliation/report',
    z.strictObject({ days: z.number().int().min(1).max(400) }),
    ToldReport,
  ),
  /** Throws `reconciliation/difference-explained` where somebody did before. */
  explain: endpoint(
    '/internal/reconciliation/explanations',
    z.strictObject({
      staff: z.string().regex(/^[a-z0-9_-]{1,64}$/, 'is a person of the bank, by id'),
      differenceId: DifferenceId,
      explanation: Explanation,
    }),
    ToldDifference,
  ),
}
