/** A file of the core's, on its way into our books: taken line by line, taken whole, or refused. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import type { StatementCheck, StatementName } from '../cores/statement.ts'

export const StatementId = idOf('statement')

const Instant = z.instanceof(Temporal.Instant)

export const Statement = z.object({
  id: StatementId,
  name: z.string(),
  version: z.string(),
  sha256: z.string(),
  day: z.instanceof(Temporal.PlainDate).nullable(),
  status: z.enum(['taking', 'taken', 'refused']),
  lines: z.number().nullable(),
  linesTaken: z.number(),
  wrongLine: z.number().nullable(),
  reason: z.string().nullable(),
  foundAt: Instant,
  endedAt: Instant.nullable(),
})
export type Statement = z.output<typeof Statement>

/** A sound file begins to be taken; any other is refused, with its line. */
export const begun = (
  { name, version }: StatementName,
  check: StatementCheck,
  now: Temporal.Instant,
): Statement => {
  const statement = {
    id: StatementId.next(),
    name,
    version,
    sha256: check.sha256,
    linesTaken: 0,
    wrongLine: null,
    reason: null,
    foundAt: now,
    endedAt: null,
  }
  return check.sound
    ? { ...statement, status: 'taking', day: check.day, lines: check.lines }
    : refused({ ...statement, status: 'taking', day: null, lines: null }, check, now)
}

export const refused = (
  statement: Statement,
  { line, because }: { readonly line: number; readonly because: string },
  now: Temporal.Instant,
): Statement => {
  assert(statement.status === 'taking', 'what was taken is not refused any more')
  return { ...statement, status: 'refused', wrongLine: line, reason: because, endedAt: now }
}

/** A day has one file. What comes for a day that has one is refused: as the same file, or as another. */
export const inTheWayOf = (statement: Statement, other: Statement): string =>
  statement.sha256 === other.sha256
    ? `its bytes are those of ${other.name}, which was taken`
    : `the day was taken from ${other.name}, whose bytes are others`

export const advanced = (statement: Statement, line: number): Statement => {
  assert(statement.status === 'taking' && line > statement.linesTaken, 'a file is taken forwards')
  return { ...statement, linesTaken: line }
}

export const taken = (statement: Statement, now: Temporal.Instant): Statement => {
  assert(statement.status === 'taking', 'a file is taken once')
  return { ...statement, status: 'taken', linesTaken: statement.lines ?? 0, endedAt: now }
}
