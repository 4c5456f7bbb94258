/**
 * What a partner may do, and which gate is missing. Pure: facts and policy in, verdict out. The order of the gates is that
 * of every refusal: partner, licence, contract, attestation.
 */
import type { PermissionVerdict } from '#gateway/snapshot.ts'
import { isBefore } from '#kernel/time.ts'
import type { Facts, Situation } from './facts.ts'
import {
  attestationGate,
  both,
  contractGate,
  endingAt,
  endless,
  type Ends,
  licenceGate,
  type Outcome,
  pass,
  type Question,
  refuse,
} from './gates.ts'
import { EntryValue, isOwnProduct, type Matrix, permissionOf, statusOf } from './matrix.ts'

/** What the gates say about one status of a partner. */
export interface Assessment {
  readonly status: string
  readonly value: EntryValue
  readonly limit: string | null
  readonly licence: Outcome
  readonly contract: Outcome
  readonly attestation: Outcome
}

const gateNames = ['licence', 'contract', 'attestation'] as const
export type LicenceGate = 'partner' | (typeof gateNames)[number]

export interface Explanation {
  readonly verdict: PermissionVerdict
  /** Every gate in its order, also those behind the first missing one. */
  readonly gates: readonly { readonly gate: LicenceGate; readonly outcome: Outcome }[]
  /** The status that grants it, or the one that comes nearest. */
  readonly status: string | null
}

/** The verdict of the gateway's snapshot. */
export const effective = (
  facts: Facts,
  matrix: Matrix,
  permission: string,
  situation: Situation,
  now: Temporal.Instant,
): PermissionVerdict => explain(facts, matrix, permission, situation, now).verdict

/** The same verdict with all its gates. */
export const explain = (
  facts: Facts,
  matrix: Matrix,
  permission: string,
  situation: Situation,
  now: Temporal.Instant,
): Explanation => {
  const partner =
    facts.partner.status === 'active'
      ? pass('the partner is active', {
          ...endless,
          // Synthetic customers may always come: what is frozen is what happens to real ones.
          consentsUntil: situation === 'production' ? (facts.frozenSince ?? null) : null,
        })
      : refuse('partners/suspended', 'bank', 'the bank has suspended the partner')
  if (isOwnProduct(permission))
    return byContractAlone(partner, {
      facts,
      matrix,
      permission,
      situation,
      now,
      principal: () => pass(''),
    })
  const question: Question = {
    facts,
    matrix,
    permission,
    situation,
    now,
    principal: () => principalGate(facts.principal, matrix, permission, now),
  }
  const assessments = candidates(facts, matrix, situation)
    .map((status) => assess(question, status))
    .toSorted((a, b) => byWorth(a, b, now))
  const chosen = nearest(assessments)
  const outcomes = chosen ?? nothingHeld(situation)
  const gates = [
    { gate: 'partner' as const, outcome: partner },
    ...gateNames.map((gate) => ({ gate, outcome: outcomes[gate] })),
  ]
  return {
    gates,
    status: chosen?.status ?? null,
    verdict: verdictOf(
      gates.map((g) => g.outcome),
      chosen?.limit ?? null,
    ),
  }
}

/** A product of the bank's own, which no law speaks of: the contract that holds it opens it, whoever the partner is. */
const byContractAlone = (partner: Outcome, question: Question): Explanation => {
  const nothingAsked = pass('a product of the bank’s own needs none')
  const known = permissionOf(question.matrix, question.permission)
  const gates = [
    { gate: 'partner' as const, outcome: partner },
    {
      gate: 'licence' as const,
      outcome: known
        ? licenceStop(question)
        : refuse('licences/missing', 'bank', 'no product is opened by it'),
    },
    { gate: 'contract' as const, outcome: contractGate(question, true, false) },
    { gate: 'attestation' as const, outcome: nothingAsked },
  ]
  return {
    gates,
    status: null,
    verdict: verdictOf(
      gates.map((g) => g.outcome),
      null,
    ),
  }
}

const licenceStop = ({ facts, permission }: Question): Outcome =>
  facts.stopped.some((s) => s.kind === 'permission' && s.name === permission)
    ? refuse('licences/suspended', 'bank', `the bank has suspended ${permission}`)
    : pass('a product of the bank’s own needs no licence')

const verdictOf = (outcomes: readonly Outcome[], limit: string | null): PermissionVerdict => {
  let ends = endless
  for (const outcome of outcomes) {
    if (!outcome.passed) {
      const { code, detail, giver } = outcome
      return { granted: false, code, detail, gate: giver }
    }
    ends = both(ends, outcome)
  }
  const { until } = ends
  // Said only where it comes before the end of everything.
  const sooner = (end: Temporal.Instant | null) =>
    end !== null && (until === null || isBefore(end, until)) ? end.toString() : undefined
  const [consentsUntil, writesUntil] = [sooner(ends.consentsUntil), sooner(ends.writesUntil)]
  return {
    granted: true,
    until: until?.toString() ?? null,
    limit,
    ...(writesUntil !== undefined && { writesUntil }),
    ...(consentsUntil !== undefined && { consentsUntil }),
  }
}

