import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '#platform/process.ts'
import type { BankWorld } from '../world.ts'
import { makeAllDue } from './conversion-store.ts'
import { openSettler, type Settler } from './settling.ts'

/** Every exchange that is due now goes on. */
export const doDueConversions = async (bank: BankWorld): Promise<void> => {
  const settler = openSettler(bank)
  while ((await settler.lookAfter()) > 0) await settler.stop()
}

const EVERY_MS = 1_000

/** Carries open exchanges on for as long as the bank runs; what was on its way when it ended is asked after at once. */
export const followConversions = (
  { db, now, whose, log }: Pick<BankWorld, 'db' | 'now' | 'whose' | 'log'>,
  settler: Settler,
): Running => {
  const stopping = new AbortController()
  const run = async () => {
    let recovered = false
    while (!stopping.signal.aborted) {
      try {
        if (!recovered) await makeAllDue(db, { now: now(), whose })
        recovered = true
        await settler.lookAfter()
      } catch (error) {
        log.error({ err: error }, 'open exchanges could not be looked after')
      }
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
      await settler.stop()
    },
  }
}
