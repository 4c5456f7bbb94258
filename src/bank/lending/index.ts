/** Loans: applied for with the customer's consent, decided, offered, taken, paid out, repaid to the last minor unit. */
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { AccountRef, Core } from '../cores/core.ts'
import type { Scenario } from './decision.ts'
import type { Fund } from './loan.ts'
import * as store from './store.ts'

export { applicationTransitions } from './application.ts'
export { payoutsAtCore } from './at-core.ts'
export { scenarios } from './decision.ts'
export { type Fund, loanTransitions } from './loan.ts'

/** The bank's own accounts at its core that loans are paid out of and back to; one that the core does not have is left out. */
export const fundsAt = async (
  core: Pick<Core, 'account' | 'customer'>,
  refs: readonly AccountRef[],
): Promise<Fund[]> => {
  const found = await Promise.all(
    refs.map(async (accountRef) => {
      const account = await core.account(accountRef)
      const owner = account && (await core.customer(account.owner))
      if (!account) return []
      assert(owner, 'an account has an owner')
      const { number, bankCode, currency } = account
      return [{ currency, accountRef, number, bankCode, name: owner.name }]
    }),
  )
  return found.flat()
}

/** Names those accounts, and the outcomes that are laid down for amounts. */
export const seedLending = async (
  w: Work,
  { funds, scenarios = [] }: { funds: readonly Fund[]; scenarios?: readonly Scenario[] },
): Promise<void> => {
  for (const fund of funds) await store.addFund(w, fund)
  for (const scenario of scenarios) await store.addScenario(w, scenario)
}
