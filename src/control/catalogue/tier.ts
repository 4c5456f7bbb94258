import { z } from 'zod'
import { type LimitPolicy, Limits, mistakesIn } from '#gateway/snapshot.ts'
import { problem } from '#kernel/problem.ts'
import type { Operation } from './document.ts'

/** What the gateway enforces for a partner of a tier. */
export { Limits } from '#gateway/snapshot.ts'

export const Tier = z.object({
  name: z.string().regex(/^[A-Z][a-z]+$/, 'is a word with a capital, such as Silver'),
  /** Whether a contract may name it. */
  sold: z.boolean(),
  limits: Limits,
})
export type Tier = z.output<typeof Tier>

export const tierNotFound = problem('catalogue/tier-not-found', 404, 'No such tier')
export const tierNotSold = problem('catalogue/tier-not-sold', 422, 'No contract may name this tier')

export const limitsRefused = problem(
  'catalogue/limits-refused',
  422,
  'These limits cannot be enforced as they are meant',
)

/** Refuses limits that name what is not on offer, or that no call could ever fit. */
export const checkLimits = (limits: Limits, operations: readonly Operation[]): void => {
  const mistakes = mistakesIn(limits, operations)
  if (mistakes.length > 0)
    throw limitsRefused(mistakes.join('; '), {
      errors: mistakes.map((detail) => ({ pointer: '/limits/policies', code: 'limit', detail })),
    })
}

/** Refuses a quota on access that the law opens: a plan neither caps nor counts it. */
export const checkByLaw = ({ dailyQuota, policies = [] }: Limits): void => {
  const errors = policies.flatMap(({ shape }, i) =>
    shape.kind === 'window'
      ? [{ pointer: `/limits/policies/${i}`, code: 'regulated', detail: 'caps access by law' }]
      : [],
  )
  if (dailyQuota !== null)
    errors.push({ pointer: '/limits/dailyQuota', code: 'regulated', detail: 'caps access by law' })
  if (errors.length > 0)
    throw limitsRefused('what the law opens may be called as often as the customer allows', {
      errors,
    })
}

/** The tier of everybody in the sandbox. */
export const SANDBOX_TIER = 'Sandbox'
/** The tier of those who have access by law and no contract: never slower than the bank's own channel. */
export const REGULATED_TIER = 'Regulated'

const perMinute = (n: number) => n / 60

/** In which midnights end the months of quotas: the demonstration bank's. A bank elsewhere proposes other limits. */
const ZONE = 'Asia/Tashkent'

const month = (limit: number): LimitPolicy => ({
  name: 'month',
  per: [],
  counts: 'units',
  shape: { kind: 'window', period: 'month', zone: ZONE, limit },
  appliesTo: {},
  whenAway: 'refuse',
})

/** Apart for each application, customer or consent, so that one of them cannot spend what is there for all. */
const each = (
  per: 'application' | 'customer' | 'consent',
  [perSecond, burst]: readonly [number, number],
): LimitPolicy => ({
  name: per,
  per: [per],
  counts: 'calls',
  shape: { kind: 'rate', perSecond, burst },
  appliesTo: {},
  whenAway: 'share',
})

/** What one person's interest asks for: ten calls a second is more than anybody's screen does. */
const ofPersons = [each('customer', [10, 100]), each('consent', [5, 60])]

const tier = (
  name: string,
  rate: readonly [perSecond: number, burst: number],
  concurrency: number,
  dailyQuota: number | null,
  budgets: Readonly<
    Record<'ownership-verifications' | 'card-reveals', readonly [perMinute: number, burst: number]>
  >,
  policies: readonly LimitPolicy[],
): Tier => ({
  name,
  sold: name !== SANDBOX_TIER && name !== REGULATED_TIER,
  limits: {
    rate: { perSecond: rate[0], burst: rate[1] },
    concurrency,
    dailyQuota,
    budgets: Object.fromEntries(
      Object.entries(budgets).map(([budget, [each, burst]]) => [
        budget,
        { perSecond: perMinute(each), burst },
      ]),
    ),
    policies: [...policies, ...ofPersons],
  },
})

/**
 * The tiers that a bank starts with. The budgets are small on purpose: an operation that answers yes or no about a person,
 * or gives a card number, is worth something to whoever sweeps through it. Access by law has no quota: only what protects
 * one customer from a program gone wild.
 */
export const firstTiers: readonly Tier[] = [
  tier(
    SANDBOX_TIER,
    [50, 100],
    50,
    100_000,
    { 'ownership-verifications': [20, 20], 'card-reveals': [10, 10] },
    [month(1_000_000), each('application', [40, 80])],
  ),
  tier(
    'Bronze',
    [10, 20],
    20,
    20_000,
    { 'ownership-verifications': [12, 20], 'card-reveals': [6, 5] },
    [month(300_000), each('application', [8, 16])],
  ),
  tier(
    'Silver',
    [100, 200],
    100,
    1_000_000,
    { 'ownership-verifications': [30, 40], 'card-reveals': [12, 10] },
    [month(20_000_000), each('application', [80, 160])],
  ),
  tier(
    'Gold',
    [500, 1_500],
    400,
    20_000_000,
    { 'ownership-verifications': [120, 80], 'card-reveals': [60, 40] },
    [month(400_000_000), each('application', [400, 1_200])],
  ),
  tier(
    'Platinum',
    [2_000, 5_000],
    1_500,
    null,
    { 'ownership-verifications': [300, 100], 'card-reveals': [120, 80] },
    [each('application', [1_600, 4_000])],
  ),
  tier(
    REGULATED_TIER,
    [500, 1_500],
    400,
    null,
    { 'ownership-verifications': [12, 20], 'card-reveals': [6, 5] },
    [],
  ),
]
