/**
 * The language of limits, as a tier and a contract write them. A policy counts something of a partner over a time, apart
 * for each application, product, operation, customer or consent that it names. All that apply to a call must have room:
 * where plans meet, the most restrictive one decides (G31).
 */
import { z } from 'zod'

/** Token bucket: `perSecond` may be a fraction (a budget per minute), `burst` is its depth. */
export const Bucket = z.strictObject({
  perSecond: z.number().positive(),
  burst: z.number().int().positive(),
})
export type Bucket = z.output<typeof Bucket>

/** What a policy keeps apart, beside the partner itself. */
export const Per = z.enum(['application', 'product', 'operation', 'customer', 'consent'])
export type Per = z.output<typeof Per>

/** Slower than this is no rate but a quota: write a window. */
const SLOWEST_PER_SECOND = 1 / 3_600
const zones = new Map<string, boolean>()

/** Whether the IANA database knows the zone. */
const isZone = (zone: string): boolean => {
  const known = zones.get(zone)
  if (known !== undefined) return known
  let is = true
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone)
  } catch {
    is = false
  }
  if (zones.size < 1_000) zones.set(zone, is)
  return is
}

export const Shape = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rate'),
    perSecond: z.number().min(SLOWEST_PER_SECOND, 'is slower than one an hour: write a window'),
    burst: z.int().positive(),
  }),
  z.strictObject({
    kind: z.literal('window'),
    period: z.enum(['day', 'month']),
    /** Where its midnight is. */
    zone: z.string().refine(isZone, 'is not a zone of the IANA database'),
    limit: z.int().positive(),
  }),
  z.strictObject({ kind: z.literal('concurrent'), limit: z.int().positive() }),
])
export type Shape = z.output<typeof Shape>

/**
 * What a gateway does when it holds no permits and the store of leases is away: refuse; or admit its share, a rate
 * divided by as many gateways as the cell may have; or, for reference data only, admit as if it were alone.
 */
export const Stance = z.enum(['refuse', 'share', 'local'])
export type Stance = z.output<typeof Stance>

const words = z.array(z.string().min(1)).min(1, 'names nothing: leave it out instead')

export const LimitPolicy = z
  .strictObject({
    /** As it stands in RateLimit, in refusals and in the keys of the store: never renamed while it counts. */
    name: z
      .string()
      .max(40)
      .regex(/^[a-z][a-z0-9-]*$/, 'is words of small letters with hyphens'),
    /** Empty: one count for the whole partner. */
    per: z.array(Per).default([]),
    /** `spend`: what the call costs the partner. It is reserved with the call, and given back where nothing is charged. */
    counts: z.enum(['calls', 'units', 'spend']).default('calls'),
    /** Of spend: what a call of an operation takes, in whole parts. One that is not here is free, and does not meet it. */
    costs: z.record(z.string(), z.int().positive()).optional(),
    /** Met by the calls of this application only. */
    application: z.string().optional(),
    /** What was spent before it counted, of the window that begins on this day. */
    used: z.strictObject({ permits: z.int().nonnegative(), starts: z.iso.date() }).optional(),
    shape: Shape,
    /** A call must fit every member that is here. */
    appliesTo: z
      .strictObject({
        products: words.optional(),
        operations: words.optional(),
        scopes: words.optional(),
        classes: z.array(z.enum(['payment-status', 'payment', 'accounts', 'bulk'])).optional(),
      })
      .default({}),
    whenAway: Stance.default('share'),
  })
  .superRefine(({ per, shape, whenAway, counts, costs }, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (new Set(per).size !== per.length) wrong('per', 'names the same thing twice')
    if ((counts === 'spend') !== (costs !== undefined))
      wrong('costs', 'stand beside spend, and nowhere else')
    if (counts === 'spend' && shape.kind !== 'window') wrong('shape', 'of spend is a window')
    if (shape.kind === 'window' && whenAway !== 'refuse')
      wrong('whenAway', 'must be refuse: a quota is money, and nobody guesses how much is left')
  })
export type LimitPolicy = z.output<typeof LimitPolicy>

/** Policies of a partner in a snapshot: those that a tier may name, and room for what stands beside them (caps of its own). */
const POLICIES_MAX = 192
const OF_TIER_MAX = 128

/** Names that the four words below take. */
const taken = ['rate', 'day', 'concurrency', 'unattended']

/**
 * What a partner may ask for in a time. The first four words are of every tier; `policies` say the rest. Each of them is
 * a policy of its own name: `rate`, `concurrency`, `day`, and the names of the budgets.
 */
