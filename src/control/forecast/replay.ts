/** A list of prices tried on everybody's past months before it is published: who wins, who loses, and by how much. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { type Applier, baseOf } from '#control/approvals/index.ts'
import { findPriceVersion, PriceVersion } from '#control/catalogue/index.ts'
import {
  bounds,
  factsOf,
  type Month,
  type PeriodFacts,
  type Terms,
  type Used,
} from '#control/billing/index.ts'
import { type ContractPeriod, contractsInForce } from '#control/contracts/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { amountText, exponentOf, RatingRefused } from '#control/rating/index.ts'
import { type BusinessRow, businessEvents, unitsOfAll } from '#control/usage/index.ts'
import { type Cliff, cliffsOf, costAsAgreed, costUnder } from './what-if.ts'

export const replayMissing = problem(
  'forecast/replay-missing',
  409,
  'Nobody has looked at what these prices would have cost',
)

const replayUnknown = problem('forecast/replay-unknown', 404, 'There is no such replay')

export const ReplayId = idOf('replay')

/** Days of notice that contracts promise before a price rises. */
export const NOTICE_DAYS = 60
/** A replay says what the last months would have cost: after so many days it says too little. */
const REPLAY_COUNTS_DAYS = 7

const Decimal = z.string()

export const ReplayReport = z.object({
  version: z.string(),
  currency: z.string(),
  months: z.array(z.string()),
  partners: z.int(),
  before: Decimal,
  after: Decimal,
  winners: z.int(),
  losers: z.int(),
  unchanged: z.int(),
  /** Whose usage would have had no price. */
  unpriced: z.array(z.string()),
  /** Those whom it moves most, in both directions. */
  moved: z.array(
    z.object({ partnerId: z.string(), before: Decimal, after: Decimal, difference: Decimal }),
  ),
  cliffs: z.array(
    z.object({ charge: z.string(), at: z.string(), before: z.string(), after: z.string() }),
  ),
  /** The first day on which those who would pay more may be moved to it, where they are told today. */
  losersFrom: z.iso.date(),
})
export type ReplayReport = z.output<typeof ReplayReport>

type Prices = Omit<PriceVersion, 'publishedAt'>

const MOVED_SHOWN = 100

interface Sum {
  before: bigint
  after: bigint
}

interface Looked {
  readonly months: readonly Month[]
  readonly today: Temporal.PlainDate
  /** Hears how many of the months are rated. */
  readonly progress?: (monthsDone: number) => Promise<unknown>
}

/**
 * Every partner under contract in these months, rated as agreed and again under the prices, in their own tiers. Contracts
 * in another currency are left out: nothing is converted.
 */
export const replayPrices = async (
  db: Db,
  prices: Prices,
  { months, today, progress }: Looked,
): Promise<ReplayReport> => {
  const exponent = exponentOf(prices.currency)
  assert(exponent !== undefined, 'a price version has a currency of ISO 4217')
  const proposed: PriceVersion = { ...prices, publishedAt: bounds(months[0] ?? lastResort).from }
  const versions = new Map<string, PriceVersion>()
  const sums = new Map<string, Sum>()
  const unpriced = new Set<string>()
  for (const [done, month] of months.entries()) {
    await progress?.(done)
    for (const { partnerId, facts } of await factsOfAll(db, month, versions, proposed)) {
      const own = facts.contracts.filter((c) => c.prices.currency === prices.currency)
      const tier = own.at(-1)?.tier
      if (tier === undefined) continue
      const sum = sums.get(partnerId) ?? { before: 0n, after: 0n }
      sums.set(partnerId, sum)
      try {
        const before = costAsAgreed(facts, prices.currency).minor
        const after = costUnder(facts, { prices: proposed, tier }).minor
        sum.before += before
        sum.after += after
      } catch (error) {
        if (!(error instanceof RatingRefused)) throw error
        unpriced.add(partnerId)
      }
    }
  }
  const text = (minor: bigint) => amountText(minor, exponent)
  const rows = [...sums].map(([partnerId, { before, after }]) => ({
    partnerId,
    before,
    after,
    difference: after - before,
  }))
  const count = (is: (difference: bigint) => boolean) => rows.filter((r) => is(r.difference)).length
  return {
    version: prices.id,
    currency: prices.currency,
    months: months.map((m) => m.start.slice(0, 7)),
    partners: rows.length,
    before: text(rows.reduce((sum, r) => sum + r.before, 0n)),
    after: text(rows.reduce((sum, r) => sum + r.after, 0n)),
    winners: count((d) => d < 0n),
    losers: count((d) => d > 0n),
    unchanged: count((d) => d === 0n),
    unpriced: [...unpriced].slice(0, MOVED_SHOWN),
    moved: rows
      .filter((r) => r.difference !== 0n)
      .toSorted((a, b) => Number(magnitude(b.difference) - magnitude(a.difference)))
      .slice(0, MOVED_SHOWN)
      .map((r) => ({
        partnerId: r.partnerId,
        before: text(r.before),
        after: text(r.after),
        difference: text(r.difference),
      })),
    cliffs: cliffsOf(prices) satisfies Cliff[],
    losersFrom: today.add({ days: NOTICE_DAYS }).toString(),
  }
}

