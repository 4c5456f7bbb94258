/** Currencies exchanged for the bank's customers: rates to look at, quotes to hold it to, exchanges that settle or go back. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { AccountRef, Core } from '../cores/core.ts'
import { FxCurrency } from './rate.ts'
import * as store from './store.ts'

export { legsAtCore } from './at-core.ts'
export { conversionTransitions } from './conversion.ts'
export { createConversion, getConversion, listConversions } from './converting.ts'
export { quoteTransitions } from './quote.ts'
export { publishRates, RateFile, ratesInForce } from './publishing.ts'
export { cancelQuote, createQuote, getQuote, listRates } from './quoting.ts'
export { madeUpMarket, type RateSource, rateSourceOf, treasuryTable } from './rate-source.ts'
export { openSettler, type Settler } from './settling.ts'
export { type MidRate, PairName, rateText } from './rate.ts'
export type { Position } from './store.ts'
export { unwindConversion } from './unwinding.ts'

/** The bank's own accounts at its core, as exchanges pass through them; one that the core does not have is left out. */
export const positionsAt = async (
  core: Pick<Core, 'account' | 'customer'>,
  refs: readonly AccountRef[],
): Promise<store.Position[]> => {
  const found = await Promise.all(
    refs.map(async (accountRef) => {
      const account = await core.account(accountRef)
      const owner = account && (await core.customer(account.owner))
      if (!account) return []
      assert(owner, 'an account has an owner')
      const { number, bankCode } = account
      const currency = FxCurrency.parse(account.currency)
      return [{ currency, accountRef, number, bankCode, name: owner.name }]
    }),
  )
  return found.flat()
}

/** Names the bank's own accounts that exchanges pass through. */
export const seedPositions = async (
  w: Work,
  positions: readonly store.Position[],
): Promise<void> => {
  for (const position of positions) await store.addPosition(w, position)
}
