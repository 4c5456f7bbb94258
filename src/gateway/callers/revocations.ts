/** The cell's own revocations: rows are the record, the notification only says which to read (G47, S18). */
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Log } from '#platform/log.ts'
import { type Db, openPostgres } from '#platform/db.ts'
import { Revocation } from '#platform/publication.ts'

const POLL_MS = 1_000
const PAGE = 1_000
/** Identity values are given before they are committed: every poll reads this many again, in case an older one came late. */
const OVERLAP = 500n

const Row = z
  .object({
    seq: z.bigint(),
    kind: Revocation.shape.kind,
    id: z.string(),
    at: z.instanceof(Temporal.Instant),
    expiresAt: z.instanceof(Temporal.Instant),
  })
  .transform(({ seq, kind, id, at, expiresAt }): { seq: bigint; revocation: Revocation } => ({
    seq,
    revocation: {
      source: 'cell',
      seq: Number(seq),
      kind,
      id,
      at: at.toString(),
      expiresAt: expiresAt.toString(),
    },
  }))

const readAfter = (db: Db, after: bigint) => db.many(Row)`
  select seq, kind, id, at, expires_at as "expiresAt"
    from revocations.revocation
   where seq > ${after} and expires_at > now()
   order by seq
   limit ${PAGE}
`

const readOne = (db: Db, seq: bigint) => db.many(Row)`
  select seq, kind, id, at, expires_at as "expiresAt" from revocations.revocation where seq = ${seq}
`

export interface CellRevocations {
  /** Monotonic milliseconds (performance.now) at which the rows were last read. */
  heardAtMs(): number
  /** Whether all live rows were read once: before that nobody knows what was revoked while this process was not there. */
  heardOnce(): boolean
  stop(): Promise<void>
}

/** Reads every live row, then each as it is told of, and polls besides: a lost notification costs a second, no more. */
export const followRevocations = (options: {
  url: string
  log: Log
  onRevocation: (revocation: Revocation) => void
}): CellRevocations => {
  const { log } = options
  const db = openPostgres(options.url, { name: 'gateway revocations', max: 1 })
  let heardAtMs = performance.now()
  let heardOnce = false
  let high = 0n
  let stopped = false
  const wake = new AbortController()

  const apply = (rows: readonly z.output<typeof Row>[]) => {
    for (const { seq, revocation } of rows) {
      options.onRevocation(revocation)
      if (seq > high) high = seq
    }
  }
  const catchUp = async () => {
    const askedAtMs = performance.now()
    let after = high > OVERLAP ? high - OVERLAP : 0n
    for (;;) {
      const rows = await readAfter(db, after)
      apply(rows)
      const last = rows.at(-1)
      if (rows.length < PAGE || !last) break
      after = last.seq
    }
    heardAtMs = askedAtMs
    heardOnce = true
  }
  const readTold = (payload: string) => {
    if (!/^\d{1,18}$/.test(payload)) return
    readOne(db, BigInt(payload)).then(apply, (cause: unknown) =>
      log.warn({ cause }, 'a revocation was told of and could not be read; the next poll reads it'),
    )
  }
  const run = async () => {
    let listening = false
    while (!stopped) {
      try {
        // The driver listens again by itself after a cut; what was told meanwhile is read by the poll.
        if (!listening) {
          await db.listen('revocations', readTold)
          listening = true
        }
        await catchUp()
      } catch (cause) {
        log.warn(
          { cause: (cause as Error).message },
          'the cell’s revocations are not heard; high-risk calls are refused until they are',
        )
      }
      await sleep(POLL_MS, undefined, { signal: wake.signal }).catch(() => {})
    }
  }
  const running = run()
  return {
    heardAtMs: () => heardAtMs,
    heardOnce: () => heardOnce,
    stop: async () => {
      stopped = true
      wake.abort()
      await running
      await db.close()
    },
  }
}
