/** Whether a back-up could be restored, without restoring it: every byte of a base, and a log without a hole behind it. */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, openSync, closeSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { placeIn, stretchesOf } from './place.ts'
import { type Base, baseFor, findShelf, type Shelf, type State } from './shelf.ts'
import { beginningOf } from './wal.ts'

export interface Checked {
  /** Everything committed before is in it. */
  readonly at: string
  readonly base: string
  readonly files: number
  readonly segments: number
  readonly faults: readonly string[]
}

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

const baseFaults = async (folder: string, base: Base): Promise<string[]> => {
  const faults: string[] = []
  for (const { path, bytes, sha256 } of base.files) {
    const file = join(folder, path)
    if (!existsSync(file)) faults.push(`${path} is missing`)
    else if (statSync(file).size !== bytes) faults.push(`${path} has another length`)
    else if ((await sha256Of(file)) !== sha256) faults.push(`${path} is not what was copied`)
  }
  return faults
}

/** xlog_internal.h: the first page of a file of the log names its own place behind 8 bytes, little-endian. */
const PAGE_ADDRESS_AT = 8

const beginsAt = (path: string): bigint => {
  const head = Buffer.alloc(PAGE_ADDRESS_AT + 8)
  const file = openSync(path, 'r')
  try {
    readSync(file, head, 0, head.length, 0)
  } finally {
    closeSync(file)
  }
  return head.readBigUInt64LE(PAGE_ADDRESS_AT)
}

const logOf = (shelf: Shelf, base: Base, state: State) => {
  const from = beginningOf(base.from, state.segmentBytes)
  const stretches = stretchesOf(state, from, placeIn(state.copiedTo))
  const faults = stretches.flatMap(({ name }, n) => {
    const path = join(shelf.wal, name)
    if (!existsSync(path)) return [`the log lacks ${name}`]
    if (statSync(path).size !== state.segmentBytes) return [`${name} has another length`]
    const place = from + BigInt(n) * BigInt(state.segmentBytes)
    return beginsAt(path) === place ? [] : [`${name} is the log of another place`]
  })
  return { names: stretches.map(({ name }) => name), faults }
}

/** The base and the files of the log that a restore would take, and what is wrong with them. */
export const checkBackup = async (
  folder: string,
  until?: Temporal.Instant,
): Promise<Checked & { readonly log: readonly string[] }> => {
  const shelf = findShelf(folder)
  const { name, base } = baseFor(shelf, until)
  const state = shelf.state()!
  const { names, faults } = logOf(shelf, base, state)
  return {
    at: state.at,
    base: name,
    files: base.files.length,
    segments: names.length,
    log: names,
    faults: [...(await baseFaults(shelf.base(name), base)), ...faults],
  }
}
