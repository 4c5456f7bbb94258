/**
 * Unattended account access: so many in 24 hours for each consent, account and family (RTS Art. 36(5)(b); O57). Counted
 * exactly in the cell's PostgreSQL, for all gateways and over every restart; and when a consent was last used.
 */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Db } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'

/** The law's number. A consent may say more. */
export const UNATTENDED_MIN = 4

export const accessesUncounted = problem(
  'consents/accesses-uncounted',
  503,
  'Unattended accesses cannot be counted right now',
)

export interface AccessKey {
  readonly consentId: string
  /** As the partner knows it; empty where the call is about no one account. */
  readonly account: string
  /** What is read, of which product. */
  readonly family: string
}

export interface Access {
  readonly granted: boolean
  readonly allowed: number
  readonly remaining: number
  /** Until the oldest of those that count is a day old, and one more is free. */
  readonly resetS: number
  /** The call never reached the bank: it was no access. */
  giveBack(): void
}

export interface Frequency {
  /** Takes one access, where one is left. `furtherPage`: the call continues a list, which is the same access. */
  take(key: AccessKey, allowed: number, furtherPage: boolean): Promise<Access>
  /** The consent was used. Told to the database within two seconds. */
  used(consentId: string, atMs: number, present: boolean): void
  sweep(): Promise<void>
  close(): Promise<void>
}

const FLUSH_MS = 2_000
/** Consents whose last use waits to be told. Beyond them the database is told at once. */
const WAITING_MAX = 20_000
const WITHIN_MS = 5_000
/** Keys that are known to be used up: asked again when one is free, not before. */
const EXHAUSTED_MAX = 100_000

const Taken = z.object({
  taken: z.bigint().nullable(),
  granted: z.boolean(),
  remaining: z.int(),
  resetS: z.number(),
})

export const openFrequency = (options: {
  db: Db
  /** Monotonic milliseconds. */
  clock: () => number
  log: Log
}): Frequency => {
  const { db, clock, log } = options
  const exhausted = new Map<string, { untilMs: number; allowed: number }>()
  let last = new Map<string, { atMs: number; present: boolean }>()
  const giveBack = (id: bigint, key: string) => {
    exhausted.delete(key)
    db.run`delete from accesses.access where id = ${id}`.catch((cause: unknown) =>
      log.warn({ cause }, 'an access that did not happen stays counted'),
    )
  }
  const take = async (
    { consentId, account, family }: AccessKey,
    allowed: number,
    furtherPage: boolean,
  ): Promise<Access> => {
    const key = `${consentId} ${account} ${family}`
    const known = exhausted.get(key)
    const nowMs = clock()
    if (known && known.untilMs > nowMs && known.allowed >= allowed && !furtherPage)
      return {
        granted: false,
        allowed,
        remaining: 0,
        resetS: (known.untilMs - nowMs) / 1_000,
        giveBack: () => {},
      }
    const { taken, granted, remaining, resetS } = await db.one(Taken)`
      select taken, granted, remaining,
             coalesce(extract(epoch from next_at - clock_timestamp()), 0)::float8 as "resetS"
        from accesses.take(${consentId}, ${account}, ${family}, ${allowed}::int, ${furtherPage})
    `
    if (!granted) {
      if (exhausted.size >= EXHAUSTED_MAX) exhausted.clear()
      exhausted.set(key, { untilMs: clock() + resetS * 1_000, allowed })
    }
    const back = () => {
      if (taken !== null) giveBack(taken, key)
    }
    return { granted, allowed, remaining, resetS: Math.max(0, resetS), giveBack: back }
  }

  const flush = async () => {
    if (last.size === 0) return
    const all = [...last]
    last = new Map()
    try {
      await db.run`
        insert into accesses.last as held (consent_id, at, present)
        select consent_id, to_timestamp(at_ms / 1000.0), present::boolean
          from unnest(${all.map(([id]) => id)}::text[], ${all.map(([, l]) => l.atMs)}::float8[],
                      ${all.map(([, l]) => String(l.present))}::text[]) as told (consent_id, at_ms, present)
         order by consent_id
            on conflict (consent_id) do update set at = excluded.at, present = excluded.present
         where held.at < excluded.at
      `
    } catch (cause) {
      log.warn({ cause, consents: all.length }, 'the last use of consents is told later')
      for (const [id, told] of all) if (!last.has(id) && last.size < WAITING_MAX) last.set(id, told)
    }
  }
  let flushing: Promise<void> = Promise.resolve()
  const flushNext = () => (flushing = flushing.then(flush))
  const timer = setInterval(() => void flushNext(), FLUSH_MS)
  timer.unref()

  return {
    take: (key, allowed, furtherPage) => within(take(key, allowed, furtherPage)),
    used: (consentId, atMs, present) => {
      last.set(consentId, { atMs, present })
      if (last.size >= WAITING_MAX) void flushNext()
    },
    sweep: async () => {
      const nowMs = clock()
      for (const [key, { untilMs }] of exhausted) if (untilMs <= nowMs) exhausted.delete(key)
      // One day counts; a second is kept for whoever asks what was used.
      await db.run`
        delete from accesses.access
         where id = any (array(
           select id from accesses.access where at < now() - interval '48 hours' order by at limit 5000))
      `
    },
    close: async () => {
      clearInterval(timer)
      await flushNext()
    },
  }
}

/** Not counted is not allowed. */
const within = async (taking: Promise<Access>): Promise<Access> => {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new Error('the database did not answer in time')),
    WITHIN_MS,
  )
  try {
    return await Promise.race([taking, late])
  } catch (cause) {
    throw accessesUncounted('try again, or ask while the customer is present', {
      cause,
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      headers: { 'retry-after': '2' },
    })
  } finally {
    clearTimeout(timer)
  }
}