const nothingHeld = (
  situation: Situation,
): Pick<Assessment, 'licence' | 'contract' | 'attestation'> => {
  const detail =
    situation === 'rehearsal'
      ? 'no status is declared, so there is nothing to rehearse'
      : 'no licence status is held'
  const none = refuse('licences/missing', 'partner', detail)
  return { licence: none, contract: none, attestation: none }
}

/** The statuses that may speak for a partner. One that the matrix calls exclusive silences the others. */
const candidates = (facts: Facts, matrix: Matrix, situation: Situation): readonly string[] => {
  const held = facts.held.map((h) => h.status)
  const named = situation === 'production' ? held : [...new Set([...held, ...facts.declared])]
  if (named.length === 0) return situation === 'sandbox' ? ['unregulated'] : []
  const exclusive = named.filter((status) => matrix.rules.exclusive.includes(status))
  return exclusive.length > 0 ? exclusive : named
}

/** The provider may do what its principal may do itself, and never more. */
const principalGate = (
  principal: Facts | null,
  matrix: Matrix,
  permission: string,
  now: Temporal.Instant,
): Outcome => {
  if (!principal)
    return refuse('licences/exceeded', 'partner', 'no principal stands behind the provider')
  const verdict = effective(
    { ...principal, principal: null },
    matrix,
    permission,
    'production',
    now,
  )
  return verdict.granted
    ? pass('as its principal', endsOf(verdict))
    : refuse('licences/exceeded', 'partner', `the principal itself may not: ${verdict.detail}`)
}

const endsOf = (verdict: Extract<PermissionVerdict, { granted: true }>): Ends => {
  const instantOf = (text: string | null | undefined) => (text ? Temporal.Instant.from(text) : null)
  const { until, writesUntil, consentsUntil } = verdict
  return both(endingAt(instantOf(until)), {
    consentsUntil: instantOf(consentsUntil),
    writesUntil: instantOf(writesUntil),
    until: null,
  })
}

const assess = (question: Question, status: string): Assessment => {
  const { matrix, permission, situation } = question
  const policy = statusOf(matrix, status)
  const entry = policy?.permissions[permission]
  // Unknown means denied: a status or a permission that the matrix does not name opens nothing.
  if (!policy || !entry || !permissionOf(matrix, permission)) {
    const unknown = refuse('licences/missing', 'bank', 'the licence matrix has no entry for it')
    return {
      status,
      value: 'denied',
      limit: null,
      licence: unknown,
      contract: unknown,
      attestation: unknown,
    }
  }
  const byLaw = policy.regulatedAccess.includes(permission)
  const base = byLaw ? matrix.rules.regulatedAccess.evidence : policy.baseEvidence
  return {
    status,
    value: entry.value,
    limit: entry.limit ?? null,
    licence: licenceGate(question, status, entry, base),
    contract: contractGate(question, [...base, ...entry.evidence].includes('contract'), byLaw),
    attestation:
      situation === 'sandbox'
        ? pass('synthetic data needs none')
        : attestationGate(question, entry),
  }
}

/**
 * Granted before refused is decided by the gates. What is whole now comes before what declines, so that one status is
 * enough for all that it grants; among equals the higher value, the wider limit, the longer life.
 */
const byWorth = (a: Assessment, b: Assessment, now: Temporal.Instant): number => {
  const decline = declined(a, now) - declined(b, now)
  if (decline !== 0) return decline
  const value = EntryValue.options.indexOf(a.value) - EntryValue.options.indexOf(b.value)
  if (value !== 0) return value
  const limit = Number(a.limit !== null) - Number(b.limit !== null)
  if (limit !== 0) return limit
  const [ends, other] = [endsOfAll(a), endsOfAll(b)]
  // What is whole for longer before what only lasts longer in part.
  for (const end of ['consentsUntil', 'writesUntil', 'until'] as const) {
    const later = byEnd(ends[end], other[end])
    if (later !== 0) return later
  }
  return 0
}

/** 0 whole, 1 without new consents, 2 read only. */
const declined = (assessment: Assessment, now: Temporal.Instant): number => {
  const { consentsUntil, writesUntil } = endsOfAll(assessment)
  const isOver = (end: Temporal.Instant | null) => end !== null && !isBefore(now, end)
  return isOver(writesUntil) ? 2 : isOver(consentsUntil) ? 1 : 0
}

const byEnd = (a: Temporal.Instant | null, b: Temporal.Instant | null): number =>
  a === null || b === null
    ? Number(a !== null) - Number(b !== null)
    : Temporal.Instant.compare(b, a)

const endsOfAll = (assessment: Assessment): Ends =>
  gateNames
    .map((gate) => assessment[gate])
    .reduce<Ends>((a, o) => (o.passed ? both(a, o) : a), endless)

/** The status that passes all gates, else the one that gets furthest: a gate is missing where none is left. */
const nearest = (assessments: readonly Assessment[]): Assessment | undefined => {
  let left = assessments
  for (const gate of gateNames) {
    const through = left.filter((assessment) => assessment[gate].passed)
    if (through.length === 0) break
    left = through
  }
  return left[0]
}
