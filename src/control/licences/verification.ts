import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import {
  endOf,
  type Evidence,
  evidenceAutomatic,
  evidenceEnded,
  EvidenceId,
  evidenceNotFound,
  evidenceUnknown,
  evidenceWaiting,
  moved,
  registerUnknown,
} from './evidence.ts'
import { evidenceTypeOf } from './matrix.ts'
import { REGISTERED } from './registers/register.ts'
import { listRegisters } from './registers/store.ts'
import * as store from './store.ts'

export type EvidenceInput = Pick<
  Evidence,
  'type' | 'issuer' | 'identifiers' | 'validFrom' | 'validTo' | 'documentSha256' | 'shows'
>

/** More than every type of the matrix twice over: who hands in more has not read what the bank answered. */
const WAITING_MAX = 100

/** A partner hands in a document. It counts for nothing before two people of the bank accept it. */
export const submitEvidence = async (
  work: Work,
  partnerId: PartnerId,
  input: EvidenceInput,
): Promise<Evidence> => {
  const matrix = await store.currentMatrix(work)
  const type = evidenceTypeOf(matrix, input.type)
  if (!type)
    throw evidenceUnknown(`${input.type}: it knows ${Object.keys(matrix.evidence).join(', ')}`)
  if (input.type === 'contract') throw evidenceAutomatic('the contracts room keeps the contract')
  const evidence: Evidence = {
    ...input,
    id: EvidenceId.next(),
    partnerId,
    state: 'submitted',
    submittedAt: work.now,
    extendedTo: null,
    verifiedBy: [],
    verifiedAt: null,
    method: null,
    remark: null,
  }
  const end = endOf(evidence, type)
  if (end && !isBefore(work.now, end)) throw evidenceEnded(`it ended at ${end.toString()}`)
  await checkRegister(work, input)
  await leaveRoom(work, partnerId)
  await store.insertEvidence(work, evidence)
  const { id, documentSha256 } = evidence
  await work.record('licences.evidence-submitted', partnerId, {
    id,
    type: input.type,
    documentSha256,
  })
  return evidence
}

/** A register that the bank does not import would confirm nothing, and take nothing back, for ever. */
const checkRegister = async (work: Work, { type, identifiers }: EvidenceInput) => {
  const named = identifiers['register']
  if (type !== REGISTERED || named === undefined) return
  const known = (await listRegisters(work)).map((r) => r.register)
  if (known.includes(named)) return
  const detail = known.length > 0 ? `known are ${known.join(', ')}` : 'none is imported yet'
  throw registerUnknown(`${named}: ${detail}`, {
    hint: 'Leave the register out: then each that knows the number counts.',
    errors: [{ pointer: '/identifiers/register', code: 'unknown', detail }],
  })
}

/** The desk of compliance is everybody's: nobody covers it with documents of their own. */
const leaveRoom = async (work: Work, partnerId: PartnerId) => {
  const waiting = await store.lockWaiting(work, partnerId)
  if (waiting >= WAITING_MAX)
    throw evidenceWaiting(`${waiting} of yours wait`, {
      hint: 'Compliance accepts or rejects them first; then there is room for more.',
    })
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
export const factsOf = ({ id, partnerId, type, issuer, identifiers, ...rest }: Evidence) => ({
  id,
  partnerId,
  type,
  issuer,
  identifiers,
  validFrom: rest.validFrom?.toString() ?? null,
  validTo: rest.validTo?.toString() ?? null,
  documentSha256: rest.documentSha256,
  shows: rest.shows,
  ...(rest.extendedTo && { extendedTo: rest.extendedTo.toString() }),
})

const Verdict = z.object({
  result: z.enum(['accepted', 'rejected']),
  method: z.string(),
  remark: z.string(),
})

export const verificationApplier: Applier = {
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
}
