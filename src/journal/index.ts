/** What happened, in order, and who did it: one line for every change, in the change's own transaction, hash-chained. */
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import type { Db, Postgres } from '#platform/db.ts'
import { realTime, turnedMs } from '#platform/turned-clock.ts'

export { type ChainedLine, type ChainReport, verifyChain } from './chain.ts'
export { evidenceFolder, evidenceVkeyPath, keepEvidence, keepWitnessed } from './evidence.ts'
export { originOf, readVkey, type Verifier } from './note.ts'
export {
  type LineAbout,
  provenAbout,
  type ProvenLines,
  provenLines,
  signedByLog,
  unprovenBecause,
} from './proofs.ts'
export { type EvidenceReport, type Trust, verifyEvidence, verifyJournal } from './verify.ts'
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
  let recorded = false
  const result = await postgres.transaction((tx) => {
    const record: Work['record'] = async (event, subject, data) => {
      recorded = true
      // Audit goes by real time. What happened by a clock that was turned says by that one too.
      const told = turnedMs() === 0 ? data : { ...data, worldTime: now.toString() }
      const line = canonical({ at: realTime(now).toString(), actor, event, subject, data: told })
      await tx.run`insert into journal.entry (body) values (${line})`
    }
    return body({ ...tx, actor, now, record })
  })
  if (recorded) await postgres.one(Sealed)`select journal.seal() as sealed`
  return result
}

const Sealed = z.object({ sealed: z.bigint() })
