/** How the treasury's rates come in: a file that is taken whole, and no rate that is far from the one before. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { microsOf, type MidRate, PairName, rateText } from './rate.ts'
import * as store from './store.ts'

export const rateRefused = problem('treasury/rate-refused', 422, 'A rate cannot be published')

const PublishedRate = z
  .strictObject({
    pair: PairName,
    midRate: z.string().transform((text, ctx) => {
      const micros = microsOf(text)
      if (micros !== undefined) return micros
      ctx.issues.push({
        code: 'custom',
        message: 'not a rate such as 12650.25, with at most six decimals',
        input: text,
      })
      return z.NEVER
    }),
    asOf: Instant,
    goodUntil: Instant,
    source: z.string().min(1).max(120),
  })
  .refine(({ asOf, goodUntil }) => Temporal.Instant.compare(asOf, goodUntil) < 0, {
    error: 'ends before it begins',
    path: ['goodUntil'],
  })
  .transform(({ midRate, ...rate }): MidRate => ({ ...rate, micros: midRate }))

/** `[{ "pair": "USD/UZS", "midRate": "12650.25", "asOf": …, "goodUntil": …, "source": … }]`. */
export const RateFile = z.array(PublishedRate).min(1).max(1_000)

/** More than a fifth at once is a slip of the hand, or news that people should look at. */
const STEP_MAX_PERCENT = 20n

/** Takes all of them or none. A rate stays as it was published; a later one follows it. */
export const publishRates = async (w: Work, rates: readonly MidRate[]): Promise<number> => {
  let published = 0
  for (const rate of rates) {
    await refuseLeap(w, rate)
    if ((await store.addRate(w, rate)) === 0) continue
    published++
    await w.record('fx.rate-published', rate.pair, {
      midMicros: rate.micros.toString(),
      asOf: rate.asOf.toString(),
      goodUntil: rate.goodUntil.toString(),
      source: rate.source,
    })
  }
  return published
}

const refuseLeap = async (w: Work, { pair, micros, asOf }: MidRate) => {
  const before = (await store.newestRates(w, asOf)).find((rate) => rate.pair === pair)
  if (!before) return
  const step = micros > before.micros ? micros - before.micros : before.micros - micros
  if (step * 100n > before.micros * STEP_MAX_PERCENT)
    throw rateRefused(
      `${pair} goes from ${rateText(before.micros)} to ${rateText(micros)}, by more than ${STEP_MAX_PERCENT} per cent`,
      { hint: 'If it is right, publish it in smaller steps.' },
    )
}

/** What the treasury's table says now. */
export const ratesInForce = (db: Db, now: Temporal.Instant) => store.newestRates(db, now)
