/**
 * Who stands behind a company: natural persons who own a quarter of it or more, through however many companies, and
 * those who control it without owning that much (Regulation (EU) 2024/1624 Art. 52–53; FATF Recommendation 24).
 */
import { z } from 'zod'
import { type FieldError, problem } from '#kernel/problem.ts'
import * as fraction from './rational.ts'
import { type Rational, rational } from './rational.ts'

/** The partner's own name of a party; `business` is the company itself. */
export const TARGET = 'business'
const Ref = z.string().regex(/^[A-Za-z0-9._-]{1,40}$/)

export const Share = z.string().regex(/^[1-9]\d{0,6}\/[1-9]\d{0,6}$/, 'is a fraction such as 1/3')

/** Far above what is declared; and what may be asked for is computed in a moment. */
const PARTIES_MAX = 30
const HOLDINGS_MAX = 100

export const Structure = z.strictObject({
  parties: z
    .array(
      z.strictObject({
        ref: Ref,
        kind: z.enum(['person', 'company']),
        name: z.string().min(2).max(140),
      }),
    )
    .max(PARTIES_MAX),
  holdings: z.array(z.strictObject({ owner: Ref, of: Ref, share: Share })).max(HOLDINGS_MAX),
  controls: z
    .array(
      z.strictObject({
        by: Ref,
        of: Ref,
        means: z.enum(['VOTING_AGREEMENT', 'BOARD_APPOINTMENT', 'OTHER']),
      }),
    )
    .max(HOLDINGS_MAX)
    .default([]),
})
export type Structure = z.output<typeof Structure>

export const Basis = z.enum(['OWNERSHIP', 'CONTROL'])

export const BeneficialOwner = z.object({
  ref: z.string(),
  basis: z.array(Basis),
  /** What they own of the company through all chains, as a fraction. */
  share: z.string(),
})
export type BeneficialOwner = z.output<typeof BeneficialOwner>

export const ownershipImpossible = problem(
  'kyc/ownership-impossible',
  422,
  'A company cannot be owned like this',
)

/** Art. 52(1): 25 % or more. */
const THRESHOLD = rational(1n, 4n)
const HALF = rational(1n, 2n)

export interface Found {
  readonly owners: readonly BeneficialOwner[]
  /** What nobody was named for. */
  readonly unexplained: Rational
}

/** Whether so much is unexplained that somebody who would have to be named can hide in it. */
export const hidesSomebody = ({ owners, unexplained }: Found): boolean =>
  owners.length === 0 || fraction.compare(unexplained, THRESHOLD) >= 0

/** Throws `kyc/ownership-impossible` with a pointer for everything that cannot be. */
export const beneficialOwners = (structure: Structure): Found => {
  const graph = graphOf(structure)
  const shareOf = sharesOver(graph)
  const shares = graph.persons.map((ref) => ({ ref, share: shareOf(ref) }))
  const owners = shares.flatMap(({ ref, share }): BeneficialOwner[] => {
    const basis = [
      ...(fraction.compare(share, THRESHOLD) >= 0 ? (['OWNERSHIP'] as const) : []),
      ...(controls(graph, ref) ? (['CONTROL'] as const) : []),
    ]
    return basis.length > 0 ? [{ ref, basis, share: fraction.textOf(share) }] : []
  })
  const explained = fraction.total(shares.map(({ share }) => share))
  return { owners, unexplained: fraction.minus(fraction.one, explained) }
}

interface Graph {
  readonly persons: readonly string[]
  readonly holdings: readonly { owner: string; of: string; share: Rational }[]
  readonly controls: Structure['controls']
}

