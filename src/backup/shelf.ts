/** Where a back-up lies: base copies, the log behind them, what stands beside the database, and how far all of it goes. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import { writeWhole } from '#platform/keys.ts'
import { placeIn } from './place.ts'

export const backupUnusable = problem('backup/unusable', 500, 'The back-up cannot be used')

const PlaceText = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/)

/** What is promised: everything up to this place, and whatever happened before this moment. Written last in each round. */
const State = z.strictObject({
  systemIdentifier: z.string().regex(/^\d+$/),
  timeline: z.number().int().positive(),
  segmentBytes: z.number().int().positive(),
  copiedTo: PlaceText,
  /** By the clock of the database: what was committed before is in the copy. */
  at: z.string(),
})
export type State = z.output<typeof State>

const Base = z.strictObject({
  startedAt: z.string(),
  finishedAt: z.string(),
  timeline: z.number().int().positive(),
  from: PlaceText,
  /** The copy is whole only together with the log up to here. */
  to: PlaceText,
  files: z.array(
    z.strictObject({
      path: z.string(),
      bytes: z.number().int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
  folders: z.array(z.string()),
})
export type Base = z.output<typeof Base>

export interface Shelf {
  readonly wal: string
  /** Beside the database: spools, evidence, snapshots, the status page’s memory. */
  readonly files: string
  readonly base: (name: string) => string
  readonly bases: () => { readonly name: string; readonly base: Base }[]
  readonly state: () => State | undefined
  readonly keep: (state: State) => void
}

export const baseNote = 'base.json'

export const openShelf = (folder: string): Shelf => {
  for (const path of partsOf(folder)) mkdirSync(path, { recursive: true, mode: 0o700 })
  return shelfAt(folder)
}

/** One that is there already; a path that was mistyped is named, and nothing is made at it. */
export const findShelf = (folder: string): Shelf => {
  const missing = partsOf(folder).find((path) => !existsSync(path))
  if (missing !== undefined)
    throw backupUnusable(`${folder} is no back-up: ${missing} is not there`)
  return shelfAt(folder)
}

const partsOf = (folder: string) => ['base', 'wal', 'files'].map((part) => join(folder, part))

const shelfAt = (folder: string): Shelf => {
  const stateFile = join(folder, 'state.json')
  const bases = join(folder, 'base')
  return {
    wal: join(folder, 'wal'),
    files: join(folder, 'files'),
    base: (name) => join(bases, name),
    // One that has no note was cut off, and counts for nothing.
    bases: () =>
      readdirSync(bases)
        .toSorted()
        .filter((name) => existsSync(join(bases, name, baseNote)))
        .map((name) => ({ name, base: parsed(Base, join(bases, name, baseNote)) })),
    state: () => (existsSync(stateFile) ? parsed(State, stateFile) : undefined),
    keep: (state) => writeWhole(stateFile, JSON.stringify(state)),
  }
}

const parsed = <T extends z.ZodType>(schema: T, path: string): z.output<T> => {
  try {
    return schema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw backupUnusable(`${path} is not what a back-up writes there`, { cause })
  }
}

/** The newest base from which one can go on to what is asked for: whole, and finished before. */
export const baseFor = (shelf: Shelf, until?: Temporal.Instant): { name: string; base: Base } => {
  const state = shelf.state()
  if (!state) throw backupUnusable('no round of this back-up was ever finished')
  if (until && Temporal.Instant.compare(until, Temporal.Instant.from(state.at)) > 0)
    throw backupUnusable(`it goes to ${state.at}, and not to ${until.toString()}`)
  const usable = shelf
    .bases()
    .filter(
      ({ base }) =>
        base.timeline === state.timeline &&
        placeIn(base.to) <= placeIn(state.copiedTo) &&
        (!until || Temporal.Instant.compare(Temporal.Instant.from(base.finishedAt), until) <= 0),
    )
    .at(-1)
  if (!usable)
    throw backupUnusable(
      until
        ? `no base copy was finished before ${until.toString()}`
        : 'it holds no whole base copy',
    )
  return usable
}
