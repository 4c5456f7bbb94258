import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import type { Carrier } from './carrier.ts'
import { makeAllDue } from './transfer-store.ts'

const EVERY_MS = 1_000

/**
 * Asks after open transfers for as long as the bank runs. What was open when the last process ended is asked after at
 * once: whether it was sent, nobody but the core knows.
 */
export const followTransfers = (
  { db, now, log }: Pick<BankWorld, 'db' | 'now' | 'log'>,
  carrier: Carrier,
): Running => {
  const stopping = new AbortController()
  let wake: () => void = () => {}
  const pause = () =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, EVERY_MS)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const run = async () => {
    let recovered = false
    while (!stopping.signal.aborted) {
      try {
        if (!recovered) await makeAllDue(db, now())
        recovered = true
        await carrier.lookAfter()
      } catch (error) {
        log.error({ err: error }, 'open transfers could not be asked after')
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
      await carrier.stop()
    },
  }
}
