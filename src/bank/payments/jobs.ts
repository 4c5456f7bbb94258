import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { executeBulk } from './bulk/execute.ts'
import { closeAbandoned } from './bulk/index.ts'
import { type Carrier, openCarrier } from './carrier.ts'
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
  { db, now, whose, log }: Pick<BankWorld, 'db' | 'now' | 'whose' | 'log'>,
  carrier: Carrier,
): Running => {
  let recovered = false
  const following = repeating(
    EVERY_MS,
    log,
    'open transfers could not be asked after',
    async () => {
      if (!recovered) await makeAllDue(db, { now: now(), whose })
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

/** Everything of payments that is due now, until nothing of it is: for whoever has a clock of their own. */
export const doDuePayments = async (bank: BankWorld): Promise<void> => {
  const carrier = openCarrier(bank)
  const jobs = [
    () => verifySubMerchants(bank),
    () => releaseVerified(bank, carrier),
    () => executeDue(bank, carrier),
    () => executeStanding(bank, carrier),
    () => executeBulk(bank, carrier),
    () => carrier.lookAfter(),
  ]
  for (let done = 1; done > 0;) {
    done = 0
    for (const job of jobs) done += await job()
    await carrier.stop()
  }
  await closeAbandoned(bank)
  await closeOverdueRecalls(bank)
}

/** All that payments do by themselves: what is open, what has come due, what has ended. Each job fails alone. */
export const followPayments = async (bank: BankWorld, carrier: Carrier): Promise<Running> => {
  const { log } = bank
  const often = (failure: string, job: () => Promise<number>) =>
    // Whatever was due at once is done at once, a batch at a time.
    repeating(EVERY_MS, log, failure, async (stopping) => {
      while ((await job()) > 0 && !stopping.aborted);
    })
  const seldom = (failure: string, job: () => Promise<unknown>) =>
    repeating(SELDOM_MS, log, failure, async () => {
      await job()
    })
  const jobs = [
    await followRevocations(bank),
    often('what is due could not be executed', () => executeDue(bank, carrier)),
    often('standing payments could not come round', () => executeStanding(bank, carrier)),
    often('files could not be paid', () => executeBulk(bank, carrier)),
    often('sub-merchants could not be looked at', () => verifySubMerchants(bank)),
    often('held legs could not be paid', () => releaseVerified(bank, carrier)),
    seldom('abandoned files could not be closed', () => closeAbandoned(bank)),
    seldom('overdue recalls could not be closed', () => closeOverdueRecalls(bank)),
    seldom('programme funds could not be reconciled', () => reconcileProgrammes(bank)),
    seldom('old answers could not be swept', () => sweepPayeeAnswers(bank)),
  ]
  const transfers = followTransfers(bank, carrier)
  return {
    stop: async () => {
      await Promise.all(jobs.map((job) => job.stop()))
      await transfers.stop()
    },
  }
}

/** Does a job again and again, one at a time; a failure is told, and the next turn tries again. */
const repeating = (
  everyMs: number,
  log: BankWorld['log'],
  failure: string,
  job: (stopping: AbortSignal) => Promise<void>,
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
        await job(stopping.signal)
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
