/** A doubt about one line of an invoice: its amount, and no other, waits until somebody answered (I9). */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { minorText, taxLines } from '#control/rating/index.ts'
import type { Content } from './content.ts'

export const DisputeId = idOf('dispute')
export type DisputeId = z.output<typeof DisputeId>

const Minor = z.string().transform(BigInt)

export const Dispute = z.object({
  id: DisputeId,
  invoiceId: z.string(),
  partnerId: z.string(),
  section: z.number(),
  n: z.number(),
  netMinor: Minor,
  /** With its tax: what is neither collected nor overdue meanwhile. */
  frozenMinor: Minor,
  reason: z.string(),
  status: z.enum(['open', 'accepted', 'rejected', 'withdrawn']),
  openedBy: z.string(),
  openedAt: z.instanceof(Temporal.Instant),
  decidedBy: z.string().nullable(),
  decidedAt: z.instanceof(Temporal.Instant).nullable(),
  answer: z.string().nullable(),
})
export type Dispute = z.output<typeof Dispute>

export const disputeRefused = problem('billing/dispute-refused', 422, 'The line cannot be disputed')
export const disputeNotFound = problem('billing/dispute-not-found', 404, 'No such dispute')

/** After so many days a line stands. */
export const DISPUTE_DAYS = 60

/** What a doubt about so much of a line freezes: it and its tax, never more than the line. */
export const frozenBy = (
  content: Content,
  { section, n, amount }: { section: number; n: number; amount: string | undefined },
  creditedMinor: bigint,
): { netMinor: bigint; frozenMinor: bigint } => {
  const line = content.sections[section]?.lines[n]
  if (!line) throw disputeRefused('the invoice has no such line')
  const left = minorText(line.amount, content.exponent) - creditedMinor
  const digits = amount?.split('.')[1]?.length ?? 0
  if (amount !== undefined && (!/^\d{1,15}(\.\d+)?$/.test(amount) || digits > content.exponent))
    throw disputeRefused('the amount is no amount of this currency')
  const netMinor = amount === undefined ? left : minorText(amount, content.exponent)
  if (netMinor <= 0n) throw disputeRefused('nothing of the line is left to dispute')
  if (netMinor > left) throw disputeRefused('it is more than the line')
  const taxMinor = line.taxPercent === undefined ? 0n : taxOf(content, netMinor, line.taxPercent)
  return { netMinor, frozenMinor: netMinor + taxMinor }
}

/** The tax on so much of a line. */
export const taxOf = (
  { exponent, rounding }: Pick<Content, 'exponent' | 'rounding'>,
  minor: bigint,
  taxPercent: string,
): bigint =>
  taxLines([{ kind: 'usage', minor, taxPercent }], [], { exponent, rounding }).reduce(
    (sum, line) => sum + line.minor,
    0n,
  )
