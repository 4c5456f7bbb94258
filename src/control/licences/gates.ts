/** The gates between a status and a permission, one function each. What they look at is in `facts.ts`. */
import type { Giver } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { declineFrom, declineOf, stepAt } from './decline.ts'
import { endOf } from './evidence.ts'
import type { EvidenceFact, Facts, Situation } from './facts.ts'
import { type Entry, evidenceTypeOf, type Matrix, permissionOf, statusOf } from './matrix.ts'

export type Outcome =
  | ({ readonly passed: true; readonly detail: string } & Ends)
  | {
      readonly passed: false
      readonly code: string
      readonly detail: string
      readonly giver: Giver
    }

/** Until when it is open: for new consents, for calls that change something, for any call. null never ends. */
export interface Ends {
  readonly consentsUntil: Temporal.Instant | null
  readonly writesUntil: Temporal.Instant | null
  readonly until: Temporal.Instant | null
}

export const endless: Ends = { consentsUntil: null, writesUntil: null, until: null }

/** All three at one moment. */
export const endingAt = (until: Temporal.Instant | null): Ends => ({
  consentsUntil: until,
  writesUntil: until,
  until,
})

export const pass = (detail: string, ends: Ends = endless): Outcome => ({
  passed: true,
  detail,
  ...ends,
})
export const refuse = (code: string, giver: Giver, detail: string): Outcome => ({
  passed: false,
  code,
  detail,
  giver,
})

/** The earlier of two ends; null never ends. */
export const earlier = (a: Temporal.Instant | null, b: Temporal.Instant | null) =>
  a === null ? b : b === null || isBefore(a, b) ? a : b

/** What is open only where both are. */
export const both = (a: Ends, b: Ends): Ends => ({
  consentsUntil: earlier(a.consentsUntil, b.consentsUntil),
  writesUntil: earlier(a.writesUntil, b.writesUntil),
  until: earlier(a.until, b.until),
})

/** What the gates are asked. */
export interface Question {
  readonly facts: Facts
  readonly matrix: Matrix
  readonly permission: string
  readonly situation: Situation
  readonly now: Temporal.Instant
  /** Whether the principal of a technical service provider may do it itself. */
  readonly principal: () => Outcome
}

/** Whether the status is held, with its own evidence, and the matrix gives it the permission. */
export const licenceGate = (
  question: Question,
  status: string,
  entry: Entry,
  base: readonly string[],
): Outcome => {
  const { facts, matrix, permission, situation, now } = question
  const stop = facts.stopped.find((s) => s.name === (s.kind === 'status' ? status : permission))
  if (stop)
    return refuse('licences/suspended', 'bank', `the bank has suspended ${stop.kind} ${stop.name}`)
  const holding = facts.held.find((h) => h.status === status)
  if (situation === 'production') {
    if (!holding || isBefore(now, holding.since))
      return refuse('licences/missing', 'bank', `status ${status} is not held yet`)
    if (holding.until && !isBefore(now, holding.until))
      return refuse(
        'licences/expired',
        'partner',
        `status ${status} ended at ${holding.until.toString()}`,
      )
  }
  if (entry.value === 'denied')
    return refuse('licences/missing', 'partner', `${permission} is not offered to status ${status}`)
  if (situation === 'sandbox') return pass(`status ${status}, synthetic data only`)
  if (entry.value === 'sandbox-only')
    return refuse(
      'licences/missing',
      'partner',
      `status ${status} may use ${permission} in the sandbox only`,
    )
  const mandate = entry.limit === 'principal-permissions' ? question.principal() : pass('')
  if (!mandate.passed) return mandate
  if (situation === 'rehearsal') return pass(`status ${status}, taken as verified`, mandate)

  let ends = both(endingAt(holding?.until ?? null), mandate)
  const lapsed: string[] = []
  for (const type of base.filter((t) => t !== 'contract')) {
    const found = onFile(question, type, [])
    if (!found.there)
      return refuse(licenceCodes[found.why], found.giver, missing(matrix, type, found))
    ends = both(ends, found.ends)
    if (found.lapsed) lapsed.push(found.lapsed)
  }
  const again = recertified(question, status)
  if (!again.passed) return again
  if (again.detail !== '') lapsed.push(again.detail)
  return pass([`status ${status} with its evidence`, ...lapsed].join('; '), both(ends, again))
}

/**
 * Whether the status was confirmed in time, where that was asked. What the law opens rests on the evidence alone: a bank
 * that has not looked again takes nobody's regulated access away (Directive (EU) 2015/2366, articles 66 and 67).
 */
const recertified = ({ facts, matrix, permission, now }: Question, status: string): Outcome => {
  const due = facts.recertifyBy
  if (!due || statusOf(matrix, status)?.regulatedAccess.includes(permission)) return pass('')
  const decline = declineFrom(matrix, due)
  const step = stepAt(decline, now)
  const said = `it was to be certified again by ${due.toString()}`
  if (step === 'suspended') return refuse('licences/expired', 'bank', said)
  return pass(step ? `${said}: ${step}` : '', {
    consentsUntil: decline['no-new-consents'],
    writesUntil: decline['read-only'],
    until: decline.suspended,
  })
}

