/** What this month will come to if it goes on as it began, and what it earns the bank after what it costs. */
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { bounds, factsOf, type Month, type PeriodFacts } from '#control/billing/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { judgeMonth } from '#control/service-levels/index.ts'
import { usageTotals } from '#control/usage/index.ts'
import { costAsAgreed } from './what-if.ts'

export interface Outlook {
  readonly currency: string
  /** What it came to by now, and what the whole month will; without tax. */
  readonly soFar: string
  readonly expected: string
  /** How much of the month is over, in thousandths. */
  readonly elapsed: number
}

/** Usage as it will be if the rest of the month is as what is over of it. Fees are not scaled: they are due in full. */
export const goneOn = (facts: PeriodFacts, elapsedMs: bigint, wholeMs: bigint): PeriodFacts => ({
  ...facts,
  used: facts.used.map((u) => ({ ...u, units: (u.units * wholeMs) / elapsedMs })),
})

/** How much of a month is over. The first hour of a month foretells nothing: it is taken as if all were over. */
export const spans = (month: Month, now: Temporal.Instant) => {
  const { from, to } = bounds(month)
  const wholeMs = BigInt(to.epochMilliseconds - from.epochMilliseconds)
  const passedMs = BigInt(now.epochMilliseconds - from.epochMilliseconds)
  const elapsedMs = passedMs < 3_600_000n || passedMs > wholeMs ? wholeMs : passedMs
  return { passedMs, elapsedMs, wholeMs }
}

/** An outlook for each currency of the partner's contracts. */
export const outlookOf = async (
  db: Db,
  partnerId: PartnerId,
  month: Month,
  now: Temporal.Instant,
): Promise<Outlook[]> => {
  const { passedMs, elapsedMs, wholeMs } = spans(month, now)
  const judged = await judgeMonth(db, partnerId, month, now)
  const facts = await factsOf(db, partnerId, month, undefined, judged)
  return [...new Set(facts.contracts.map((c) => c.prices.currency))].map((currency) => {
    const text = (minor: bigint) => amountText(minor, exponentOf(currency) ?? 2)
    return {
      currency,
      soFar: text(costAsAgreed(facts, currency).minor),
      expected: text(costAsAgreed(goneOn(facts, elapsedMs, wholeMs), currency).minor),
      elapsed: Number((passedMs * 1000n) / wholeMs),
    }
  })
}

const Cost = z.object({ operation: z.string(), cost: z.string() })

export const unitCosts = (db: Db) => db.many(Cost)`
  select operation, trim_scale(cost)::text as cost from forecast.unit_cost order by operation limit 10000
`

export const setUnitCosts = async (
  work: Work,
  costs: readonly z.output<typeof Cost>[],
): Promise<void> => {
  for (const { operation, cost } of costs)
    await work.run`
      insert into forecast.unit_cost (operation, cost, changed_at) values (${operation}, ${cost}, ${work.now})
      on conflict (operation) do update set cost = excluded.cost, changed_at = excluded.changed_at
    `
  await work.record('forecast.costs-set', 'forecast', { operations: costs.length })
}

const Margin = z.object({
  product: z.string(),
  operation: z.string(),
  calls: z.number(),
  units: z.number(),
  /** By the unit prices that held; fees and prices over many calls are on the invoices. */
  revenue: z.string(),
  cost: z.string().nullable(),
})
export type Margin = z.output<typeof Margin>
export const MarginView = Margin

/** Revenue and cost of each operation between two hours, of one partner or of all. */
export const margins = async (
  db: Db,
  filter: { partnerId?: string | undefined; from: Temporal.Instant; to: Temporal.Instant },
): Promise<Margin[]> => {
  const costs = new Map((await unitCosts(db)).map((c) => [c.operation, c.cost]))
  const rows = await usageTotals(db, { ...filter, cell: 'production' })
  return rows.map(({ product, operation, calls, units, amount }) => {
    const cost = costs.get(operation)
    return {
      product,
      operation,
      calls,
      units,
      revenue: amount,
      cost: cost === undefined ? null : timesUnits(cost, units),
    }
  })
}

/** Decimal text times a whole number, exactly. */
const timesUnits = (text: string, units: number): string => {
  const [whole = '0', part = ''] = text.split('.')
  const product = (BigInt(whole + part) * BigInt(units)).toString().padStart(part.length + 1, '0')
  return part === '' ? product : `${product.slice(0, -part.length)}.${product.slice(-part.length)}`
}
