/** Programme funds, three ways: what our sub-ledger owes, what the bank's books hold, what the partner says. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec, moneyJson } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { PlainDate } from '#kernel/time.ts'

export const ReconciliationId = idOf('reconciliation')
export type ReconciliationId = z.output<typeof ReconciliationId>

const Instant = z.instanceof(Temporal.Instant)
const Day = z.instanceof(Temporal.PlainDate)

/** Of one account, as one partner whose programme it holds is told. */
export const Share = z.object({
  id: ReconciliationId,
  day: Day,
  at: Instant,
  currency: Currency,
  status: z.enum(['MATCHED', 'IN_FLIGHT', 'DIFFERENT']),
  /** What the programme's money was when the day closed. */
  ledgerMinor: z.bigint(),
  statedMinor: z.bigint().nullable(),
  statement: z.enum(['MATCHED', 'UNSTATED', 'DIFFERENT']),
})
export type Share = z.output<typeof Share>

export const statementReconciled = problem(
  'payments/statement-reconciled',
  409,
  'The day was reconciled',
)

export const StatementRequest = z.strictObject({ date: PlainDate, closingBalance: MoneyCodec })
export type StatementRequest = z.output<typeof StatementRequest>

/** Sub-ledger and books at one moment. `inFlight` is what has set out and has no outcome yet, either way. */
export interface Sides {
  readonly ledgerMinor: bigint
  readonly inFlightMinor: bigint
  readonly booksMinor: bigint
}

const magnitude = (minor: bigint) => (minor < 0n ? -minor : minor)

/** A difference that what is under way can explain is looked at again; any other is one. */
export const comparedWithBooks = ({ ledgerMinor, inFlightMinor, booksMinor }: Sides) => {
  const difference = magnitude(booksMinor - ledgerMinor)
  if (difference === 0n) return 'MATCHED'
  return difference <= inFlightMinor ? 'IN_FLIGHT' : 'DIFFERENT'
}

export const comparedWithStatement = (
  ledgerMinor: bigint,
  statedMinor: bigint | null,
): Share['statement'] => {
  if (statedMinor === null) return 'UNSTATED'
  return statedMinor === ledgerMinor ? 'MATCHED' : 'DIFFERENT'
}

export const shareJson = (share: Share) => {
  const { currency, ledgerMinor, statedMinor } = share
  return {
    reconciliationId: share.id,
    date: share.day.toString(),
    reconciliationDateTime: share.at.toString(),
    status: share.status,
    ledgerBalance: moneyJson({ minor: ledgerMinor, currency }),
    ...(statedMinor !== null && { statedBalance: moneyJson({ minor: statedMinor, currency }) }),
    ...(statedMinor !== null &&
      statedMinor !== ledgerMinor && {
        difference: moneyJson({ minor: statedMinor - ledgerMinor, currency }),
      }),
    statement: share.statement,
  }
}
