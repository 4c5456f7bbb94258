/**
 * Of several copies of a process one leads: it does what need not be done twice. The lock lives in a transaction that is
 * held open, so that a pooler keeps its connection for it, and a leader that dies or is cut off has lost it.
 *
 * A leader that is cut off needs a moment to notice, and another one may have begun by then. So leadership spares work and
 * letters; that nothing counts twice is each piece of work's own affair, by its rows and keys.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { openPostgres, type Postgres } from './db.ts'
import type { Log } from './log.ts'
import type { Running } from './process.ts'

export interface Leader extends Running {
  leads(): boolean
}

const LOOK_MS = 500
/** A server that does not answer its leader for so long has lost it. */
const ANSWERS_WITHIN_MS = 3_000
const Locked = z.object({ locked: z.boolean() })

/** Stands for election until stopped. `lead` begins the work; what it answers is stopped before the place is given up. */
export const standForLeader = (options: {
  url: string
  /** What is led: copies with the same name compete for it. */
  name: string
  log: Log
  lead: () => Promise<Running> | Running
}): Leader => {
  const { url, name, log } = options
  const stopping = new AbortController()
  const pause = () => sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => {})
  let leads = false

  const leadWhileHeld = async (db: Postgres, onSilence: (cause: unknown) => void) =>
    db.transaction(async (tx) => {
      const { locked } = await tx.one(Locked)`
        select pg_try_advisory_xact_lock(hashtextextended(${`leader ${name}`}, 0)) as locked
      `
      if (!locked) return
      log.info({ name }, 'this copy leads')
      leads = true
      const work = await options.lead()
      try {
        while (!stopping.signal.aborted) {
          await pause()
          await inTime(tx.run`select 1`, onSilence)
        }
      } finally {
        leads = false
        await work.stop()
        log.info({ name }, 'this copy leads no more')
      }
    })
  const run = async () => {
    while (!stopping.signal.aborted) {
      const db = openPostgres(url, { name: `leader ${name}`, max: 1, prepare: false })
      // A transaction on a server that is silent does not end by itself: its pool is closed over it.
      const silence = Promise.withResolvers<never>()
      silence.promise.catch(() => {})
      try {
        while (!stopping.signal.aborted) {
          await Promise.race([leadWhileHeld(db, silence.reject), silence.promise])
          await pause()
        }
      } catch (cause) {
        if (!stopping.signal.aborted)
          log.warn({ cause: (cause as Error).message, name }, 'the leader’s place cannot be held')
        await pause()
      } finally {
        await db.close()
      }
    }
  }
  const running = run()
  return {
    leads: () => leads,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

const inTime = async <T>(asked: Promise<T>, onSilence: (cause: unknown) => void): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const silent = new Error('the database is silent')
    reject(silent)
    onSilence(silent)
  }, ANSWERS_WITHIN_MS)
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