const graphOf = ({ parties, holdings, controls: control }: Structure): Graph => {
  const kinds = new Map(parties.map(({ ref, kind }) => [ref, kind]))
  kinds.set(TARGET, 'company')
  const wrong: FieldError[] = []
  const fault = (pointer: string, code: string, detail: string) =>
    wrong.push({ pointer, code, detail })

  for (const [at, { ref }] of parties.entries())
    if (ref === TARGET || parties.findIndex((p) => p.ref === ref) !== at)
      fault(`/parties/${at}/ref`, 'twice', 'names another party too')
  const edges = [
    ...holdings.map(({ owner, of }, at) => ({ from: owner, of, at: `/holdings/${at}` })),
    ...control.map(({ by, of }, at) => ({ from: by, of, at: `/controls/${at}` })),
  ]
  for (const { from, of, at } of edges) {
    if (!kinds.has(from)) fault(at, 'unknown', 'comes from nobody who is named')
    if (kinds.get(of) !== 'company') fault(`${at}/of`, 'unknown', 'is no company that is named')
  }
  const shares = holdings.map(({ owner, of, share }) => ({ owner, of, share: shareIn(share) }))
  for (const company of new Set(shares.map(({ of }) => of)))
    if (fraction.compare(heldOf(shares, company), fraction.one) > 0)
      fault('/holdings', 'too-much', `more than all of ${company} is held`)
  if (wrong.length > 0)
    throw ownershipImpossible(`${wrong.length} place(s) are wrong`, { errors: wrong })
  return {
    persons: parties.filter(({ kind }) => kind === 'person').map(({ ref }) => ref),
    holdings: shares,
    controls: control,
  }
}

const shareIn = (text: string): Rational => {
  const [over = '', under = ''] = text.split('/')
  return rational(BigInt(over), BigInt(under))
}

const heldOf = (holdings: Graph['holdings'], company: string): Rational =>
  fraction.total(holdings.filter(({ of }) => of === company).map(({ share }) => share))

/**
 * What a person owns of the company, all chains together. How much of it lies in each company above it is seen by
 * looking through; a circle of companies holds its own shares for those outside of it, so these weights are the solution
 * of w = target + Aᵀw, not a walk that would not end.
 */
const sharesOver = ({ holdings }: Graph): ((person: string) => Rational) => {
  const above = new Set([TARGET])
  for (const company of above)
    for (const { owner, of } of holdings)
      if (of === company && holdings.some((h) => h.of === owner)) above.add(owner)
  const companies = [...above]
  const rows = companies.map((holder) =>
    companies.map((company) => {
      const held = fraction.total(
        holdings.filter((h) => h.owner === holder && h.of === company).map(({ share }) => share),
      )
      return fraction.minus(holder === company ? fraction.one : fraction.zero, held)
    }),
  )
  const weights = fraction.solved(
    rows,
    companies.map((company) => (company === TARGET ? 1n : 0n)),
  )
  if (!weights)
    throw ownershipImpossible('a group of companies owns all of itself, so nobody owns it', {
      errors: [{ pointer: '/holdings', code: 'closed', detail: 'no person is behind a circle' }],
    })
  const weightOf = new Map(companies.map((company, at) => [company, weights.over[at] ?? 0n]))
  return (person) => {
    const { over, under } = fraction.total(
      holdings
        .filter(({ owner }) => owner === person)
        .map(({ of, share }) => fraction.times(rational(weightOf.get(of) ?? 0n), share)),
    )
    return rational(over, under * weights.under)
  }
}

/**
 * Whether a person decides: together with the companies that they decide over they hold more than half of the votes, or
 * may by agreement. Companies are added until none is; a circle adds each once.
 */
const controls = (graph: Graph, person: string): boolean => {
  const theirs = new Set([person])
  const companies = new Set([...graph.holdings, ...graph.controls].map(({ of }) => of))
  for (let before = 0; before < theirs.size;) {
    before = theirs.size
    for (const company of companies) if (decides(graph, theirs, company)) theirs.add(company)
  }
  return theirs.has(TARGET)
}

const decides = (graph: Graph, theirs: ReadonlySet<string>, company: string): boolean => {
  if (graph.controls.some(({ by, of }) => of === company && by !== of && theirs.has(by)))
    return true
  // A company does not vote with its own shares.
  const voting = graph.holdings.filter(({ owner, of }) => of === company && owner !== company)
  const held = fraction.total(
    voting.filter(({ owner }) => theirs.has(owner)).map(({ share }) => share),
  )
  return fraction.compare(held, HALF) > 0
}
