/** What happened, in order, and who did it: one line for every change, in the change's own transaction, hash-chained. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { canonical } from '#kernel/canonical.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { realTime, turnedMs } from '#platform/turned-clock.ts'

export { linesBehind } from './behind.ts'
export { type ChainedLine, type ChainReport, verifyChain } from './chain.ts'
export {
  evidenceFolder,
  evidenceKeyPath,
  evidenceOwner,
  evidenceVkeyPath,
  keepEvidence,
  keepWitnessed,
  lastPlace,
  openKeeper,
} from './evidence.ts'
export { originOf, readCheckpoint, readVkey, type Verifier } from './note.ts'
export {
  type LineAbout,
  namesStaff,
  provenAbout,
  provenLine,
  type ProvenLines,
  provenLines,
  signedByLog,
  unprovenBecause,
} from './proofs.ts'
export {
  type EvidenceReport,
  type Trust,
  verifyDatabase,
  verifyEvidence,
  verifyJournal,
} from './verify.ts'
export {
  logResourceUnknown,
  notesOf,
  placeOfTile,
  proveConsistency,
  readLogVkey,
  readResource,
} from './log.ts'
export { latestLine } from './latest.ts'
export { forget, reference, refersTo } from './reference.ts'
export { type Search, searchEntries } from './search.ts'
export { proofAmong, leafHash, rootOver } from './tree.ts'
export {
  chainLines,
  type Entry,
  followJournal,
  readEntries,
  readEntriesBefore,
  seal,
} from './follow.ts'

export type Actor =
  | `partner:${string}`
  | `person:${string}`
  | `customer:${string}`
  | `staff:${string}`
  | `application:${string}`
  | 'system'

/** All that a command may touch. It lives exactly as long as one transaction. */
export interface Work extends Db {
  readonly actor: Actor
  readonly now: Temporal.Instant
  /** Writes the journal line: `room.past-participle`, the id it is about, facts without personal data. */
  record(event: string, subject: string, data: object): Promise<void>
}

/** Runs a command: what it changed and what it recorded are kept together, or not at all. */
export const work = async <T>(
  postgres: Postgres,
  actor: Actor,
  now: Temporal.Instant,
  body: (work: Work) => Promise<T>,
): Promise<T> => {
  const lines: string[] = []
  const result = await postgres.transaction(async (tx) => {
    let written = false
    const record: Work['record'] = async (event, subject, data) => {
      assert(!written, `${event} comes too late: its transaction is over`)
      // Audit goes by real time. What happened by a clock that was turned says by that one too.
      const told = turnedMs() === 0 ? data : { ...data, worldTime: now.toString() }
      const line = canonical({ at: realTime(now).toString(), actor, event, subject, data: told })
      assert(Buffer.byteLength(line) <= LINE_BYTES_MAX, `the line of ${event} is no line any more`)
      lines.push(line)
    }
    const done = await body({ ...tx, actor, now, record })
    written = true
    // Nobody reads a line before it is sealed, so all that a command says is written in one breath.
    if (lines.length > 0)
      await tx.run`
        insert into journal.entry (body)
        select line from unnest(${lines}::text[]) with ordinality as said (line, place) order by place
      `
    return done
  })
  if (lines.length > 0) await sealed(postgres)
  return result
}

/** What is under way over a pool, and what begins once that is done. */
interface Sealing {
  now: Promise<unknown>
  next: Promise<unknown> | undefined
}
const sealings = new WeakMap<Postgres, Sealing>()

/**
 * Places in the chain what is committed. One seal takes all that waits, so the commands of a process share the next one
 * to begin instead of queueing, each with a connection, for one lock. A seal that had begun may not have seen the caller.
 */
const sealed = (postgres: Postgres): Promise<unknown> => {
  const sealing = sealings.get(postgres) ?? { now: Promise.resolve(), next: undefined }
  sealings.set(postgres, sealing)
  const begin = async () => {
    sealing.next = undefined
    sealing.now = postgres.one(Sealed)`select journal.seal() as sealed`
    await sealing.now
  }
  // How the one before it ended was told to those who waited for it.
  return (sealing.next ??= sealing.now.then(begin, begin))
}

/** An entry bundle says the length of a line in two bytes (C2SP tlog-tiles). */
const LINE_BYTES_MAX = 0xffff

const Sealed = z.object({ sealed: z.bigint() })
