/** What a partner is, by what evidence, and what it may therefore do: the matrix, statuses, evidence and stops. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import { type Db, isUniqueViolation } from '#platform/db.ts'
import { fieldErrors } from '#platform/http.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, PartnerId, partnerNotFound } from '#control/partners/index.ts'
import {
  endOf,
  Evidence,
  evidenceAutomatic,
  evidenceEnded,
  EvidenceId,
  evidenceNotFound,
  evidenceUnknown,
  moved,
} from './evidence.ts'
import type { EvidenceFact, Holding, Stop } from './facts.ts'
import {
  checkStatuses,
  LicenceApplication,
  LicenceApplicationId,
  licenceSuspendedAlready,
  permissionUnknown,
  Suspension,
  SuspensionId,
  suspensionNotFound,
} from './licence.ts'
import { Matrix, matrixRefused, permissionOf, statusOf } from './matrix.ts'
import * as store from './store.ts'

export { effective, explain, type Explanation, type LicenceGate } from './effective.ts'
export { endOf, Evidence, EvidenceId, shownState } from './evidence.ts'
export { type ContractFact, type Facts, type Situation, turningPoints } from './facts.ts'
export type { Outcome } from './gates.ts'
export { LicenceApplication, Suspension } from './licence.ts'
export { type Matrix, type Permission, permissionOf, statusOf } from './matrix.ts'
export {
  applications as listLicenceApplications,
  currentMatrix,
  type EvidenceFilter,
  findEvidence,
  listEvidence,
  suspensions as listSuspensions,
} from './store.ts'

const firstMatrix = new URL('./matrix/2026-11-22.json', import.meta.url)

/** The default policy of a new bank. A version that is loaded stays as it is. */
export const seedMatrix = async (work: Work): Promise<void> => {
  const raw: unknown = JSON.parse(readFileSync(firstMatrix, 'utf8'))
  const matrix = readMatrix(raw)
  if (await store.hasVersion(work, matrix.version)) return
  await load(work, matrix, raw)
}

