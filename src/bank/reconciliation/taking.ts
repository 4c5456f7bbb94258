/**
 * Takes the core's files in. A file is read whole before anything of it is believed, then kept line by line in batches
 * that say how far they came: whoever is killed meanwhile is followed by somebody who goes on behind the last batch.
 */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import type {
  CoreStatements,
  StatementCheck,
  StatementLine,
  StatementName,
} from '../cores/statement.ts'
import type { BankWorld } from '../world.ts'
import { advanced, begun, inTheWayOf, refused, type Statement, taken } from './statement.ts'
import * as store from './store.ts'

export type TakingWorld = Pick<BankWorld, 'db' | 'now' | 'log'> & {
  /** Lines of a batch. */
  readonly batch?: number
}

const BATCH = 1_000

/** Takes every file that lies there and was not read yet; answers how many were taken or refused. */
export const takeStatements = async (
  world: TakingWorld,
  statements: CoreStatements,
): Promise<number> => {
  let ended = 0
  for (const file of await statements.list()) {
    const known = await store.statementNamed(world.db, file)
    if (known && known.status !== 'taking') continue
    const statement = await takeStatement(world, statements, file)
    if (statement && statement.status !== 'taking') ended += 1
  }
  return ended
}

/** Undefined where another process is at it. */
export const takeStatement = async (
  world: TakingWorld,
  statements: CoreStatements,
  file: StatementName,
): Promise<Statement | undefined> => {
  const check = await statements.check(file.name)
  const begin = await beginning(world, file, check)
  if (begin?.status !== 'taking') return begin
  let { linesTaken } = begin
  let batch: StatementLine[] = []
  for await (const line of statements.read(file.name, linesTaken)) {
    batch.push(line)
    if (batch.length < (world.batch ?? BATCH)) continue
    if (!(await keep(world, begin.id, linesTaken, batch))) return undefined
    linesTaken = line.line
    batch = []
  }
  const last = batch.at(-1)
  if (last && !(await keep(world, begin.id, linesTaken, batch))) return undefined
  const now = (await statements.list()).find(({ name }) => name === file.name)
  return end(world, begin.id, last?.line ?? linesTaken, now?.version === file.version)
}

const beginning = (world: TakingWorld, file: StatementName, check: StatementCheck) =>
  work(world.db, 'system', world.now(), async (w) => {
    const known = await store.statementNamed(w, file)
    if (known) {
      if (known.status !== 'taking' || known.sha256 === check.sha256) return known
      return refuse(world, w, known, changed(known))
    }
    const statement = begun(file, check, w.now)
    if (!check.sound) return add(world, w, statement)
    const other = await store.statementOfDay(w, check.day)
    // Begun by another process since we looked.
    if (other && other.name === file.name && other.version === file.version) return other
    if (other && other.name === file.name && other.status === 'taking')
      await refuse(world, w, other, changed(other))
    else if (other)
      return add(
        world,
        w,
        refused(statement, { line: 1, because: inTheWayOf(statement, other) }, w.now),
      )
    return add(world, w, statement)
  })

const changed = ({ linesTaken }: Statement) => ({
  line: linesTaken + 1,
  because: 'the file was changed before all of it was taken',
})

const add = async (
  world: TakingWorld,
  w: Work,
  statement: Statement,
): Promise<Statement | undefined> => {
  if (!(await store.addStatement(w, statement))) return undefined
  if (statement.status === 'refused') await tellRefused(world, w, statement)
  return statement
}

const refuse = async (
  world: TakingWorld,
  w: Work,
  before: Statement,
  why: { line: number; because: string },
): Promise<Statement> => {
  const after = refused(before, why, w.now)
  await store.saveStatement(w, after)
  await tellRefused(world, w, after)
  return after
}

const tellRefused = async ({ log }: TakingWorld, w: Work, statement: Statement) => {
  const { id, name, wrongLine: line, reason } = statement
  log.error({ name, line, reason }, 'a statement of the core was refused')
  await w.record('reconciliation.statement-refused', id, { name, line, reason })
}

/** Keeps a batch behind the line that it was read behind; answers whether nobody else did. */
const keep = (
  { db, now }: TakingWorld,
  id: string,
  behind: number,
  batch: readonly StatementLine[],
): Promise<boolean> =>
  work(db, 'system', now(), async (w) => {
    const statement = await store.lockStatement(w, id)
    const last = batch.at(-1)
    if (statement.status !== 'taking' || statement.linesTaken !== behind || !last) return false
    await store.addLines(w, id, batch)
    await store.saveStatement(w, advanced(statement, last.line))
    return true
  })

/** Head and tail of a file are no lines of the books. */
const FRAME_LINES = 2

const end = (
  world: TakingWorld,
  id: string,
  linesTaken: number,
  unchanged: boolean,
): Promise<Statement | undefined> =>
  work(world.db, 'system', world.now(), async (w) => {
    const before = await store.lockStatement(w, id)
    if (before.status !== 'taking' || before.linesTaken !== linesTaken) return undefined
    if (!unchanged) return refuse(world, w, before, changed(before))
    const kept = await store.linesOf(w, id)
    assert(kept + FRAME_LINES === before.lines, 'every line of a sound file is kept once')
    const after = taken(before, w.now)
    await store.saveStatement(w, after)
    await w.record('reconciliation.statement-taken', id, {
      day: before.day?.toString(),
      lines: before.lines,
    })
    return after
  })
