/** How a partner is doing. Pure: what was measured in, parts with their points out; every bound is on this page. */
import { z } from 'zod'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'

export const PartName = z.enum([
  'first-call',
  'errors',
  'failures',
  'trend',
  'levels',
  'tasks',
  'terms',
  'webhooks',
  'version',
  'certification',
])
export type PartName = z.output<typeof PartName>

/** What each part can give. A part that nothing was measured for counts neither for nor against. */
export const weights: Readonly<Record<PartName, number>> = {
  'first-call': 10,
  errors: 15,
  failures: 10,
  trend: 10,
  levels: 15,
  tasks: 10,
  terms: 10,
  webhooks: 10,
  version: 5,
  certification: 5,
}

export const Part = z.object({
  part: PartName,
  weight: z.int(),
  /** null: nothing was measured. */
  points: z.int().nullable(),
  verdict: z.enum(['good', 'warn', 'bad', 'unknown']),
  /** What the points came of, by name. */
  measured: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
  /** Whose move it is, where it is not good. */
  move: z.enum(['partner', 'bank']).nullable(),
})
export type Part = z.output<typeof Part>

export const Stage = z.enum(['registered', 'sandbox', 'applied', 'live', 'leaving', 'suspended'])
export type Stage = z.output<typeof Stage>

export const Health = z.object({
  partnerId: PartnerId,
  stage: Stage,
  /** Of a hundred, over the parts that were measured; null where too few were. */
  score: z.int().nullable(),
  verdict: z.enum(['good', 'warn', 'bad', 'unknown']),
  parts: z.array(Part),
})
export type Health = z.output<typeof Health>

/** What the rooms know of a partner. */
export interface Measured {
  readonly registeredAt: Temporal.Instant
  readonly firstCallAt: Temporal.Instant | null
  /** Of the last seven days, in production where it calls there. */
  readonly cell: 'sandbox' | 'production'
  readonly calls: number
  readonly refused: number
  readonly failed: number
  /** A day, in the four weeks before. */
  readonly usualCalls: number
  /** Promises of this month and the last, and how many of them were missed. */
  readonly promises: number
  readonly missed: number
  readonly openTasks: number
  readonly lateTasks: number
  /** The nearest end of a licence's evidence, of the contract or of a certificate. */
  readonly endsAt: Temporal.Instant | null
  readonly ending: 'evidence' | 'contract' | 'certificate' | null
  readonly hasContract: boolean
  readonly endpoints: number
  readonly failingEndpoints: number
  readonly disabledEndpoints: number
  /** Applications in use, and how many versions the oldest of their pins is behind. */
  readonly applications: number
  readonly versionsBehind: number
  /** Of what waits to go live; none where nothing does. */
  readonly checks: number
  readonly shownChecks: number
  readonly failedChecks: number
}

/** Below this many calls a share says nothing. */
const CALLS_MIN = 20
const DAY_HOURS = 24

type Found = Pick<Part, 'measured' | 'move'> & { readonly share: number | null }

const percent = (part: number, whole: number) => Math.round((part / whole) * 10_000) / 100
/** The first rung that holds: points as a share of the weight. */
const rung = (...rungs: readonly (readonly [holds: boolean, share: number])[]): number =>
  rungs.find(([holds]) => holds)?.[1] ?? 0
const daysBetween = (from: Temporal.Instant, to: Temporal.Instant) =>
  Math.floor((to.epochMilliseconds - from.epochMilliseconds) / (DAY_HOURS * 3_600_000))

