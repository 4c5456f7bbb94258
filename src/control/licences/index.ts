/** What a partner is, by what evidence, and what it may therefore do: the matrix, statuses, evidence and stops. */
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import type { Applier } from '#control/approvals/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import type { EvidenceFact, Holding, Stop } from './facts.ts'
import { extensionApplier } from './extension.ts'
import { freezeApplier as thawApplier } from './freezes.ts'
import { grantApplier } from './holdings.ts'
import { matrixApplier } from './matrix-versions.ts'
import { type Matrix, statusOf } from './matrix.ts'
import * as freezes from './freeze-store.ts'
import * as store from './store.ts'
import { recertificationAppliers, recertifyBy } from './recertification/index.ts'
import { fallApplier, REGISTER_CHANGE } from './registers/fall.ts'
import { reinstatementApplier } from './suspensions.ts'
import { verificationApplier } from './verification.ts'

export { effective, explain, type Explanation, type LicenceGate } from './effective.ts'
export { endOf, Evidence, EvidenceId, shownState } from './evidence.ts'
export { type ContractFact, type Facts, type Situation, turningPoints } from './facts.ts'
export { type Ends, type Outcome, pass } from './gates.ts'
export { LicenceTask, tasksOf, tellNotices } from './notices.ts'
export { declineOf, type Downgrade, stepAt } from './decline.ts'
export { proposeExtension } from './extension.ts'
export { freezePartner, proposeThaw } from './freezes.ts'
export { Freeze, listFreezes } from './freeze-store.ts'
export { applyForLicence, proposeGrant } from './holdings.ts'
export { LicenceApplication, Suspension } from './licence.ts'
export { proposeMatrix, seedMatrix } from './matrix-versions.ts'
export {
  evidenceFor,
  evidenceTypeOf,
  type Matrix,
  type Permission,
  permissionOf,
  statusOf,
  withOwnProducts,
} from './matrix.ts'
export {
  applications as listLicenceApplications,
  currentMatrix,
  type EvidenceFilter,
  findEvidence,
  listEvidence,
  listMatrixVersions,
  openApplications as openLicenceApplications,
  suspensions as listSuspensions,
  suspensionsOf,
} from './store.ts'
export {
  askRecertification,
  listRecertifications,
  ownRecertification,
  proposeConfirmation,
  Recertification,
  recertify,
  revokeRecertified,
} from './recertification/index.ts'
export { DueRecheck, dueRechecks, RECHECK_NOTICE_DAYS, recheckEvidence } from './rechecks.ts'
export { importRegister } from './registers/importing.ts'
export { proposeReinstatement, type Stopped, suspendLicence } from './suspensions.ts'
export {
  type EvidenceInput,
  proposeVerification,
  submitEvidence,
  type Verification,
} from './verification.ts'

/** How changes of this room take effect once a second person agrees. */
export const appliers: Readonly<Record<string, Applier>> = {
  'licences.matrix': matrixApplier,
  'licences.verification': verificationApplier,
  'licences.grant': grantApplier,
  'licences.reinstatement': reinstatementApplier,
  'licences.extension': extensionApplier,
  'licences.thaw': thawApplier,
  [REGISTER_CHANGE]: fallApplier,
  ...recertificationAppliers,
}

/** What this room knows of a partner, as `effective` wants it. */
export interface LicenceFacts {
  readonly held: readonly Holding[]
  readonly stopped: readonly Stop[]
  /** Since when no new customer may come to it. */
  readonly frozenSince: Temporal.Instant | null
  /** By when it has to be certified again, while that is asked. */
  readonly recertifyBy: Temporal.Instant | null
  readonly evidence: readonly EvidenceFact[]
  /** The partner whose mandate it acts under, as an accepted mandate names it. */
  readonly principalId: string | null
}

const nothing: LicenceFacts = {
  held: [],
  stopped: [],
  frozenSince: null,
  recertifyBy: null,
  evidence: [],
  principalId: null,
}

/** The facts of one partner, or of all where none is named, by partner. */
export const licenceFacts = async (
  db: Db,
  partnerId?: PartnerId,
): Promise<(partnerId: string) => LicenceFacts> => {
  const held = Map.groupBy(await store.holdings(db, partnerId), (h) => h.partnerId)
  const stopped = Map.groupBy(await store.suspensions(db, partnerId), (s) => s.partnerId)
  const frozen = new Map((await freezes.inForce(db, partnerId)).map((f) => [f.partnerId, f.at]))
  const asked = await recertifyBy(db, partnerId)
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
      frozenSince: frozen.get(parsed.data) ?? null,
      recertifyBy: asked.get(id) ?? null,
      evidence: documents,
      principalId: mandate?.identifiers['principal'] ?? null,
    }
  }
}

/**
 * The permissions that the law opens without contract and price, by partner: each with the time in which the partner
 * was held as the status that has it. `known`: versions of the policy that were read before.
 */
export const regulatedAccess = async (
  db: Db,
  partnerIds: readonly string[],
  known = new Map<string, Matrix>(),
): Promise<(partnerId: string, permission: string, at: Temporal.Instant) => boolean> => {
  const held = Map.groupBy(await store.holdingsOf(db, partnerIds), (h) => h.partnerId)
  if (held.size === 0) return () => false
  const matrix = await store.knownMatrix(db, known)
  return (partnerId, permission, at) =>
    (held.get(partnerId) ?? []).some(
      (h) =>
        !isBefore(at, h.since) &&
        (h.until === null || isBefore(at, h.until)) &&
        statusOf(matrix, h.status)?.regulatedAccess.includes(permission),
    )
}
