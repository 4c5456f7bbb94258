/**
 * For clients that cannot add headers: the last two digits of an amount play a scenario, on accounts of the scripted
 * persona and nowhere else, so that an ordinary 12.02 never fails by accident.
 */
import type { Core } from '../core.ts'
import { underScenario } from './scenario.ts'

/** Who they are; `src/sandbox/people.ts` says how they live. */
export const scriptedCustomer = '80000009'

const scenarios: Readonly<Record<number, string>> = {
  2: 'insufficient_funds',
  3: 'limit_exceeded',
  4: 'creditor_unknown',
  5: 'sanctions_hold',
  6: 'accepted_then_returned',
  7: 'timeout_then_success',
}

const scenarioOf = (account: string, minor: bigint): string | undefined =>
  account.startsWith(`${scriptedCustomer}-`) ? scenarios[Number(minor % 100n)] : undefined

/** The core that reads amounts. What was asked once is told as it ended, so that a lost answer is lost once. */
export const readingAmounts = (core: Core): Core => {
  const { holds } = core
  return {
    ...core,
    transfer: async (order) => {
      const name = scenarioOf(order.debtor, order.amount.minor)
      if (name === undefined) return core.transfer(order)
      const known = await core.transferByReference(order.reference)
      return known.status === 'unknown' ? underScenario(core, name).transfer(order) : known
    },
    ...(holds && {
      holds: {
        ...holds,
        place: (order) => {
          const name = scenarioOf(order.account, order.amount.minor)
          return (underScenario(core, name).holds ?? holds).place(order)
        },
      },
    }),
  }
}
