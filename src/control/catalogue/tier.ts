import { z } from 'zod'
import { SnapshotPartner } from '#gateway/snapshot.ts'
import { problem } from '#kernel/problem.ts'

/** What the gateway enforces for a partner of a tier. */
export const Limits = SnapshotPartner.shape.limits
export type Limits = z.output<typeof Limits>

export const Tier = z.object({
  name: z.string().regex(/^[A-Z][a-z]+$/, 'is a word with a capital, such as Silver'),
  /** Whether a contract may name it. */
  sold: z.boolean(),
  limits: Limits,
})
export type Tier = z.output<typeof Tier>

export const tierNotFound = problem('catalogue/tier-not-found', 404, 'No such tier')
export const tierNotSold = problem('catalogue/tier-not-sold', 422, 'No contract may name this tier')

/** The tier of everybody in the sandbox. */
export const SANDBOX_TIER = 'Sandbox'
/** The tier of those who have access by law and no contract: never slower than the bank's own channel. */
export const REGULATED_TIER = 'Regulated'

const perMinute = (n: number) => n / 60

const tier = (
  name: string,
  rate: readonly [perSecond: number, burst: number],
  concurrency: number,
  dailyQuota: number | null,
  budgets: Readonly<
    Record<'ownership-verifications' | 'card-reveals', readonly [perMinute: number, burst: number]>
  >,
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
  },
})

/**
 * The tiers that a bank starts with. The budgets are small on purpose: an operation that answers yes or no about a person,
 * or gives a card number, is worth something to whoever sweeps through it.
 */
export const firstTiers: readonly Tier[] = [
  tier(SANDBOX_TIER, [50, 100], 50, 100_000, {
    'ownership-verifications': [20, 20],
    'card-reveals': [10, 10],
  }),
  tier('Bronze', [10, 20], 20, 20_000, {
    'ownership-verifications': [12, 20],
    'card-reveals': [6, 5],
  }),
  tier('Silver', [100, 200], 100, 1_000_000, {
    'ownership-verifications': [30, 40],
    'card-reveals': [12, 10],
  }),
  tier('Gold', [500, 1_500], 400, 20_000_000, {
    'ownership-verifications': [120, 80],
    'card-reveals': [60, 40],
  }),
  tier('Platinum', [2_000, 5_000], 1_500, null, {
    'ownership-verifications': [300, 100],
    'card-reveals': [120, 80],
  }),
  tier(REGULATED_TIER, [500, 1_500], 400, null, {
    'ownership-verifications': [12, 20],
    'card-reveals': [6, 5],
  }),
]
