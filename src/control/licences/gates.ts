/** The gates between a status and a permission, one function each. What they look at is in `facts.ts`. */
import type { Giver } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { endOf } from './evidence.ts'
import type { Facts, Situation } from './facts.ts'
import { type Entry, type Matrix, permissionOf } from './matrix.ts'

export type Outcome =
  | { readonly passed: true; readonly detail: string; readonly until: Temporal.Instant | null }
  | {
      readonly passed: false
      readonly code: string
      readonly detail: string
      readonly giver: Giver
    }

export const pass = (detail: string, until: Temporal.Instant | null = null): Outcome => ({
  passed: true,
  detail,
  until,
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
  if (situation === 'rehearsal') return pass(`status ${status}, taken as verified`, mandate.until)

  let until = earlier(holding?.until ?? null, mandate.until)
  for (const type of base.filter((t) => t !== 'contract')) {
    const found = onFile(question, type, [])
    if (!found.there)
      return refuse(licenceCodes[found.why], found.giver, missing(matrix, type, found))
    until = earlier(until, found.until)
  }
  return pass(`status ${status} with its evidence`, until)
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
    ? pass('the contract is in force', contract.until)
    : refuse('contracts/inactive', 'bank', `the contract does not hold product ${product}`)
}

/** Whether the evidence that this permission asks for besides is on file. */
export const attestationGate = (question: Question, entry: Entry): Outcome => {
  const { facts, matrix } = question
  const sameState = facts.partner.country === facts.bankCountry
  const asked = entry.evidence.filter(
    (type) => type !== 'contract' && !(entry.waive[type] === 'same-home-state' && sameState),
  )
  let until: Temporal.Instant | null = null
  for (const type of asked) {
    const found = onFile(question, type, entry.mustShow[type] ?? [])
    if (!found.there)
      return refuse(attestationCodes[found.why], found.giver, missing(matrix, type, found))
    until = earlier(until, found.until)
  }
  return pass(asked.length === 0 ? 'none is asked for' : `${asked.join(', ')} on file`, until)
}

type Found =
  | { readonly there: true; readonly until: Temporal.Instant | null }
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
  const title = `${matrix.evidence[type]?.title ?? type} (${type})`
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

/** Whether a piece of evidence counts now. Of several, the one that lasts longest. */
const onFile = (
  { facts, matrix, situation, now }: Question,
  type: string,
  wanted: readonly string[],
): Found => {
  const handedIn = facts.evidence.filter((e) => e.type === type && e.state !== 'rejected')
  // What is rehearsed is whether the partner has the document, not how fast the bank reads it.
  const believed = handedIn.filter((e) => situation === 'rehearsal' || e.state === 'accepted')
  const alive = believed.filter((e) => {
    const end = endOf(e, matrix.evidence[type])
    const begun = e.validFrom === null || !isBefore(now, e.validFrom)
    return begun && (end === null || isBefore(now, end))
  })
  const good = alive.filter((e) => wanted.every((word) => e.shows.includes(word)))
  if (good.length > 0) {
    const ends = good.map((e) => endOf(e, matrix.evidence[type]))
    return { there: true, until: ends.reduce((a, b) => (a && b ? (isBefore(a, b) ? b : a) : null)) }
  }
  const waiting = handedIn.some((e) => !believed.includes(e))
  const giver = waiting ? 'bank' : 'partner'
  if (alive.length > 0) return { there: false, why: 'silent', giver, wanted }
  const ended = believed.some((e) => {
    const end = endOf(e, matrix.evidence[type])
    return end !== null && !isBefore(now, end)
  })
  return { there: false, why: ended ? 'ended' : waiting ? 'waiting' : 'absent', giver, wanted }
}
