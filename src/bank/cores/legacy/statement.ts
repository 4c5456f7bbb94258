/** The files of this core's days: `VYPyymmdd.TXT`, records of 250 characters and CR LF, in the words of `../statement.ts`. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { assert } from '#kernel/assert.ts'
import { Problem } from '#kernel/problem.ts'
import type { CoreStatements, StatementCheck, StatementLine } from '../statement.ts'
import { type RecordOf, unpack } from './codec.ts'
import { vypiska } from './layouts.ts'
import { currencies } from './mapping.ts'
import { audit, Wrong } from './statement-audit.ts'

const fileName = /^VYP\d{6}\.TXT$/

export const statementsIn = (
  directory: string,
  today: () => Temporal.PlainDate,
): CoreStatements => ({
  list: async () => {
    const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
      // The core has not put anything down yet.
      if (error.code === 'ENOENT') return []
      throw error
    })
    const ours = names.filter((name) => fileName.test(name)).toSorted()
    return Promise.all(
      ours.map(async (name) => {
        const { size, mtimeMs } = await stat(join(directory, name))
        return { name, version: `${size}-${mtimeMs}` }
      }),
    )
  },
  check: async (name) => {
    const hash = createHash('sha256')
    const wrong = await fault(recordsOf(join(directory, name), today(), hash))
    const sha256 = hash.digest('hex')
    return 'because' in wrong
      ? { sound: false, sha256, ...wrong }
      : { sound: true, sha256, ...wrong }
  },
  read: async function* (name, after = 0) {
    for await (const record of recordsOf(join(directory, name), today())) {
      const line = record.NSTR > after ? lineOf(record) : undefined
      if (line) yield line
    }
  },
})

type Sound = Omit<Extract<StatementCheck, { sound: true }>, 'sound' | 'sha256'>
type Unsound = Omit<Extract<StatementCheck, { sound: false }>, 'sound' | 'sha256'>

/** Reads to the end even behind a fault, so that the file has its name by content. */
const fault = async (records: AsyncGenerator<Vypiska>): Promise<Sound | Unsound> => {
  const auditing = audit()
  let wrong: Wrong | undefined
  const attempt = (step: () => void) => {
    try {
      step()
    } catch (error) {
      if (!(error instanceof Wrong)) throw error
      wrong ??= error
    }
  }
  try {
    for await (const record of records) attempt(() => auditing.take(record))
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    wrong ??= error
  }
  if (!wrong) attempt(() => auditing.end())
  return wrong ? { line: wrong.line, because: wrong.message } : auditing.sound()
}

export type Vypiska = {
  [K in keyof typeof vypiska]: RecordOf<(typeof vypiska)[K]>
}[keyof typeof vypiska]

const width = vypiska.H.width
const kinds: Readonly<Record<string, (typeof vypiska)[keyof typeof vypiska]>> = vypiska

/** Every record of a file, each as its own layout and control sum have it. Throws `Wrong` with the line. */
async function* recordsOf(
  path: string,
  today: Temporal.PlainDate,
  hash?: ReturnType<typeof createHash>,
): AsyncGenerator<Vypiska> {
  let wrong: Wrong | undefined
  let line = 0
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path)) {
    assert(Buffer.isBuffer(chunk), 'a file without an encoding is read as bytes')
    hash?.update(chunk)
    if (wrong) continue
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    for (; rest.length - at >= width + 2 && !wrong; at += width + 2) {
      line += 1
      const read = recordIn(rest.subarray(at, at + width + 2), line, today)
      if (read instanceof Wrong) wrong = read
      else yield read
    }
    rest = rest.subarray(at)
  }
  if (wrong) throw wrong
  if (rest.length > 0)
    throw new Wrong(line + 1, `the line is cut: ${rest.length} of ${width} bytes`)
}

const recordIn = (bytes: Buffer, line: number, today: Temporal.PlainDate): Vypiska | Wrong => {
  if (bytes[width] !== 0x0d || bytes[width + 1] !== 0x0a)
    return new Wrong(line, `the line is not ${width} bytes long`)
  const layout = kinds[String.fromCharCode(bytes[0] ?? 0)]
  if (!layout) return new Wrong(line, 'the line is of no kind that there is')
  try {
    const record = unpack(layout, bytes.subarray(0, width), today)
    if (record.KS !== controlSum(bytes.subarray(0, width - controlWidth)))
      return new Wrong(line, 'the control sum is another')
    return record
  } catch (error) {
    if (!(error instanceof Problem) || !(error.cause instanceof Error)) throw error
    return new Wrong(line, error.cause.message)
  }
}

const controlWidth = 5
const controlModulus = 99_991

/** Counts every byte by its place: a byte that changes, or two that change places, change it. */
const controlSum = (bytes: Buffer): number => {
  let total = 0
  for (let at = 0; at < bytes.length; at += 1)
    total = (total + (bytes[at] ?? 0) * (at + 1)) % controlModulus
  return total
}

const lineOf = (record: Vypiska): StatementLine | undefined => {
  switch (record.VID) {
    case 'H':
    case 'T':
      return undefined
    case 'S':
      return {
        is: 'balance',
        ...placeOf(record),
        openingMinor: record.VHOST,
        closingMinor: record.ISHOST,
      }
    case 'P':
      return {
        is: 'entry',
        ...placeOf(record),
        entry: record.NPROV,
        minor: record.SUMMA,
        ...(record.REFER !== '' && { reference: record.REFER }),
      }
    case 'B':
      return { is: 'hold', ...placeOf(record), reference: record.REFER, minor: record.SUMMA }
  }
}

const placeOf = ({ NSTR, IDSCH, VAL }: Extract<Vypiska, { IDSCH: string }>) => ({
  line: NSTR,
  account: IDSCH,
  currency: currencies[VAL],
})
