/** What a month would come to under an offer: shown before anybody signs, by the engine that writes the invoice. */
import { z } from 'zod'
import type { Db } from '#platform/db.ts'
import {
  bounds,
  factsOf,
  monthBefore,
  type Month,
  monthNamed,
  monthOf,
} from '#control/billing/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { judgeMonth } from '#control/service-levels/index.ts'
import { unitsTried } from '#control/usage/index.ts'
import { goneOn, spans } from './outlook.ts'
import { cliffsOf, costAsAgreed, costUnder, type Plan } from './what-if.ts'

export const Preview = z.object({
  month: z.string(),
  /** Whether it is rated from production, or from what was tried in the sandbox. */
  from: z.enum(['production', 'sandbox']),
  /** Whether it is this month's use as it will be if it goes on as it began. */
  expected: z.boolean(),
  currency: z.string(),
  priceVersion: z.string(),
  tier: z.string(),
  /** Without tax. What was agreed is null where nothing is in force in this currency. */
  agreed: z.string().nullable(),
  amount: z.string(),
  lines: z.array(z.object({ title: z.string(), amount: z.string() })),
  cliffs: z.array(
    z.object({ charge: z.string(), at: z.string(), before: z.string(), after: z.string() }),
  ),
})

/** A month under a plan: of production where there was any, else of the sandbox. */
export const previewOf = async (
  db: Db,
  partnerId: PartnerId,
  month: Month,
  plan: Plan,
  /** Where it is given, a month that is not over is taken to go on as it began. */
  now?: Temporal.Instant,
): Promise<z.output<typeof Preview>> => {
  const { prices, tier } = plan
  const judged = now && (await judgeMonth(db, partnerId, month, now))
  const soFar = await factsOf(db, partnerId, month, undefined, judged)
  const span = now && spans(month, now)
  const expected = span !== undefined && span.elapsedMs < span.wholeMs && soFar.used.length > 0
  const facts = expected ? goneOn(soFar, span.elapsedMs, span.wholeMs) : soFar
  const from = facts.used.length > 0 ? 'production' : 'sandbox'
  const used =
    from === 'production'
      ? facts.used
      : (await unitsTried(db, { partnerId, ...bounds(month) })).map((u) => ({
          ...u,
          contractId: 'contract',
          priceVersion: prices.id,
          basis: 'contract' as const,
          unitPrice: '0',
        }))
  const text = (minor: bigint) => amountText(minor, exponentOf(prices.currency) ?? 2)
  const cost = costUnder({ ...facts, used }, plan)
  const isAgreed = facts.contracts.some((c) => c.prices.currency === prices.currency)
  return {
    month: month.start.slice(0, 7),
    from,
    expected,
    currency: prices.currency,
    priceVersion: prices.id,
    tier,
    agreed: isAgreed ? text(costAsAgreed(facts, prices.currency).minor) : null,
    amount: text(cost.minor),
    lines: cost.lines.map((l) => ({ title: l.title, amount: text(l.minor) })),
    cliffs: cliffsOf(prices),
  }
}

/**
 * The month by which a partner judges an offer: the last one, where it used production then; else this one as it will be,
 * or what was tried in the sandbox.
 */
export const previewOfOffer = async (
  db: Db,
  partnerId: PartnerId,
  plan: Plan,
  { now, zone }: { now: Temporal.Instant; zone: string },
): Promise<z.output<typeof Preview>> => {
  const last = await previewOf(db, partnerId, monthNamed(monthBefore(now, zone), zone), plan)
  if (last.from === 'production') return last
  return previewOf(db, partnerId, monthNamed(monthOf(now, zone), zone), plan, now)
}
