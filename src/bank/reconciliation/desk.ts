/** The reconciliation as the bank's own people see it. No gateway forwards to it. */
import type { Currency, Money } from '#kernel/money.ts'
import type { Server } from '#platform/http.ts'
import { type Client, serveContract } from '#platform/rpc.ts'
import type { BankWorld } from '../world.ts'
import { reconciliationContract, type ToldDifference } from './desk-contract.ts'
import type { Difference } from './difference.ts'
import { explainDifference, reportReconciliation } from './report.ts'

const moneyOf = (minor: bigint | null, currency: Currency | null): Money | null =>
  minor === null || currency === null ? null : { minor, currency }

const told = (difference: Difference): ToldDifference => {
  const { id, oursMinor, coreMinor, currency, ...same } = difference
  return {
    ...same,
    differenceId: id,
    ours: moneyOf(oursMinor, currency),
    core: moneyOf(coreMinor, currency),
  }
}

/** What is answered, however it was asked. */
export const reconciliationDesk = (
  bank: Pick<BankWorld, 'db' | 'now' | 'zone'>,
): Client<typeof reconciliationContract> => ({
  report: async (asked) => {
    const { days, statements, differences } = await reportReconciliation(bank, asked)
    return {
      days: days.map(({ day, entries, referenced, orders, holds, at: reconciledAt }) => {
        return { day, entries, referenced, orders, holds, reconciledAt }
      }),
      statements: [...statements],
      differences: differences.map(told),
    }
  },
  explain: async ({ staff, differenceId: id, explanation }) =>
    told(await explainDifference(bank, `staff:${staff}`, { id, explanation })),
})

export const serveReconciliation = (server: Server, bank: BankWorld): void =>
  serveContract(server, reconciliationContract, reconciliationDesk(bank))
