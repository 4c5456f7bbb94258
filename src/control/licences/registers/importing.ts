/** Takes a register's file, keeps it, tells what changed, and holds every partner's licence against it. */
import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import type { Work } from '#journal/index.ts'
import { findPartner, PartnerId } from '#control/partners/index.ts'
import { statusOf } from '../matrix.ts'
import * as licences from '../store.ts'
import { suspendLicence } from '../suspensions.ts'
import {
  judged,
  readRegister,
  type RegisterEntry,
  type RegisterFormat,
  RegisterImportId,
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
  await store.lockRegister(work, file.register)
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
  return { imported, matches: await holdAgainst(work, imported, entries, bankCountry) }
}

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

const holdAgainst = async (
  work: Work,
  { id, register, sha256 }: store.RegisterImport,
  entries: readonly RegisterEntry[],
  bank: string,
): Promise<store.RegisterMatch[]> => {
  const matrix = await licences.currentMatrix(work)
  const byNumber = new Map(entries.map((e) => [e.number, e]))
  const held = Map.groupBy(await licences.holdings(work), (h) => h.partnerId)
  const matches: store.RegisterMatch[] = []
  for (const { partnerId, identifiers } of await licences.registeredEvidence(work, REGISTERED)) {
    const { number = '', register: of } = identifiers
    const partner = await findPartner(work, PartnerId.parse(partnerId))
    if (!partner || number === '' || of !== register) continue
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
