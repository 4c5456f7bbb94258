/** A self-billed statement: what the bank writes for what the partner earned (UNTDID 1001: 389). */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { StatementContent } from './share.ts'

export const StatementId = idOf('statement')
export type StatementId = z.output<typeof StatementId>

const Minor = z.string().transform(BigInt)
const PlainDate = z.instanceof(Temporal.PlainDate)

export const Statement = z.object({
  id: StatementId,
  partnerId: z.string(),
  currency: z.string(),
  exponent: z.number(),
  periodStart: PlainDate,
  periodEnd: PlainDate,
  status: z.enum(['draft', 'issued']),
  number: z.string().nullable(),
  content: StatementContent,
  sha256: z.string(),
  netMinor: Minor,
  taxMinor: Minor,
  draftedAt: z.instanceof(Temporal.Instant),
  issuedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Statement = z.output<typeof Statement>

export const statementNotFound = problem(
  'revenue-share/statement-not-found',
  404,
  'No such statement',
)
export const statementStep = problem(
  'revenue-share/wrong-step',
  409,
  'The statement is not at this step',
)
export const payoutRefused = problem(
  'revenue-share/payout-refused',
  422,
  'Nothing of this can be paid out',
)
