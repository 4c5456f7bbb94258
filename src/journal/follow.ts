import { z } from 'zod'
import type { Db, Postgres } from '#platform/db.ts'

export const EntryRow = z.object({
  seq: z.bigint(),
  hash: z.instanceof(Uint8Array),
  previous: z.instanceof(Uint8Array),
  body: z.string(),
})

export const Body = z.strictObject({
  at: z.string(),
  actor: z.string(),
  event: z.string(),
  subject: z.string(),
  data: z.record(z.string(), z.unknown()),
})

/** One sealed line: `seq` is gapless from 1, `hash` chains it to all before it. */
export interface Entry extends z.output<typeof Body> {
  readonly seq: bigint
  /** The canonical text that was hashed. */
  readonly body: string
  readonly hash: Uint8Array
  readonly previous: Uint8Array
}

/** Gives the committed lines their places in the chain; answers the last place. Any process may call it. */
export const seal = async (db: Db): Promise<bigint> =>
  (await db.one(Last)`select journal.seal() as last`).last
const Last = z.object({ last: z.bigint() })

/** Sealed lines after `after`, in order, at most `limit`. */
export const readEntries = async (db: Db, after: bigint, limit = 500): Promise<Entry[]> => {
  const rows = await db.many(EntryRow)`
    select c.seq, c.hash, c.previous, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where c.seq > ${after}
     order by c.seq
     limit ${limit}
  `
  return rows.map((row) => ({ ...row, ...Body.parse(JSON.parse(row.body)) }))
}

/** The whole chain as it is stored, for whoever checks it: nothing is read from the text. */
export const chainLines = async function* (
  db: Db,
): AsyncGenerator<Pick<Entry, 'seq' | 'body' | 'hash' | 'previous'>> {
  for (let after = 0n; ;) {
    const lines = await db.many(EntryRow)`
      select c.seq, c.hash, c.previous, e.body
        from journal.chain c
        join journal.entry e on e.id = c.entry_id
       where c.seq > ${after}
       order by c.seq
       limit 5000
    `
    yield* lines
    const last = lines.at(-1)
    if (!last) return
    after = last.seq
  }
}

/** Sealed lines before `before`, newest first, at most `limit`. */
export const readEntriesBefore = async (db: Db, before: bigint, limit = 500): Promise<Entry[]> => {
  const rows = await db.many(EntryRow)`
    select c.seq, c.hash, c.previous, e.body
      from journal.chain c
      join journal.entry e on e.id = c.entry_id
     where c.seq < ${before}
     order by c.seq desc
     limit ${limit}
  `
  return rows.map((row) => ({ ...row, ...Body.parse(JSON.parse(row.body)) }))
}

/**
 * Calls `onEntries` with every sealed line after `after`, in order, one batch at a time, until stopped.
 * Wakes by notification; looks by itself every `idleMs` too, so that a lost notification loses nothing.
 * A failing `onEntries` is tried again with the same lines.
 */
export const followJournal = async (
  postgres: Postgres,
  options: { after: bigint; idleMs?: number; onError: (error: unknown) => void },
  onEntries: (entries: readonly Entry[]) => Promise<void>,
): Promise<{ stop(): Promise<void> }> => {
  let after = options.after
  let stopped = false
  let wake: () => void = () => {}
  let pending = false
  const nudge = () => {
    pending = true
    wake()
  }
  const listening = await postgres.listen('journal', nudge, nudge)
  const run = async () => {
    while (!stopped) {
      try {
        await seal(postgres)
        const entries = await readEntries(postgres, after)
        const last = entries.at(-1)
        if (last) {
          await onEntries(entries)
          after = last.seq
          continue
        }
      } catch (error) {
        if (!stopped) options.onError(error)
      }
      if (pending) {
        pending = false
        continue
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, options.idleMs ?? 1000)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      pending = false
    }
  }
  const running = run()
  return {
    stop: async () => {
      stopped = true
      wake()
      await running
      await listening.stop()
    },
  }
}
