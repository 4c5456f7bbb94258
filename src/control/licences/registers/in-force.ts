/** A register's file as the policy reads it, and what happens once it counts. */
import type { Work } from '#journal/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { type Matrix, statusOf } from '../matrix.ts'
import * as licences from '../store.ts'
import { suspendLicence } from '../suspensions.ts'
import type { Finding } from './holding-against.ts'
import {
  checkServices,
  readRegister,
  type RegisterEntry,
  type RegisterFormat,
  registerUnreadable,
} from './register.ts'
import * as store from './store.ts'

/** Reads the file by the words of the policy; refuses one with another number of entries than its supervisor says. */
export const entriesOf = (
  matrix: Matrix,
  {
    format,
    content,
    count,
  }: {
    readonly format: RegisterFormat
    readonly content: string
    readonly count?: number | undefined
  },
): RegisterEntry[] => {
  const entries = readRegister(format, content)
  checkServices(format, entries, (word) => statusOf(matrix, word) !== undefined)
  if (count !== undefined && count !== entries.length)
    throw registerUnreadable(`it has ${entries.length} entries, and its supervisor says ${count}`, {
      hint: 'The file is cut off or another one: fetch it again.',
      errors: [{ pointer: '/count', code: 'differs', detail: `it has ${entries.length} entries` }],
    })
  return entries
}

/** Makes it the word of the register, and stops what it no longer carries. */
export const putInForce = async (
  work: Work,
  imported: store.RegisterImport,
  entries: readonly RegisterEntry[],
  findings: readonly Finding[],
): Promise<store.RegisterMatch[]> => {
  const { id, register, sha256, takenOn, added, changed, gone } = imported
  await store.replaceEntries(work, register, id, entries)
  await work.record('licences.register-imported', id, {
    register,
    sha256,
    takenOn: takenOn.toString(),
    added,
    changed,
    gone,
  })
  const matches: store.RegisterMatch[] = []
  for (const finding of findings) {
    const match = { importId: id, ...finding }
    await store.insertMatch(work, match)
    matches.push(match)
    const { partnerId, verdict, statuses } = finding
    if (verdict === 'confirmed') continue
    await work.record('licences.register-withdrew', partnerId, { import: id, verdict, sha256 })
    for (const status of statuses) await stop(work, partnerId, status, `${register}: ${verdict}`)
  }
  return matches
}

const stop = async (work: Work, partnerId: PartnerId, status: string, reason: string) => {
  const standing = await licences.lockSuspension(work, partnerId, { kind: 'status', name: status })
  if (!standing) await suspendLicence(work, partnerId, { kind: 'status', name: status }, reason)
}
