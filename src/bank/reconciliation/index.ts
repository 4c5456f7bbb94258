/** What the core says of its days, compared with what we told it: every day, by itself, and whatever differs is shown. */
import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { reconcile } from './comparing.ts'
import { takeStatements } from './taking.ts'

export { DifferenceId, reconciliationContract, ToldReport } from './desk-contract.ts'
export { reconciliationDesk, serveReconciliation } from './desk.ts'
export { explainDifference, reportReconciliation } from './report.ts'

type ReconcilingWorld = Pick<BankWorld, 'db' | 'coreFor' | 'now' | 'zone' | 'log'>

/** Takes what the core has put down, and compares the days that are new; answers how many days it were. */
export const reconcileWithCore = async (bank: ReconcilingWorld): Promise<number> => {
  const { statements } = bank.coreFor('reconciliation')
  if (!statements) return 0
  await takeStatements(bank, statements)
  return reconcile(bank)
}

const EVERY_MS = 60_000

/** Looks every minute for as long as the bank runs. A core that puts down no files is not looked at. */
export const followStatements = (bank: ReconcilingWorld): Running => {
  if (!bank.coreFor('reconciliation').statements) return { stop: async () => {} }
  let turn: Promise<void> | undefined
  const look = () => {
    turn ??= reconcileWithCore(bank)
      .then((days) => {
        if (days > 0) bank.log.info({ days }, 'days were reconciled with the core')
      })
      .catch((error: unknown) => bank.log.error({ err: error }, 'nothing was reconciled'))
      .finally(() => {
        turn = undefined
      })
  }
  look()
  const timer = setInterval(look, EVERY_MS).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await turn
    },
  }
}