export const Limits = z
  .strictObject({
    rate: Bucket,
    concurrency: z.number().int().positive(),
    /** Calls in a day of UTC. */
    dailyQuota: z.number().int().positive().nullable(),
    /** By the operation's x-budget name. An operation whose budget is not here is refused. */
    budgets: z.record(z.string(), Bucket),
    policies: z.array(LimitPolicy).max(POLICIES_MAX).optional(),
  })
  .superRefine(({ dailyQuota, budgets, policies = [] }, context) => {
    const seen = new Set([...taken, ...Object.keys(budgets)])
    policies.forEach((policy, i) => {
      const wrong = (message: string) =>
        context.addIssue({ code: 'custom', path: ['policies', i], message })
      if (seen.has(policy.name)) wrong(`the name ${policy.name} is taken`)
      seen.add(policy.name)
      const { shape, per, appliesTo, counts } = policy
      const isWhole = per.length === 0 && Object.keys(appliesTo).length === 0
      if (
        shape.kind === 'window' &&
        shape.period === 'month' &&
        // Money says nothing about how many calls there are.
        counts !== 'spend' &&
        isWhole &&
        dailyQuota !== null &&
        shape.limit < dailyQuota
      )
        wrong(`${shape.limit} in a month contradicts ${dailyQuota} in a day`)
    })
  })
export type Limits = z.output<typeof Limits>

/** An operation, as far as a policy can be about it. */
export interface Limited {
  readonly id: string
  readonly product: string
  readonly scope: string
  readonly priority: 'payment-status' | 'payment' | 'accounts' | 'bulk'
  readonly risk: 'high' | 'personal' | 'reference'
  readonly units: number
  readonly budget: string | null
}

export const appliesTo = ({ appliesTo: to, costs }: LimitPolicy, operation: Limited): boolean =>
  (costs === undefined || Object.hasOwn(costs, operation.id)) &&
  (to.products?.includes(operation.product) ?? true) &&
  (to.operations?.includes(operation.id) ?? true) &&
  (to.scopes?.includes(operation.scope) ?? true) &&
  (to.classes?.includes(operation.priority) ?? true)

/**
 * The four words as policies, in the order in which a call meets them, then the others. A budget is met by the operations
 * that name it.
 */
export const policiesOf = (limits: Limits, operation: Limited): LimitPolicy[] => {
  const whole = { per: [], appliesTo: {} } as const
  const stance: Stance = operation.risk === 'high' ? 'refuse' : 'share'
  const found: LimitPolicy[] = [
    {
      ...whole,
      name: 'concurrency',
      per: [],
      counts: 'calls',
      shape: { kind: 'concurrent', limit: limits.concurrency },
      whenAway: 'share',
    },
    {
      ...whole,
      name: 'rate',
      per: [],
      counts: 'units',
      shape: { kind: 'rate', ...limits.rate },
      whenAway: stance,
    },
  ]
  if (limits.dailyQuota !== null)
    found.push({
      ...whole,
      name: 'day',
      per: [],
      counts: 'units',
      shape: { kind: 'window', period: 'day', zone: 'UTC', limit: limits.dailyQuota },
      whenAway: 'refuse',
    })
  const budget = operation.budget === null ? undefined : limits.budgets[operation.budget]
  if (operation.budget !== null && budget)
    found.push({
      ...whole,
      name: operation.budget,
      per: [],
      counts: 'units',
      shape: { kind: 'rate', ...budget },
      whenAway: stance,
    })
  return [...found, ...(limits.policies ?? []).filter((policy) => appliesTo(policy, operation))]
}

/** What a bank would find out only when partners are refused: names that mean nothing, limits that admit nothing. */
export const mistakesIn = (limits: Limits, operations: readonly Limited[]): string[] => {
  const known = {
    products: new Set(operations.map((o) => o.product)),
    operations: new Set(operations.map((o) => o.id)),
    scopes: new Set(operations.map((o) => o.scope)),
  }
  const mistakes: string[] = []
  if ((limits.policies?.length ?? 0) > OF_TIER_MAX)
    mistakes.push(`${limits.policies?.length} policies are more than ${OF_TIER_MAX}`)
  for (const { name, appliesTo: to } of limits.policies ?? [])
    for (const kind of ['products', 'operations', 'scopes'] as const)
      for (const word of to[kind] ?? [])
        if (!known[kind].has(word))
          mistakes.push(
            `${name}: ${word} is none of the ${kind} on offer (${[...known[kind]].join(', ')})`,
          )
  for (const operation of operations)
    for (const { name, counts, shape } of policiesOf(limits, operation)) {
      const most = shape.kind === 'rate' ? shape.burst : shape.limit
      if (counts === 'units' && operation.units > most)
        mistakes.push(`${name}: ${operation.id} costs ${operation.units} units, and ${most} is all`)
    }
  for (const { name, appliesTo: to } of limits.policies ?? [])
    if (!operations.some((o) => policiesOf(limits, o).some((p) => p.name === name)) && to)
      mistakes.push(`${name}: no operation on offer is all that it asks for`)
  return [...new Set(mistakes)]
}
