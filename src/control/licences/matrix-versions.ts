import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import { fieldErrors } from '#platform/http.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { type Matrix, matrixRefused, ProposedMatrix } from './matrix.ts'
import * as store from './store.ts'

const firstMatrix = new URL('./matrix/2026-11-22.json', import.meta.url)

/** The default policy of a new bank. A version that is loaded stays as it is. */
export const seedMatrix = async (work: Work): Promise<void> => {
  const raw: unknown = JSON.parse(readFileSync(firstMatrix, 'utf8'))
  const matrix = readMatrix(raw)
  if (await store.hasVersion(work, matrix.version)) return
  await load(work, matrix, raw)
}

const readMatrix = (raw: unknown): Matrix => {
  const parsed = ProposedMatrix.safeParse(raw)
  if (parsed.success) return parsed.data
  const errors = fieldErrors(parsed.error)
  throw matrixRefused(`${errors.length} place(s) are wrong`, { errors })
}

const load = async (work: Work, { version }: Matrix, raw: unknown) => {
  const sha256 = baseOf(raw)
  await store.insertMatrix(work, { version, text: JSON.stringify(raw), sha256, at: work.now })
  await work.record('licences.matrix-loaded', version, { sha256 })
}

/** Proposes another policy. It must bear a version of its own: every decision names the version it used. */
export const proposeMatrix = async (
  work: Work,
  raw: unknown,
  reason: string,
): Promise<ChangeSet> => {
  const matrix = readMatrix(raw)
  if (await store.hasVersion(work, matrix.version))
    throw matrixRefused(`version ${matrix.version} is loaded; a version does not change`)
  const { version } = await store.currentMatrix(work)
  return proposeChange(work, {
    kind: 'licences.matrix',
    subject: matrix.version,
    before: version,
    after: z.json().parse(raw),
    base: baseOf(version),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

export const matrixApplier: Applier = {
  base: async (work) => baseOf((await store.lockNewestVersion(work))?.version),
  apply: async (work, change) => load(work, readMatrix(change.after), change.after),
}
