/** Takes a register's file, keeps it, tells what changed, and holds every partner's licence against it. */
import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Work } from '#journal/index.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import { type Matrix, statusOf } from '../matrix.ts'
import * as licences from '../store.ts'
import { suspendLicence } from '../suspensions.ts'
import {
  checkServices,
  judged,
  readRegister,
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
}

/** Which evidence a register can confirm. */
const REGISTERED = 'nca_register'

/**
 * Imports a file. A licence that the register no longer carries is stopped at once, by nobody's decision but the
 * supervisor's; two people let it go on. A file that cannot be read changes nothing.
 */
export const importRegister = async (
  work: Work,
  file: RegisterFile,
  bankCountry: string,
): Promise<{ imported: store.RegisterImport; matches: store.RegisterMatch[] }> => {
  const entries = readRegister(file.format, file.content)
  const matrix = await licences.currentMatrix(work)
  checkServices(file.format, entries, (word) => statusOf(matrix, word) !== undefined)
  await store.lockRegister(work, file.register)
  await checkDay(work, file)
  const before = new Map((await store.entriesOf(work, file.register)).map((e) => [e.number, e]))
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
  }
  await store.insertImport(work, imported, content)
  await store.replaceEntries(work, file.register, imported.id, entries)
  const { id, register, sha256, added, changed, gone } = imported
  await work.record('licences.register-imported', id, {
    register,
    sha256,
    takenOn: file.takenOn.toString(),
    added,
    changed,
    gone,
  })
  const held = { imported, entries, before, matrix, bank: bankCountry }
  return { imported, matches: await holdAgainst(work, held) }
}

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
  before: ReadonlyMap<string, RegisterEntry>,
  entries: readonly RegisterEntry[],
): Pick<store.RegisterImport, 'added' | 'changed' | 'gone'> => {
  const numbers = new Set(entries.map((e) => e.number))
  const known = entries.filter((e) => before.has(e.number))
  return {
    added: entries.length - known.length,
    changed: known.filter((e) => canonical(e) !== canonical(before.get(e.number))).length,
    gone: [...before.keys()].filter((number) => !numbers.has(number)).length,
  }
}

interface Held {
  readonly imported: store.RegisterImport
  readonly entries: readonly RegisterEntry[]
  readonly before: ReadonlyMap<string, RegisterEntry>
  readonly matrix: Matrix
  readonly bank: string
}

const holdAgainst = async (
  work: Work,
  { imported: { id, register, sha256 }, entries, before, matrix, bank }: Held,
): Promise<store.RegisterMatch[]> => {
  const byNumber = new Map(entries.map((e) => [e.number, e]))
  // Evidence that names no register is of whichever knows its number, or knew it until this file.
  const isOf = (named: string | undefined, number: string) =>
    named === undefined ? byNumber.has(number) || before.has(number) : named === register
  const held = Map.groupBy(await licences.holdings(work), (h) => h.partnerId)
  const matches: store.RegisterMatch[] = []
  for (const { partnerId, identifiers } of await licences.registeredEvidence(work, REGISTERED)) {
    const { number = '', register: of } = identifiers
    const partner = await findPartner(work, PartnerId.parse(partnerId))
    if (!partner || number === '' || !isOf(of, number)) continue
    // Several papers may show one number.
    if (matches.some((m) => m.partnerId === partner.id && m.number === number)) continue
    const statuses = (held.get(partnerId) ?? [])
      .map((h) => h.status)
      .filter((status) => statusOf(matrix, status)?.baseEvidence.includes(REGISTERED))
    const { verdict, lost } = judged(byNumber.get(number), statuses, {
      home: partner.country,
      bank,
    })
    const match = { importId: id, partnerId: partner.id, number, verdict, statuses: [...lost] }
    await store.insertMatch(work, match)
    matches.push(match)
    if (verdict === 'confirmed') continue
    await work.record('licences.register-withdrew', partner.id, { import: id, verdict, sha256 })
    for (const status of lost) await stop(work, partner.id, status, `${register}: ${verdict}`)
  }
  return matches
}

const stop = async (work: Work, partnerId: PartnerId, status: string, reason: string) => {
  const standing = await licences.lockSuspension(work, partnerId, { kind: 'status', name: status })
  if (!standing) await suspendLicence(work, partnerId, { kind: 'status', name: status }, reason)
}
