/**
 * For clients that cannot add headers: the last two digits of an amount play a scenario, on accounts of the scripted
 * persona and nowhere else, so that an ordinary 12.02 never fails by accident.
 */
import type { Core } from '../core.ts'
import { underScenario } from './scenario.ts'

/** Who they are; `src/sandbox/people.ts` says how they live. */
export const scriptedCustomer = '80000009'

export const scenarios: Readonly<Record<number, string>> = {
  2: 'insufficient_funds',
  3: 'limit_exceeded',
  4: 'creditor_unknown',
  5: 'sanctions_hold',
  6: 'accepted_then_returned',
  7: 'timeout_then_success',
}

/** What the world around the core does about a payment whose amount asks for it. */
export interface Around {
  /** Its webhook comes twice: wished before the money moves, so that a bank that dies forgets no wish. */
  readonly twice: (reference: string) => Promise<void>
  /** Its webhook comes before the answer. */
  readonly late: (reference: string) => Promise<void>
}

export const around: Readonly<Record<number, keyof Around>> = { 8: 'twice', 9: 'late' }

const isScripted = (account: string) => account.startsWith(`${scriptedCustomer}-`)

const scenarioOf = (account: string, minor: bigint): string | undefined =>
  isScripted(account) ? scenarios[Number(minor % 100n)] : undefined

/** The core that reads amounts. What was asked once is told as it ended, so that a lost answer is lost once. */
export const readingAmounts = (core: Core, does?: Around): Core => {
  const { holds } = core
  return {
    ...core,
    transfer: async (order) => {
      const name = scenarioOf(order.debtor, order.amount.minor)
      const how = isScripted(order.debtor) ? around[Number(order.amount.minor % 100n)] : undefined
      if (how !== undefined) await does?.[how](order.reference)
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
