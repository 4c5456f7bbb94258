/**
 * What stands beside the database: calls that control has not taken, evidence, published documents, the status page's
 * memory. Copied before the log of the same round, so that the database of a copy is never behind its files; what ceased
 * to be needed goes from the copy only when the log that says so is in it.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { writeWhole } from '#platform/keys.ts'

/** Under PORTICO_DATA. The database has its own way, logs and sockets are worth nothing, keys go elsewhere. */
export const besides = ['spool', 'evidence', 'snapshots', 'status', 'reports', 'mail'] as const

/** Files that say how far others count: of these the copy shows a new one only when the log has followed. */
const isMark = (path: string) => /^evidence\/[^/]+\/(checkpoint|witnessed)$/.test(path)
/** Half-written ones, and a segment that holds nothing yet. */
const isPassing = (path: string) => /\.(new|part|blank)$/.test(path)

const filesIn = (root: string, below: string): string[] => {
  const folder = join(root, below)
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${below}/${entry.name}`
    if (entry.isDirectory()) return filesIn(root, path)
    return entry.isFile() && !isPassing(path) ? [path] : []
  })
}

/** Whether it went away between two looks: then its end is in the log, or its successor stands beside it. */
const isGone = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'

/** Copies a file where it is not the same by size and time. */
const bring = (from: string, to: string): void => {
  try {
    const now = statSync(from)
    const held = existsSync(to) ? statSync(to) : undefined
    // A segment of the spool has its whole length from the beginning: its time says that it was written to.
    if (held && held.size === now.size && held.mtimeMs === now.mtimeMs) return
    mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
    const beside = `${to}.part`
    copyFileSync(from, beside)
    // The time before the copy: what was written meanwhile makes it differ again in the next round.
    utimesSync(beside, now.atime, now.mtime)
    renameSync(beside, to)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

const marksIn = (data: string): Map<string, string> => {
  const marks = new Map<string, string>()
  for (const path of filesIn(data, 'evidence').filter(isMark))
    try {
      marks.set(path, readFileSync(join(data, path), 'utf8'))
    } catch (error) {
      if (!isGone(error)) throw error
    }
  return marks
}

const same = (a: Map<string, string>, b: Map<string, string>) =>
  a.size === b.size && [...a].every(([path, text]) => b.get(path) === text)

const LOOKS_MAX = 20

/** What was copied and what the copy must forget: to be said when the log of the same round is in the copy. */
export interface Brought {
  readonly settle: () => void
}

/** Copies what is new under the folder of the copy. */
export const bringBeside = (data: string, copy: string): Brought => {
  let marks = marksIn(data)
  let paths: string[] = []
  for (let looks = 0; looks < LOOKS_MAX; looks++) {
    paths = besides.flatMap((name) => filesIn(data, name)).filter((path) => !isMark(path))
    for (const path of paths) bring(join(data, path), join(copy, path))
    // A checkpoint that changed meanwhile may have dropped what the one before it named: look again.
    const after = marksIn(data)
    if (same(marks, after)) break
    marks = after
  }
  return {
    settle: () => {
      for (const [path, text] of marks) {
        mkdirSync(dirname(join(copy, path)), { recursive: true, mode: 0o700 })
        writeWhole(join(copy, path), text)
      }
      const stays = new Set([...paths, ...marks.keys()])
      for (const path of besides.flatMap((name) => filesIn(copy, name)))
        if (!stays.has(path)) rmSync(join(copy, path), { force: true })
    },
  }
}

/** Copies what is new under `keys/` to its own place. Nothing is ever removed there: an old key still opens old data. */
export const bringKeys = (data: string, copy: string): void => {
  for (const path of filesIn(data, 'keys')) bring(join(data, path), join(copy, path))
}