const lastResort: Month = { zone: 'UTC', start: '2026-01-01', end: '2026-02-01' }
const magnitude = (minor: bigint) => (minor < 0n ? -minor : minor)

/**
 * The facts of a month of all partners under contract: of most of them from two queries, and of who has prices that were
 * agreed afterwards, or months of another zone, each as it is billed.
 */
const factsOfAll = async (
  db: Db,
  month: Month,
  versions: Map<string, PriceVersion>,
  proposed: Pick<PriceVersion, 'terms'>,
): Promise<{ partnerId: string; facts: PeriodFacts }[]> => {
  const span = bounds(month)
  const used = Map.groupBy(await unitsOfAll(db, span), (u) => u.partnerId)
  const contracts = Map.groupBy(await contractsInForce(db, span), (c) => c.partnerId)
  for (const id of new Set([...contracts.values()].flat().map((c) => c.priceVersion)))
    if (!versions.has(id)) {
      const found = await findPriceVersion(db, id)
      if (found) versions.set(id, found)
    }
  // Where no price takes a share of values, none is read.
  const ofValues = [...versions.values(), proposed].some(({ terms }) =>
    terms.charges.some((c) => c.values !== undefined),
  )
  const values = Map.groupBy(ofValues ? await businessEvents(db, span) : [], (e) => e.partnerId)
  const all: { partnerId: string; facts: PeriodFacts }[] = []
  for (const [partnerId, own] of contracts)
    all.push({
      partnerId,
      facts: own.some((c) => isApart(c, month, versions))
        ? await factsOf(db, PartnerId.parse(partnerId), month, versions, [])
        : {
            period: month,
            used: (used.get(partnerId) ?? []) satisfies Used[],
            values: (values.get(partnerId) ?? []).map(valued),
            promises: [],
            contracts: own.flatMap((c) => termsOf(c, versions) ?? []),
            booked: new Map(),
          },
    })
  return all
}

/** Whether its calls are charged by other hours, or by another contract, than they were made under. */
const isApart = (
  { activeFrom, enforcedFrom, priceVersion }: ContractPeriod,
  month: Month,
  versions: ReadonlyMap<string, PriceVersion>,
): boolean =>
  isBefore(activeFrom, enforcedFrom) ||
  (versions.get(priceVersion)?.terms.zone ?? month.zone) !== month.zone

const valued = ({ id, kind, occurredAt, amountMinor, currency }: BusinessRow) => ({
  id,
  kind,
  at: occurredAt,
  amountMinor,
  currency,
})

const termsOf = (
  { contractId, tier, priceVersion, activeFrom, endsAt }: ContractPeriod,
  versions: ReadonlyMap<string, PriceVersion>,
): Terms | undefined => {
  const prices = versions.get(priceVersion)
  return prices && { contractId, tier, prices, activeFrom, endsAt }
}

/** What is replayed and what is published are the same to the byte. */
export const digestOfPrices = ({ currency, unitPrices, terms }: Prices): string =>
  baseOf([currency, unitPrices, z.json().parse(JSON.parse(JSON.stringify(terms)))])

const Made = z.object({ report: ReplayReport })

/** Keeps a replay: for as long as it counts, its prices may be published. */
export const keepReplay = async (
  work: Work,
  prices: Prices,
  report: ReplayReport,
): Promise<string> => {
  const id = ReplayId.next()
  await work.run`
    insert into forecast.replay (id, prices_sha256, version, report, made_by, made_at)
    values (${id}, ${digestOfPrices(prices)}, ${prices.id}, ${JSON.stringify(report)}::text::jsonb, ${work.actor},
            ${work.now})
  `
  const { partners, before, after, winners, losers } = report
  await work.record('forecast.prices-replayed', prices.id, {
    id,
    partners,
    before,
    after,
    winners,
    losers,
  })
  return id
}

/** Whoever asked may have left meanwhile: what came of it is read by its id. */
export const findReplay = async (db: Db, id: z.output<typeof ReplayId>): Promise<ReplayReport> => {
  const made = await db.maybe(Made)`select report from forecast.replay where id = ${id}`
  if (!made) throw replayUnknown(`there is no ${id}`)
  return made.report
}

export const newestReplay = (db: Db, prices: Prices, since: Temporal.Instant) => db.maybe(Made)`
  select report from forecast.replay
   where prices_sha256 = ${digestOfPrices(prices)} and made_at >= ${since}
   order by made_at desc
   limit 1
`

/** Prices are published only where somebody looked at what they would have cost: the guard around the catalogue's own applier. */
export const guardedPrices = (publish: Applier): Applier => ({
  ...publish,
  apply: async (work, change) => {
    const prices = PriceVersion.omit({ publishedAt: true }).parse(change.after)
    const since = work.now.subtract({ hours: REPLAY_COUNTS_DAYS * 24 })
    if (!(await newestReplay(work, prices, since)))
      throw replayMissing(`${prices.id} was not replayed in the last ${REPLAY_COUNTS_DAYS} days`, {
        hint: 'POST /api/price-replays with the same prices, and read it.',
      })
    await publish.apply(work, change)
  },
})
