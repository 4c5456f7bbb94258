/** Looks for card numbers where none may be: rows of databases, bytes of files, memory of processes. */
import { closeSync, globSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { z } from 'zod'
import { openPostgres } from '#platform/db.ts'

/** One way to write a number, as bytes. */
export interface Spelling {
  readonly name: string
  readonly bytes: Buffer
}

/** base64 of a text that begins at any of three places: the letters that do not depend on what stands around it. */
const inBase64 = (text: string): string[] =>
  [0, 1, 2].map((before) => {
    const encoded = Buffer.from('\0'.repeat(before) + text).toString('base64')
    const from = [0, 2, 3][before] ?? 0
    const whole = Math.floor(((before + text.length) * 8) / 6)
    return encoded.slice(from, whole)
  })

/** PCI DSS 3.5.1: every form in which a number is still the number. */
export const spellingsOf = (number: string): Spelling[] => [
  { name: 'digits', bytes: Buffer.from(number) },
  { name: 'digits in groups', bytes: Buffer.from((number.match(/.{4}/g) ?? []).join(' ')) },
  { name: 'UTF-16', bytes: Buffer.from(number, 'utf16le') },
  { name: 'hex', bytes: Buffer.from(Buffer.from(number).toString('hex')) },
  { name: 'packed digits', bytes: Buffer.from(number, 'hex') },
  ...inBase64(number).map((text) => ({ name: 'base64', bytes: Buffer.from(text) })),
]

export interface Found {
  readonly bytes: number
  readonly hits: readonly { readonly where: string; readonly spelling: string }[]
  /** Whether a word was seen that must be there: a search that sees nothing proves nothing. */
  readonly seen: boolean
}

export interface Wanted {
  readonly spellings: readonly Spelling[]
  /** A word that the place holds. */
  readonly control: string
}

const none: Found = { bytes: 0, hits: [], seen: false }

/** What was found in parts of one place. */
export const joined = (all: readonly Found[]): Found => ({
  bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  hits: all.flatMap(({ hits }) => hits),
  seen: all.some(({ seen }) => seen),
})

const inBytes = (where: string, bytes: Buffer, { spellings, control }: Wanted): Found => ({
  bytes: bytes.length,
  hits: spellings
    .filter((spelling) => bytes.includes(spelling.bytes))
    .map(({ name }) => ({ where, spelling: name })),
  seen: bytes.includes(control),
})

/** Larger than this a file is read in pieces that overlap by more than the longest spelling. */
const PIECE = 64 << 20
const OVERLAP = 256

/** RFC 1952: what was packed away, such as an old log or a dump, is looked at unpacked; more than this of it is not. */
const UNPACKED_MAX = 1 << 30
const isPacked = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const inFile = (path: string, wanted: Wanted): Found => {
  const { size } = statSync(path)
  if (size <= PIECE) {
    const bytes = readFileSync(path)
    const plain = isPacked(bytes) ? gunzipSync(bytes, { maxOutputLength: UNPACKED_MAX }) : bytes
    return inBytes(path, plain, wanted)
  }
  const file = openSync(path, 'r')
  const piece = Buffer.alloc(PIECE)
  const found: Found[] = []
  try {
    for (let at = 0; at < size; at += PIECE - OVERLAP)
      found.push(inBytes(path, piece.subarray(0, readSync(file, piece, 0, PIECE, at)), wanted))
  } finally {
    closeSync(file)
  }
  return joined(found)
}

/** Every file below a folder, but for those that the pattern names. */
export const searchFiles = (folder: string, wanted: Wanted, but?: RegExp): Found => {
  const found: Found[] = []
  for (const entry of globSync('**/*', { cwd: folder, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (!entry.isFile() || but?.test(path)) continue
    try {
      found.push(inFile(path, wanted))
    } catch {
      // Gone since the folder was listed: a database removes what it no longer needs.
    }
  }
  return joined(found)
}

const Table = z.object({ schema: z.string(), name: z.string() })
const Row = z.object({ row: z.string(), at: z.string() })
const PAGE = 5_000

/** Every row of every table as JSON, also of what a file search could not read because it is kept compressed. */
export const searchDatabase = async (url: string, wanted: Wanted): Promise<Found> => {
  const db = openPostgres(url, { name: 'card scope', max: 1 })
  try {
    // Of this session alone: a function that reads a page of a table that is named by a value.
    await db.run`
      create or replace function pg_temp.scope_rows(schema text, name text, after text, most int)
      returns setof record language plpgsql as $$
      begin
        return query execute format(
          'select to_json(t)::text, t.ctid::text from %I.%I as t where t.ctid > %L::tid order by t.ctid limit %s',
          schema, name, after, most);
      end $$
    `
    const tables = await db.many(Table)`
      select table_schema as schema, table_name as name
        from information_schema.tables
       where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
       order by 1, 2
       limit 1000
    `
    const found: Found[] = []
    for (const { schema, name } of tables)
      for (let after = '(0,0)'; ;) {
        const rows = await db.many(Row)`
          select row, at from pg_temp.scope_rows(${schema}, ${name}, ${after}, ${PAGE}) as found (row text, at text)
        `
        const last = rows.at(-1)
        if (!last) break
        const text = Buffer.from(rows.map(({ row }) => row).join('\n'))
        found.push(inBytes(`${schema}.${name}`, text, wanted))
        after = last.at
      }
    return joined(found)
  } finally {
    await db.close()
  }
}

const PAGE_BYTES = 4096
/** Bit 63 of an entry: the page is in memory; bit 62: it is swapped out. Any other holds nothing yet. */
const HELD = 0b1100_0000

/** The stretches of a region that hold anything: most of what a runtime reserves it never touches. */
function* heldIn(
  pagemap: number,
  from: number,
  end: number,
): Generator<{ from: number; end: number }> {
  const entries = Buffer.alloc(((end - from) / PAGE_BYTES) * 8)
  readSync(pagemap, entries, 0, entries.length, (from / PAGE_BYTES) * 8)
  const isHeld = (page: number) => ((entries[page * 8 + 7] ?? 0) & HELD) !== 0
  const pages = entries.length / 8
  for (let page = 0; page < pages; page++) {
    if (!isHeld(page)) continue
    const first = page
    while (page < pages && isHeld(page)) page++
    yield { from: from + first * PAGE_BYTES, end: from + page * PAGE_BYTES }
  }
}

const writable = /^([0-9a-f]+)-([0-9a-f]+) rw/

/** Every writable page of a process, as it is at this moment; undefined where this system does not show it. */
export const searchMemory = (pid: number, wanted: Wanted): Found | undefined => {
  const open: number[] = []
  try {
    const regions = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')
    for (const name of ['mem', 'pagemap']) open.push(openSync(`/proc/${pid}/${name}`, 'r'))
    return inMemory(pid, regions, open, wanted)
  } catch {
    return undefined
  } finally {
    open.forEach(closeSync)
  }
}

const inMemory = (
  pid: number,
  regions: readonly string[],
  [memory = 0, pagemap = 0]: readonly number[],
  wanted: Wanted,
): Found => {
  const piece = Buffer.alloc(PIECE)
  const found: Found[] = [none]
  for (const region of regions) {
    const [, from, to] = writable.exec(region) ?? []
    if (from === undefined || to === undefined) continue
    for (const held of heldIn(pagemap, Number.parseInt(from, 16), Number.parseInt(to, 16)))
      for (let at = held.from; at < held.end; at += PIECE - OVERLAP)
        try {
          const read = readSync(memory, piece, 0, Math.min(PIECE, held.end - at), at)
          found.push(inBytes(`memory of ${pid}`, piece.subarray(0, read), wanted))
        } catch {
          // A stretch that is gone, or that the kernel keeps to itself.
        }
  }
  piece.fill(0)
  return joined(found)
}
