/** Which gateways of the cell live: each says so every few seconds, and knows from the answer how many share. */
import { setTimeout as sleep } from 'node:timers/promises'
import { uuidv7 } from '#kernel/id.ts'
import type { Db } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import type { Crowd } from './holdings.ts'
import { hear, leaveGateways } from './postgres-store.ts'

const BEAT_MS = 5_000
/** Well before silence is punished: from then on what is held of windows may be somebody else's (postgres: 20 minutes). */
const SILENT_MAX_MS = 15 * 60_000

export interface Gateways {
  /** Of this start. A boot that was fenced for its silence is given up, with all that it held. */
  readonly boot: () => string
  readonly crowd: () => Crowd
  /** Whether what this boot holds of windows still counts. */
  readonly windowsHeld: () => boolean
  readonly stop: () => Promise<void>
}

export const joinGateways = async (options: {
  db: Db
  name: string
  most: number
  clock: () => number
  log: Log
}): Promise<Gateways> => {
  const { db, name, most, clock, log } = options
  const ending = new AbortController()
  let boot = uuidv7()
  let crowd: Crowd = { most, live: 1 }
  let heardMs = Number.NEGATIVE_INFINITY
  const beat = async () => {
    try {
      const sentMs = clock()
      const { live, fenced } = await hear(db, boot, name)
      if (fenced) {
        log.warn({ boot }, 'this gateway was silent for too long; what it held of quotas is lost')
        boot = uuidv7()
        heardMs = Number.NEGATIVE_INFINITY
        return
      }
      heardMs = sentMs
      const seen = Math.max(1, live)
      if (seen === crowd.live) return
      if (seen > most) log.warn({ live, most }, 'more gateways live than PORTICO_GATEWAYS_MAX says')
      crowd = { most: Math.max(most, seen), live: seen }
    } catch (cause) {
      log.warn({ cause }, 'the cell’s database did not hear this gateway')
    }
  }
  await beat()
  const beating = (async () => {
    while (!ending.signal.aborted) {
      await sleep(BEAT_MS, undefined, { signal: ending.signal, ref: false }).catch(() => {})
      if (!ending.signal.aborted) await beat()
    }
  })()
  return {
    boot: () => boot,
    crowd: () => crowd,
    windowsHeld: () => clock() - heardMs < SILENT_MAX_MS,
    stop: async () => {
      ending.abort()
      await beating
      await leaveGateways(db, boot).catch((cause: unknown) =>
        log.warn({ cause }, 'this gateway is counted until its silence is noticed'),
      )
    },
  }
}
