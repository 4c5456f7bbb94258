/** The data file: one event a line behind its checksum, only ever appended to, on disk before it is answered. */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { type Books, type Event, apply, emptyBooks } from './books.ts'

export interface Ledger {
  readonly books: Books
  /** Writes the event, waits for the disk, then changes the books. */
  append(event: Event): void
  close(): void
}

const lineOf = (event: Event) => {
  const text = JSON.stringify(event)
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`
}

const eventOf = (line: string): Event | undefined => {
  const text = line.slice(9)
  if (crc32(text).toString(16).padStart(8, '0') !== line.slice(0, 8)) return undefined
  // The checksum says that this program wrote the line.
  return JSON.parse(text) as Event
}

/** Opens the books in a directory. A last line cut short by a crash is removed; any other damage refuses the start. */
export const openLedger = (directory: string, seed: () => readonly Event[]): Ledger => {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'journal.dat')
  const fd = openSync(path, 'a+')
  const books = emptyBooks()
  const bytes = readFileSync(path)
  const end = bytes.lastIndexOf(0x0a) + 1
  if (end < bytes.length) ftruncateSync(fd, end)
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1)
  for (const [index, line] of lines.entries()) {
    const event = eventOf(line)
    if (!event) throw new Error(`${path}: line ${index + 1} is damaged`)
    apply(books, event)
  }

  if (!lines.some((line) => line.includes('"kind":"seeded"'))) {
    // A first start that was cut short begins again: nobody was answered from a half-seeded file.
    ftruncateSync(fd, 0)
    const events = seed()
    const fresh = emptyBooks()
    for (const event of events) apply(fresh, event)
    Object.assign(books, fresh)
    writeSync(fd, [...events, { kind: 'seeded' } as const].map(lineOf).join(''))
    fsyncSync(fd)
  }

  return {
    books,
    append: (event) => {
      writeSync(fd, lineOf(event))
      fdatasyncSync(fd)
      apply(books, event)
    },
    close: () => closeSync(fd),
  }
}