const readMatrix = (raw: unknown): Matrix => {
  const parsed = Matrix.safeParse(raw)
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

/** A partner asks to be held as these statuses. A later request takes the place of an open one. */
export const applyForLicence = async (
  work: Work,
  partnerId: PartnerId,
  statuses: readonly string[],
): Promise<LicenceApplication> => {
  checkStatuses(await store.currentMatrix(work), statuses)
  const application: LicenceApplication = {
    id: LicenceApplicationId.next(),
    partnerId,
    statuses: [...new Set(statuses)],
    status: 'open',
    appliedAt: work.now,
  }
  await store.lockHoldings(work, partnerId)
  await store.closeApplications(work, partnerId, 'superseded')
  await store.insertApplication(work, application)
  await work.record('licences.applied', partnerId, { statuses: application.statuses })
  return application
}

export type EvidenceInput = Pick<
  Evidence,
  'type' | 'issuer' | 'identifiers' | 'validFrom' | 'validTo' | 'documentSha256' | 'shows'
>

/** A partner hands in a document. It counts for nothing before two people of the bank accept it. */
export const submitEvidence = async (
  work: Work,
  partnerId: PartnerId,
  input: EvidenceInput,
): Promise<Evidence> => {
  const matrix = await store.currentMatrix(work)
  const type = matrix.evidence[input.type]
  if (!type)
    throw evidenceUnknown(`${input.type}: it knows ${Object.keys(matrix.evidence).join(', ')}`)
  if (input.type === 'contract') throw evidenceAutomatic('the contracts room keeps the contract')
  const evidence: Evidence = {
    ...input,
    id: EvidenceId.next(),
    partnerId,
    state: 'submitted',
    submittedAt: work.now,
    verifiedBy: [],
    verifiedAt: null,
    method: null,
    remark: null,
  }
  const end = endOf(evidence, type)
  if (end && !isBefore(work.now, end)) throw evidenceEnded(`it ended at ${end.toString()}`)
  await store.insertEvidence(work, evidence)
  const { id, documentSha256 } = evidence
  await work.record('licences.evidence-submitted', partnerId, {
    id,
    type: input.type,
    documentSha256,
  })
  return evidence
}

export interface Verification {
  readonly result: 'accepted' | 'rejected'
  /** How it was checked, such as `document read` or `register asked`. */
  readonly method: string
  readonly remark: string
}

/** One person of compliance has checked a document; a second one agrees or not. */
export const proposeVerification = async (
  work: Work,
  id: EvidenceId,
  verification: Verification,
): Promise<ChangeSet> => {
  const evidence = await store.lockEvidence(work, id)
  if (!evidence) throw evidenceNotFound('no evidence has this id')
  const inReview = moved(evidence, { to: 'in-review' })
  await store.saveEvidence(work, inReview)
  return proposeChange(work, {
    kind: 'licences.verification',
    subject: id,
    before: factsOf(evidence),
    after: { ...verification },
    base: baseOf(factsOf(inReview)),
    reason: verification.remark || verification.method,
    roles: ['compliance', 'head-of-platform'],
  })
}

/** What approvers read, and what must not change between their two looks. */
const factsOf = ({ id, partnerId, type, issuer, identifiers, ...rest }: Evidence) => ({
  id,
  partnerId,
  type,
  issuer,
  identifiers,
  validFrom: rest.validFrom?.toString() ?? null,
  validTo: rest.validTo?.toString() ?? null,
  documentSha256: rest.documentSha256,
  shows: rest.shows,
})

const mustExist = async (work: Work, partnerId: PartnerId) => {
  if (!(await findPartner(work, partnerId)))
    throw partnerNotFound('there is no partner with this id')
}

/** Proposes to hold a partner as these statuses, besides those that it is held as. */
export const proposeGrant = async (
  work: Work,
  partnerId: PartnerId,
  statuses: readonly string[],
  reason: string,
): Promise<ChangeSet> => {
  await mustExist(work, partnerId)
  const held = (await store.lockHoldings(work, partnerId)).map((h) => h.status)
  const after = [...new Set([...held, ...statuses])].toSorted()
  checkStatuses(await store.currentMatrix(work), after)
  return proposeChange(work, {
    kind: 'licences.grant',
    subject: partnerId,
    before: held,
    after,
    base: baseOf(held),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

export type Stopped = Pick<Suspension, 'kind' | 'name'>

/** Stops a status or a permission of a partner in both cells, at once: stopping is never slower than starting. */
export const suspendLicence = async (
  work: Work,
  partnerId: PartnerId,
  { kind, name }: Stopped,
  reason: string,
): Promise<Suspension> => {
  await mustExist(work, partnerId)
  const matrix = await store.currentMatrix(work)
  const permissions = permissionsOf(matrix, { kind, name })
  const suspension: Suspension = {
    id: SuspensionId.next(),
    partnerId,
    kind,
    name,
    reason,
    by: work.actor,
    at: work.now,
    liftedAt: null,
  }
  try {
    await store.insertSuspension(work, suspension)
  } catch (error) {
    if (isUniqueViolation(error)) throw licenceSuspendedAlready(`${kind} ${name} is suspended`)
    throw error
  }
  await work.record('licences.suspended', partnerId, { kind, name, permissions })
  return suspension
}

/** The permissions that a stop is about. */
const permissionsOf = (matrix: Matrix, { kind, name }: Stopped): string[] => {
  if (kind === 'permission') {
    if (!permissionOf(matrix, name)) throw permissionUnknown(`${name} is no permission`)
    return [name]
  }
  checkStatuses(matrix, [name])
  return Object.entries(statusOf(matrix, name)?.permissions ?? {})
    .filter(([, entry]) => entry.value !== 'denied')
    .map(([permission]) => permission)
}

/** Proposes to lift a stop. */
export const proposeReinstatement = async (
  work: Work,
  partnerId: PartnerId,
  stopped: Stopped,
  reason: string,
): Promise<ChangeSet> => {
  const suspension = await store.lockSuspension(work, partnerId, stopped)
  if (!suspension) throw suspensionNotFound(`${stopped.kind} ${stopped.name} is not suspended`)
  const { kind, name } = stopped
  return proposeChange(work, {
    kind: 'licences.reinstatement',
    subject: partnerId,
    before: { kind, name, suspended: suspension.reason },
    after: { kind, name },
    base: baseOf(suspension.id),
    reason,
    roles: ['compliance', 'head-of-platform'],
  })
}

const Named = Suspension.pick({ kind: true, name: true })
const Verdict = z.object({
  result: z.enum(['accepted', 'rejected']),
  method: z.string(),
  remark: z.string(),
})

/** How changes of this room take effect once a second person agrees. */
export const appliers: Readonly<Record<string, Applier>> = {
  'licences.matrix': {
    base: async (work) => baseOf((await store.lockNewestVersion(work))?.version),
    apply: async (work, change) => load(work, readMatrix(change.after), change.after),
  },
  'licences.verification': {
    base: async (work, change) => {
      const evidence = await store.lockEvidence(work, EvidenceId.parse(change.subject))
      return baseOf(evidence && factsOf(evidence))
    },
    apply: async (work, change) => {
      const evidence = await store.lockEvidence(work, EvidenceId.parse(change.subject))
      assert(evidence, 'evidence is never deleted')
      const { result, method, remark } = Verdict.parse(change.after)
      const by = [change.proposedBy, ...change.approvals.map((a) => `staff:${a.by}`)]
      await store.saveEvidence(
        work,
        moved(evidence, { to: result, by, at: work.now, method, remark }),
      )
      await work.record(`licences.evidence-${result}`, evidence.partnerId, {
        id: evidence.id,
        type: evidence.type,
        change: change.id,
      })
    },
    dropped: async (work, change) => {
      const evidence = await store.lockEvidence(work, EvidenceId.parse(change.subject))
      if (evidence?.state === 'in-review')
        await store.saveEvidence(work, moved(evidence, { to: 'submitted' }))
    },
  },
  'licences.grant': {
    base: async (work, change) => {
      const held = await store.lockHoldings(work, PartnerId.parse(change.subject))
      return baseOf(held.map((h) => h.status))
    },
    apply: async (work, change) => {
      const partnerId = PartnerId.parse(change.subject)
      const statuses = z.array(z.string()).parse(change.after)
      checkStatuses(await store.currentMatrix(work), statuses)
      for (const status of statuses)
        await store.saveHolding(work, { partnerId, status, since: work.now, changeId: change.id })
      await store.closeApplications(work, partnerId, 'granted')
      await work.record('licences.granted', partnerId, { statuses, change: change.id })
    },
  },
  'licences.reinstatement': {
    base: async (work, change) => {
      const partnerId = PartnerId.parse(change.subject)
      const suspension = await store.lockSuspension(work, partnerId, Named.parse(change.after))
      return baseOf(suspension?.id)
    },
    apply: async (work, change) => {
      const partnerId = PartnerId.parse(change.subject)
      const stopped = Named.parse(change.after)
      const suspension = await store.lockSuspension(work, partnerId, stopped)
      assert(suspension, 'the base has just found it')
      await store.lift(work, suspension.id, work.now)
      await work.record('licences.reinstated', partnerId, { ...stopped, change: change.id })
    },
  },
}

/** What this room knows of a partner, as `effective` wants it. */
export interface LicenceFacts {
  readonly held: readonly Holding[]
  readonly stopped: readonly Stop[]
  readonly evidence: readonly EvidenceFact[]
  /** The partner whose mandate it acts under, as an accepted mandate names it. */
  readonly principalId: string | null
}

const nothing: LicenceFacts = { held: [], stopped: [], evidence: [], principalId: null }

/** The facts of one partner, or of all where none is named, by partner. */
export const licenceFacts = async (
  db: Db,
  partnerId?: PartnerId,
): Promise<(partnerId: string) => LicenceFacts> => {
  const held = Map.groupBy(await store.holdings(db, partnerId), (h) => h.partnerId)
  const stopped = Map.groupBy(await store.suspensions(db, partnerId), (s) => s.partnerId)
  const evidence = Map.groupBy(await store.evidenceOnFile(db, partnerId), (e) => e.partnerId)
  return (id) => {
    const parsed = PartnerId.safeParse(id)
    if (!parsed.success) return nothing
    const documents = evidence.get(parsed.data) ?? []
    const mandate = documents.findLast(
      (e) => e.type === 'principal_mandate' && e.state === 'accepted',
    )
    return {
      held: held.get(id) ?? [],
      stopped: stopped.get(parsed.data) ?? [],
      evidence: documents,
      principalId: mandate?.identifiers['principal'] ?? null,
    }
  }
}

/**
 * The permissions that the law opens without contract and price, by partner: each with the time in which the partner
 * was held as the status that has it.
 */
export const regulatedAccess = async (
  db: Db,
  partnerIds: readonly string[],
): Promise<(partnerId: string, permission: string, at: Temporal.Instant) => boolean> => {
  const matrix = await store.currentMatrix(db)
  const held = Map.groupBy(await store.holdingsOf(db, partnerIds), (h) => h.partnerId)
  return (partnerId, permission, at) =>
    (held.get(partnerId) ?? []).some(
      (h) =>
        !isBefore(at, h.since) &&
        (h.until === null || isBefore(at, h.until)) &&
        statusOf(matrix, h.status)?.regulatedAccess.includes(permission),
    )
}
