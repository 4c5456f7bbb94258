import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { executeBulk } from './bulk/execute.ts'
import type { Carrier } from './carrier.ts'
import { followRevocations } from './mandates/index.ts'
import { verifySubMerchants } from './merchants/index.ts'
import { sweepPayeeAnswers } from './payee/index.ts'
import { closeOverdueRecalls } from './recalls/index.ts'
import { reconcileProgrammes } from './reconciliation/index.ts'
import { executeDue } from './scheduled/execute.ts'
import { releaseVerified } from './share-out.ts'
import { executeStanding } from './standing/index.ts'
import { makeAllDue } from './transfer-store.ts'

const EVERY_MS = 1_000
const SELDOM_MS = 60_000

/**
 * Asks after open transfers for as long as the bank runs. What was open when the last process ended is asked after at
 * once: whether it was sent, nobody but the core knows.
 */
export const followTransfers = (
  { db, now, log }: Pick<BankWorld, 'db' | 'now' | 'log'>,
  carrier: Carrier,
): Running => {
  let recovered = false
  const following = repeating(
    EVERY_MS,
    log,
    'open transfers could not be asked after',
    async () => {
      if (!recovered) await makeAllDue(db, now())
      recovered = true
      await carrier.lookAfter()
    },
  )
  return {
    stop: async () => {
      await following.stop()
      await carrier.stop()
    },
  }
}

/** All that payments do by themselves: what is open, what has come due, what has ended. */
export const followPayments = async (bank: BankWorld, carrier: Carrier): Promise<Running> => {
  const revocations = await followRevocations(bank)
  const due = repeating(EVERY_MS, bank.log, 'what is due could not be executed', async () => {
    // Whatever was due at once is done at once, a batch at a time.
    while (
      (await executeDue(bank, carrier)) +
        (await executeStanding(bank, carrier)) +
        (await executeBulk(bank, carrier)) +
        (await verifySubMerchants(bank)) +
        (await releaseVerified(bank, carrier)) >
      0
    );
  })
  const seldom = repeating(SELDOM_MS, bank.log, 'what is overdue could not be closed', async () => {
    await closeOverdueRecalls(bank)
    await reconcileProgrammes(bank)
    await sweepPayeeAnswers(bank)
  })
  const transfers = followTransfers(bank, carrier)
  return {
    stop: async () => {
      await Promise.all([revocations.stop(), due.stop(), seldom.stop()])
      await transfers.stop()
    },
  }
}

/** Does a job again and again, one at a time; a failure is told, and the next turn tries again. */
const repeating = (
  everyMs: number,
  log: BankWorld['log'],
  failure: string,
  job: () => Promise<void>,
): Running => {
  const stopping = new AbortController()
  let wake: () => void = () => {}
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, everyMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async () => {
    while (!stopping.signal.aborted) {
      try {
        await job()
      } catch (error) {
        log.error({ err: error }, failure)
      }
      if (!stopping.signal.aborted) await pause()
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      wake()
      await running
    },
  }
}
