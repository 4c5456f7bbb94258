/** Where middle rates come from: a market that is made up where the money is, the treasury's table where it is real. */
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { madeUpRates } from './made-up-market.ts'
import { placeHere } from '../place.ts'
import { halfUp, type MidRate } from './rate.ts'
import * as store from './store.ts'

export interface RateSource {
  /** The newest rate of every pair that has one, as of a moment. */
  midRates(db: Db, now: Temporal.Instant): Promise<readonly MidRate[]>
}

/**
 * A market from a seed: the same second has the same rates, in every sandbox and for ever, but for what a partner moved in
 * its own world.
 */
export const madeUpMarket: RateSource = {
  midRates: async (_db, now) => {
    const moves = placeHere()?.rates ?? {}
    return madeUpRates(now).map((rate) => ({
      ...rate,
      micros: halfUp(rate.micros * (1_000_000n + BigInt(moves[rate.pair] ?? 0)), 1_000_000n),
    }))
  },
}

/** What the bank's treasury published. */
export const treasuryTable: RateSource = { midRates: store.newestRates }

/** The only place that knows which cell has which rates. */
export const rateSourceOf = (cell: Cell): RateSource => {
  switch (cell) {
    case 'sandbox':
      return madeUpMarket
    case 'production':
      return treasuryTable
  }
}