const findings: Readonly<Record<PartName, (m: Measured, now: Temporal.Instant) => Found>> = {
  'first-call': (m, now) => {
    const days = daysBetween(m.registeredAt, m.firstCallAt ?? now)
    const measured = { days, called: m.firstCallAt ? 1 : 0 }
    if (!m.firstCallAt && days < 7) return { share: null, measured, move: 'partner' }
    const share = m.firstCallAt ? rung([days <= 1, 1], [days <= 7, 0.7], [days <= 30, 0.4]) : 0
    return { share, measured, move: 'partner' }
  },
  errors: ({ calls, refused, cell }) => {
    const share = percent(refused, Math.max(calls, 1))
    return {
      share: calls < CALLS_MIN ? null : rung([share <= 2, 1], [share <= 10, 0.5]),
      measured: { percent: share, refused, calls, cell },
      move: 'partner',
    }
  },
  failures: ({ calls, failed, cell }) => {
    const share = percent(failed, Math.max(calls, 1))
    return {
      share: calls < CALLS_MIN ? null : rung([share <= 0.1, 1], [share <= 1, 0.5]),
      measured: { percent: share, failed, calls, cell },
      move: 'bank',
    }
  },
  trend: ({ calls, usualCalls, cell }) => {
    const usual = Math.round(usualCalls * 7)
    const share = percent(calls, Math.max(usual, 1))
    return {
      share: usual < CALLS_MIN ? null : rung([share >= 80, 1], [share >= 50, 0.5]),
      measured: { percent: Math.round(share), calls, usual, cell },
      move: 'partner',
    }
  },
  levels: ({ promises, missed }) => ({
    share: promises === 0 ? null : rung([missed === 0, 1], [missed === 1, 0.5]),
    measured: { promises, missed },
    move: 'bank',
  }),
  tasks: ({ openTasks, lateTasks }) => ({
    share: lateTasks > 0 ? 0 : rung([openTasks === 0, 1], [openTasks <= 2, 0.5]),
    measured: { open: openTasks, late: lateTasks },
    move: 'partner',
  }),
  terms: ({ endsAt, ending, hasContract }, now) => {
    const days = endsAt && daysBetween(now, endsAt)
    const measured = { days, ending, endsAt: endsAt?.toString() ?? null }
    if (days === null) return { share: hasContract ? 1 : null, measured, move: null }
    const share = rung([days > 60, 1], [days > 30, 0.7], [days > 7, 0.3])
    return { share, measured, move: 'partner' }
  },
  webhooks: ({ endpoints, failingEndpoints: failing, disabledEndpoints: disabled }) => ({
    share: endpoints === 0 ? null : rung([disabled > 0, 0], [failing > 0, 0.5], [true, 1]),
    measured: { endpoints, failing, disabled },
    move: 'partner',
  }),
  version: ({ applications, versionsBehind }) => ({
    share: applications === 0 ? null : rung([versionsBehind === 0, 1], [versionsBehind === 1, 0.5]),
    measured: { applications, behind: versionsBehind },
    move: 'partner',
  }),
  certification: ({ checks, shownChecks: shown, failedChecks: failed }) => ({
    share: checks === 0 ? null : rung([failed > 0, 0], [shown === checks, 1], [true, 0.5]),
    measured: { checks, shown, failed },
    move: 'partner',
  }),
}

const verdictOf = (share: number | null): Part['verdict'] => {
  if (share === null) return 'unknown'
  return share >= 0.8 ? 'good' : share >= 0.5 ? 'warn' : 'bad'
}

export const partsOf = (measured: Measured, now: Temporal.Instant): Part[] =>
  PartName.options.map((part) => {
    const { share, ...found } = findings[part](measured, now)
    const weight = weights[part]
    const verdict = verdictOf(share)
    return {
      part,
      weight,
      points: share === null ? null : Math.round(share * weight),
      verdict,
      measured: found.measured,
      move: verdict === 'good' || verdict === 'unknown' ? null : found.move,
    }
  })

/** Of fewer parts than this a score would tell of these parts, and not of the partner. */
const PARTS_MIN = 3

/** Points of a hundred, over the parts that were measured. */
export const scoreOf = (parts: readonly Part[]): number | null => {
  const known = parts.filter((p) => p.points !== null)
  const most = known.reduce((sum, p) => sum + p.weight, 0)
  const got = known.reduce((sum, p) => sum + (p.points ?? 0), 0)
  return known.length < PARTS_MIN ? null : Math.round((got * 100) / most)
}

export const healthOf = (
  { partnerId, stage }: Pick<Health, 'partnerId' | 'stage'>,
  measured: Measured,
  now: Temporal.Instant,
): Health => {
  const parts = partsOf(measured, now)
  const score = scoreOf(parts)
  return { partnerId, stage, score, verdict: verdictOf(score === null ? null : score / 100), parts }
}

/** The worst first; of whom nothing is known last. */
export const worstFirst = (a: Health, b: Health): number =>
  (a.score ?? 101) - (b.score ?? 101) || (a.partnerId < b.partnerId ? -1 : 1)

/** The nearest of several ends that lies ahead or is over. */
export const nearest = (
  ends: readonly (readonly [NonNullable<Measured['ending']>, Temporal.Instant | null])[],
): Pick<Measured, 'endsAt' | 'ending'> => {
  let found: Pick<Measured, 'endsAt' | 'ending'> = { endsAt: null, ending: null }
  for (const [ending, endsAt] of ends)
    if (endsAt && (!found.endsAt || isBefore(endsAt, found.endsAt))) found = { endsAt, ending }
  return found
}