/** Whether an agreement is in force that holds the permission's product, where one is asked for. */
export const contractGate = (
  { facts, matrix, permission, situation, now }: Question,
  asked: boolean,
  byLaw: boolean,
): Outcome => {
  if (situation === 'sandbox') return pass('the sandbox’s own terms')
  if (situation === 'rehearsal') return pass('taken as signed')
  if (!asked) return pass(byLaw ? 'access by law needs none' : 'the status needs none')
  const { contract } = facts
  if (!contract) return refuse('contracts/inactive', 'bank', 'no contract was offered yet')
  if (!contract.inForce)
    return refuse(
      'contracts/inactive',
      contract.waitsFor,
      `the contract waits for the ${contract.waitsFor}`,
    )
  if (contract.until && !isBefore(now, contract.until))
    return refuse(
      'contracts/inactive',
      'bank',
      `the contract ended at ${contract.until.toString()}`,
    )
  const product = permissionOf(matrix, permission)?.domain
  return product !== undefined && contract.products.includes(product)
    ? pass('the contract is in force', endingAt(contract.until))
    : refuse('contracts/inactive', 'bank', `the contract does not hold product ${product}`)
}

/** Whether the evidence that this permission asks for besides is on file. */
export const attestationGate = (question: Question, entry: Entry): Outcome => {
  const { facts, matrix } = question
  const sameState = facts.partner.country === facts.bankCountry
  const asked = entry.evidence.filter(
    (type) => type !== 'contract' && !(entry.waive[type] === 'same-home-state' && sameState),
  )
  let ends = endless
  const lapsed: string[] = []
  for (const type of asked) {
    const found = onFile(question, type, entry.mustShow[type] ?? [])
    if (!found.there)
      return refuse(attestationCodes[found.why], found.giver, missing(matrix, type, found))
    ends = both(ends, found.ends)
    if (found.lapsed) lapsed.push(found.lapsed)
  }
  const detail = asked.length === 0 ? 'none is asked for' : `${asked.join(', ')} on file`
  return pass([detail, ...lapsed].join('; '), ends)
}

type Found =
  | {
      readonly there: true
      readonly ends: Ends
      /** What it is still good for, where its own time is over. */
      readonly lapsed?: string
    }
  | {
      readonly there: false
      readonly why: 'absent' | 'waiting' | 'silent' | 'ended'
      readonly giver: Giver
      readonly wanted: readonly string[]
    }

const licenceCodes = {
  absent: 'licences/missing',
  waiting: 'licences/missing',
  silent: 'licences/missing',
  ended: 'licences/expired',
} as const
const attestationCodes = {
  absent: 'licences/attestation-missing',
  waiting: 'licences/attestation-missing',
  silent: 'licences/attestation-missing',
  ended: 'licences/expired',
} as const

const missing = (matrix: Matrix, type: string, found: Extract<Found, { there: false }>) => {
  const title = `${evidenceTypeOf(matrix, type)?.title ?? type} (${type})`
  switch (found.why) {
    case 'absent':
      return `${title} is not on file`
    case 'waiting':
      return `${title} is handed in and not accepted yet`
    case 'silent':
      return `${title} does not show ${found.wanted.join(', ')}`
    case 'ended':
      return `${title} has ended`
  }
}

/**
 * Whether a piece of evidence counts now. Of several, the one that lasts longest. In production one that has ended still
 * counts for less and less, as the matrix says: a partner is not cut off overnight, nor served for ever.
 */
const onFile = (
  { facts, matrix, situation, now }: Question,
  type: string,
  wanted: readonly string[],
): Found => {
  const handedIn = facts.evidence.filter((e) => e.type === type && e.state !== 'rejected')
  // What is rehearsed is whether the partner has the document, not how fast the bank reads it.
  const believed = handedIn.filter((e) => situation === 'rehearsal' || e.state === 'accepted')
  const begun = believed.filter((e) => e.validFrom === null || !isBefore(now, e.validFrom))
  const showing = begun.filter((e) => wanted.every((word) => e.shows.includes(word)))
  const ended = (e: EvidenceFact) => {
    const end = endOf(e, evidenceTypeOf(matrix, type))
    return end !== null && !isBefore(now, end)
  }
  if (showing.length > 0) {
    const end = showing
      .map((e) => endOf(e, evidenceTypeOf(matrix, type)))
      .reduce((a, b) => (a && b ? (isBefore(a, b) ? b : a) : null))
    if (!end) return { there: true, ends: endless }
    const lasting = lastingUntil(matrix, type, end, situation)
    if (isBefore(now, end)) return { there: true, ends: lasting }
    if (lasting.until && isBefore(now, lasting.until))
      return { there: true, ends: lasting, lapsed: lapseOf(matrix, type, end, now) }
  }
  const waiting = handedIn.some((e) => !believed.includes(e))
  const giver = waiting ? 'bank' : 'partner'
  if (begun.some((e) => !ended(e))) return { there: false, why: 'silent', giver, wanted }
  const why = believed.some(ended) ? 'ended' : waiting ? 'waiting' : 'absent'
  return { there: false, why, giver, wanted }
}

const lastingUntil = (
  matrix: Matrix,
  type: string,
  end: Temporal.Instant,
  situation: Situation,
): Ends => {
  if (situation !== 'production') return endingAt(end)
  const decline = declineOf(matrix, type, end)
  return {
    consentsUntil: decline['no-new-consents'],
    writesUntil: decline['read-only'],
    until: decline.suspended,
  }
}

const lapseOf = (matrix: Matrix, type: string, end: Temporal.Instant, now: Temporal.Instant) => {
  const decline = declineOf(matrix, type, end)
  const step = stepAt(decline, now)
  const next =
    step === 'no-new-consents'
      ? `read only from ${decline['read-only'].toString()}`
      : `nothing from ${decline.suspended.toString()}`
  return `${type} ended at ${end.toString()}: ${step === 'read-only' ? 'read only' : 'no new consents'}, ${next}`
}
