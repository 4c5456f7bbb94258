/** The end of the day: when the date has changed, the file of the day that is over is put down whole. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Books } from './books.ts'
import { bytesOf } from './records.ts'
import { statementOf } from './statement.ts'

/** Looks every second; days that it slept through are put down when it wakes. Returns what stops it. */
export const startNights = (
  books: Books,
  directory: string,
  clock: () => Temporal.ZonedDateTime,
): (() => void) => {
  mkdirSync(directory, { recursive: true })
  const look = () => {
    const now = clock()
    const yesterday = now.toPlainDate().subtract({ days: 1 })
    const last = lastIn(directory)
    for (
      let day = last ? last.add({ days: 1 }) : yesterday;
      Temporal.PlainDate.compare(day, yesterday) <= 0;
      day = day.add({ days: 1 })
    )
      putDown(directory, nameOf(day), statementOf(books, day, now))
  }
  look()
  const timer = setInterval(look, 1000)
  return () => clearInterval(timer)
}

/** `VYP261123.TXT` is the file of 23 November 2026. */
export const nameOf = (day: Temporal.PlainDate): string =>
  `VYP${day.toString().slice(2).replaceAll('-', '')}.TXT`

const lastIn = (directory: string): Temporal.PlainDate | undefined => {
  const [last] = readdirSync(directory)
    .flatMap((name) => /^VYP(\d{6})\.TXT$/.exec(name)?.[1] ?? [])
    .toSorted()
    .toReversed()
  return last === undefined
    ? undefined
    : Temporal.PlainDate.from(`20${last.slice(0, 2)}-${last.slice(2, 4)}-${last.slice(4)}`)
}

/** Nobody ever sees half a file: it gets its name when all of it is on the disk. */
const putDown = (directory: string, name: string, lines: readonly string[]) => {
  const unfinished = join(directory, `${name}.tmp`)
  const fd = openSync(unfinished, 'w')
  writeSync(fd, Buffer.concat(lines.map((line) => bytesOf(line))))
  fsyncSync(fd)
  closeSync(fd)
  renameSync(unfinished, join(directory, name))
}
