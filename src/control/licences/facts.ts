import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import { declineFrom, declineOf } from './decline.ts'
import { endOf, type Evidence } from './evidence.ts'
import { evidenceTypeOf, type Matrix } from './matrix.ts'

/** All that a verdict depends on besides the matrix and the moment. */
export interface Facts {
  readonly partner: { readonly status: 'active' | 'suspended'; readonly country: string }
  /** Statuses as the partner says itself: enough for synthetic data, for nothing else. */
  readonly declared: readonly string[]
  /** Statuses that two people of the bank granted. */
  readonly held: readonly Holding[]
  readonly stopped: readonly Stop[]
  /** Since when the bank lets no customer come to this partner; those who came stay. */
  readonly frozenSince?: Temporal.Instant | null
  /** By when what it is held as has to be confirmed again; nothing while nobody asks. */
  readonly recertifyBy?: Temporal.Instant | null
  readonly evidence: readonly EvidenceFact[]
  readonly contract: ContractFact | null
  /** Of the bank: ISO 3166-1 alpha-2. */
  readonly bankCountry: string
  /** Of the partner whose mandate a technical service provider acts under. */
  readonly principal: Facts | null
}
export interface Holding {
  readonly status: string
  readonly since: Temporal.Instant
  readonly until: Temporal.Instant | null
}
export interface Stop {
  readonly kind: 'status' | 'permission'
  readonly name: string
}
export type EvidenceFact = Pick<
  Evidence,
  'type' | 'state' | 'validFrom' | 'validTo' | 'submittedAt' | 'shows'
> & { readonly extendedTo?: Temporal.Instant | null }
export interface ContractFact {
  readonly inForce: boolean
  readonly products: readonly string[]
  /** The first instant at which it no longer rules. */
  readonly until: Temporal.Instant | null
  /** Whose move it is while it is not in force. */
  readonly waitsFor: 'partner' | 'bank'
}

/** Where a call is made: a rehearsal is made in the sandbox and judged as if it were production. */
export type Situation = Cell | 'rehearsal'

/** Instants after `now` at which a verdict about these facts may change by itself. */
export const turningPoints = (
  facts: Facts,
  matrix: Matrix,
  now: Temporal.Instant,
): Temporal.Instant[] =>
  [
    ...facts.held.flatMap((h) => [h.since, h.until]),
    ...facts.evidence.flatMap((e) => {
      const end = endOf(e, evidenceTypeOf(matrix, e.type))
      return [e.validFrom, ...(end ? Object.values(declineOf(matrix, e.type, end)) : [])]
    }),
    facts.contract?.until ?? null,
    ...(facts.recertifyBy ? Object.values(declineFrom(matrix, facts.recertifyBy)) : []),
    ...(facts.principal ? turningPoints({ ...facts.principal, principal: null }, matrix, now) : []),
  ].filter((instant): instant is Temporal.Instant => instant !== null && isBefore(now, instant))
