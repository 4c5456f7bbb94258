/** Worlds go on by themselves: whatever falls due in one happens there, by its own clock. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Running } from '#platform/process.ts'
import type { Core } from '../cores/core.ts'
import { doDueWork } from '../due-work.ts'
import type { BankWorld } from '../world.ts'

const EVERY_MS = 1_000

/** For as long as the bank runs; nothing to do where the core keeps no worlds. */
export const followClocks = (bank: BankWorld, { worlds }: Pick<Core, 'worlds'>): Running => {
  const stopping = new AbortController()
  const run = async () => {
    while (worlds && !stopping.signal.aborted) {
      try {
        await worlds.keepShared()
        for (const turned of await worlds.waiting()) {
          if (stopping.signal.aborted) break
          await worlds.keep(turned, () => doDueWork(bank, turned.partnerId), stopping.signal)
        }
      } catch (error) {
        bank.log.error({ err: error }, 'worlds could not be looked after')
      }
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}
