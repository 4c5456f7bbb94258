import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { closeOverdue } from './authorizations/index.ts'
import { carryOrders } from './authorizations/money.ts'
import { expireDisputes } from './disputes/index.ts'
import { expireCards } from './life.ts'

/** Everything of cards that is due now. */
export const doDueCards = async (bank: BankWorld): Promise<void> => {
  await carryOrders(bank)
  while ((await closeOverdue(bank)) > 0);
  await expireDisputes(bank)
  await expireCards(bank)
}

const EVERY_MS = 10_000

/** Carries what the core has yet to be told, and ends what ran out of time. */
export const followCards = (bank: BankWorld): Running => {
  let running: Promise<void> = Promise.resolve()
  let busy = false
  const turn = async () => {
    if (busy) return
    busy = true
    try {
      await doDueCards(bank)
    } catch (error) {
      bank.log.warn({ err: error }, 'cards could not be looked after')
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => {
    running = turn()
  }, EVERY_MS).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      await running
    },
  }
}
