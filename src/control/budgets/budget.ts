/** What a partner means to spend in a month, without tax: it is told at shares of it. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { exponentOf, minorText } from '#control/rating/index.ts'
import { isCountable } from './cap.ts'

export const BudgetId = idOf('budget')
export type BudgetId = z.output<typeof BudgetId>

export const BudgetAsked = z.strictObject({
  /** One application; all of them together where it is left out. */
  applicationId: z.string().nullable().default(null),
  currency: z.string(),
  amount: z.string(),
  /** Whole per cent of the amount at which people are told; above a hundred too. */
  thresholds: z.array(z.int().min(1).max(1_000)).min(1).max(10).default([50, 80, 100]),
  /** Whether calls that would exceed it are refused. */
  hard: z.boolean().default(false),
})
export type BudgetAsked = z.output<typeof BudgetAsked>

export const Budget = z.object({
  id: BudgetId,
  partnerId: z.string(),
  applicationId: z.string().nullable(),
  currency: z.string(),
  limitMinor: z.string().transform(BigInt),
  thresholds: z.array(z.number()),
  setAt: z.instanceof(Temporal.Instant),
  /** Where it stops calls: what was spent of its first month before it counted. */
  cap: z
    .object({
      usedMinor: z.union([z.string(), z.number()]).transform((n) => BigInt(n)),
      usedUntil: z.union([
        z.instanceof(Temporal.Instant),
        z.string().transform((t) => Temporal.Instant.from(t)),
      ]),
      zone: z.string(),
    })
    .nullable(),
})
export type Budget = z.output<typeof Budget>

export const budgetRefused = problem('budgets/refused', 422, 'The budget cannot be set')
export const budgetNotFound = problem('budgets/not-found', 404, 'No such budget')

/** The amount in minor units, or every mistake with its place. */
export const limitOf = ({ currency, amount, thresholds, hard }: BudgetAsked): bigint => {
  const errors: FieldError[] = []
  const exponent = exponentOf(currency)
  if (exponent === undefined)
    errors.push({ pointer: '/currency', code: 'unknown', detail: `ISO 4217 has no ${currency}` })
  const isAmount =
    /^\d{1,15}(\.\d+)?$/.test(amount) && (amount.split('.')[1]?.length ?? 0) <= (exponent ?? 0)
  const minor = isAmount && exponent !== undefined ? minorText(amount, exponent) : 0n
  if (minor === 0n)
    errors.push({ pointer: '/amount', code: 'invalid', detail: 'is no amount above zero' })
  if (hard && !isCountable(minor))
    errors.push({ pointer: '/amount', code: 'range', detail: 'is more than a cap can be' })
  if (thresholds.some((t, i) => i > 0 && t <= (thresholds[i - 1] ?? 0)))
    errors.push({ pointer: '/thresholds', code: 'order', detail: 'do not ascend' })
  if (errors.length > 0) throw budgetRefused(`${errors.length} place(s) are wrong`, { errors })
  return minor
}

/** Thresholds that an amount has reached. */
export const reached = (
  { limitMinor, thresholds }: Pick<Budget, 'limitMinor' | 'thresholds'>,
  spentMinor: bigint,
): number[] => thresholds.filter((t) => spentMinor * 100n >= limitMinor * BigInt(t))
