/** Takes a register's file, keeps it, tells what changed, and holds every partner's licence against it. */
import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Work } from '#journal/index.ts'
import type { ChangeSet } from '#control/approvals/index.ts'
import * as licences from '../store.ts'
import { proposeFall } from './fall.ts'
import { type Finding, heldAgainst } from './holding-against.ts'
import { entriesOf, putInForce } from './in-force.ts'
import {
  fallen,
  isFall,
  type RegisterEntry,
  type RegisterFormat,
  RegisterImportId,
  registerOutdated,
  registerUnreadable,
} from './register.ts'
import * as store from './store.ts'

export interface RegisterFile {
  /** as pieces of evidence name it among their identifiers, under `register`. */
  readonly register: string
  readonly format: RegisterFormat
  readonly content: string
  readonly takenOn: Temporal.PlainDate
  /** How many entries the supervisor says that it has, where it says so. */
  readonly count?: number | undefined
}

export interface Taken {
  readonly imported: store.RegisterImport
  /** What it says of partners; while it waits, what it would say. */
  readonly matches: readonly store.RegisterMatch[]
  /** Waits for a second person, where the file takes much away. */
  readonly change: ChangeSet | null
}

/**
 * Imports a file. A licence that the register no longer carries is stopped at once, by nobody's decision but the
 * supervisor's; two people let it go on. A file that cannot be read changes nothing, and one that takes much away at
 * once, as one that was cut off does, is kept and changes nothing before a second person has looked at it.
 */
export const importRegister = async (
  work: Work,
  file: RegisterFile,
  bank: string,
  progress: (stepsDone: number) => Promise<unknown> = async () => undefined,
): Promise<Taken> => {
  const matrix = await licences.currentMatrix(work)
  const entries = entriesOf(matrix, file)
  await progress(1)
  await store.lockRegister(work, file.register)
  await checkDay(work, file)
  const before = await store.entriesOf(work, file.register)
  const about = { register: file.register, entries, before, matrix, bank }
  await progress(2)
  const findings = await heldAgainst(work, about)
  await progress(3)
  const fall = fallOf(before, entries, findings)
  const content = Buffer.from(file.content)
  const imported: store.RegisterImport = {
    id: RegisterImportId.next(),
    register: file.register,
    format: file.format,
    sha256: createHash('sha256').update(content).digest('hex'),
    takenOn: file.takenOn,
    importedBy: work.actor,
    importedAt: work.now,
    entries: entries.length,
    ...difference(before, entries),
    state: fall ? 'waiting' : 'in-force',
  }
  await store.insertImport(work, imported, content)
  if (fall)
    return {
      imported,
      matches: findings.map((finding) => ({ importId: imported.id, ...finding })),
      change: await proposeFall(work, { imported, fall, findings, bank }),
    }
  return { imported, matches: await putInForce(work, imported, entries, findings), change: null }
}

/** The file is read, what was known is read, partners are held against it; what is left is to keep it. */
export const IMPORT_STEPS = 4

/** Where a day begins first on earth: what is later than that is nobody's today. */
const FIRST_ZONE = 'Pacific/Kiritimati'

/** A file of a day to come is of no day, and one older than what is known would take back what the register said since. */
const checkDay = async (work: Work, { register, takenOn }: RegisterFile) => {
  const today = work.now.toZonedDateTimeISO(FIRST_ZONE).toPlainDate()
  if (isAfter(takenOn, today)) throw registerUnreadable(`${takenOn.toString()} is still to come`)
  const known = await store.newestDay(work, register, today)
  if (known && isAfter(known, takenOn))
    throw registerOutdated(`the one of ${known.toString()} was imported`)
}

const isAfter = (a: Temporal.PlainDate, b: Temporal.PlainDate) =>
  Temporal.PlainDate.compare(a, b) > 0

const difference = (
  before: readonly RegisterEntry[],
  entries: readonly RegisterEntry[],
): Pick<store.RegisterImport, 'added' | 'changed' | 'gone'> => {
  const was = new Map(before.map((e) => [e.number, e]))
  const numbers = new Set(entries.map((e) => e.number))
  const known = entries.filter((e) => was.has(e.number))
  return {
    added: entries.length - known.length,
    changed: known.filter((e) => canonical(e) !== canonical(was.get(e.number))).length,
    gone: [...was.keys()].filter((number) => !numbers.has(number)).length,
  }
}

/** What a file takes away of what stood: of the register's entries, or, where it is the first, of what partners show. */
const fallOf = (
  before: readonly RegisterEntry[],
  entries: readonly RegisterEntry[],
  findings: readonly Finding[],
): { lost: number; of: number } | undefined => {
  const fall =
    before.length > 0
      ? { lost: fallen(before, entries).length, of: before.filter((e) => e.authorised).length }
      : {
          lost: findings.filter((f) => f.verdict !== 'confirmed').length,
          of: findings.length,
        }
  return isFall(fall.lost, fall.of) ? fall : undefined
}
