/** Drafts: what a month comes to by what is known now. Made again as often as wanted, until it is issued. */
import { createHash } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import { isBefore } from '#kernel/time.ts'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import {
  findPriceVersion,
  listProducts,
  newestPrices,
  type PriceVersion,
} from '#control/catalogue/index.ts'
import { contractPeriods } from '#control/contracts/index.ts'
import { findPartner, type PartnerId, partnerNotFound } from '#control/partners/index.ts'
import { minorText } from '#control/rating/index.ts'
import { type Judged, judgeMonth, keepJudgements } from '#control/service-levels/index.ts'
import { businessEvents, unitsByPrice } from '#control/usage/index.ts'
import {
  chargedBy,
  type Enforced,
  givenBack,
  isBackDated,
  pieces,
  summedByPrice,
} from './backdated.ts'
import { type Addressee, compose } from './composing.ts'
import type { PeriodFacts, Terms, Used } from './rateable.ts'
import type { Content, Month } from './content.ts'
import { type Invoice, InvoiceId, LATE_DAYS } from './invoice.ts'
import { bounds } from './month.ts'
import { goodIn } from './prepaid.ts'
import { prepaidCredits } from './prepaying.ts'
import * as store from './store.ts'

export interface Billing {
  readonly bankName: string
  readonly zone: string
  /** Price versions that were read before: a run over everybody reads each once. */
  readonly versions?: Map<string, PriceVersion>
  /** Now, where the month may not be over: a promise whose time has not come is not judged yet. */
  readonly asOf?: Temporal.Instant
}

/** What a partner's month comes to, a content for each currency of its contracts. */
export const contentsOf = async (
  db: Db,
  partnerId: PartnerId,
  month: Month,
  billing: Billing,
): Promise<Content[]> => (await monthOfPartner(db, partnerId, month, billing)).contents

/** The contents of a month, and the judgements that they stand on: both from one reading. */
const monthOfPartner = async (
  db: Db,
  partnerId: PartnerId,
  month: Month,
  { bankName, versions = new Map(), asOf }: Billing,
): Promise<{ contents: Content[]; judged: readonly Judged[] }> => {
  const partner = await findPartner(db, partnerId)
  if (!partner) throw partnerNotFound('there is no partner with this id')
  const judged = await judgeMonth(db, partnerId, month, asOf)
  const current = await factsOf(db, partnerId, month, versions, judged)
  const start = Temporal.PlainDate.from(month.start)
  const periods = await store.billedPeriods(
    db,
    partnerId,
    start.subtract({ days: LATE_DAYS }),
    start,
  )
  const earlier: PeriodFacts[] = []
  for (const { periodStart } of periods)
    earlier.push(
      await factsOf(
        db,
        partnerId,
        {
          zone: month.zone,
          start: periodStart.toString(),
          end: periodStart.add({ months: 1 }).toString(),
        },
        versions,
      ),
    )
  const addressee: Addressee = {
    bankName,
    partner: { id: partner.id, legalName: partner.legalName, country: partner.country },
  }
  const currencies = new Set(
    [current, ...earlier].flatMap((f) => f.contracts.map((c) => c.prices.currency)),
  )
  if (currencies.size === 0) {
    const list = await newestPrices(db)
    if (list) currencies.add(list.currency)
  }
  const contents = [...currencies].flatMap(
    (currency) => compose(current, earlier, currency, addressee) ?? [],
  )
  return { contents, judged }
}

/** All that a partner's period is rated from. `versions` is remembered between calls; who has judged it already says so. */
export const factsOf = async (
  db: Db,
  partnerId: PartnerId,
  period: Month,
  versions = new Map<string, PriceVersion>(),
  known?: readonly Judged[],
): Promise<PeriodFacts> => {
  const { from, to } = bounds(period)
  const booked = new Map<string, Record<string, bigint>>()
  const start = Temporal.PlainDate.from(period.start)
  for (const { contractId, item, minor } of await store.booked(db, partnerId, start))
    booked.set(contractId, { ...booked.get(contractId), [item]: minor })
  const contracts: Terms[] = []
  const all: Enforced[] = []
  const zones = new Map([[period.zone, { from, to }]])
  const zoneOf = new Map<string, string>()
  for (const { priceVersion, ...contract } of await contractPeriods(db, partnerId)) {
    const { activeFrom, endsAt } = contract
    const prices = versions.get(priceVersion) ?? (await findPriceVersion(db, priceVersion))
    if (!prices) continue
    versions.set(prices.id, prices)
    const zone = prices.terms.zone ?? period.zone
    zoneOf.set(contract.contractId, zone)
    all.push({ ...contract, prices })
    const own = bounds({ ...period, zone })
    const rules =
      isBefore(activeFrom, own.to) &&
      (endsAt === null || (isBefore(own.from, endsAt) && isBefore(activeFrom, endsAt)))
    // What was booked under a contract that by now never ruled this month is given back under it.
    if (!rules && !booked.has(contract.contractId)) continue
    zones.set(zone, own)
    const { contractId, tier } = contract
    contracts.push({ contractId, tier, prices, activeFrom, endsAt })
  }
  const sharesValues = contracts.some(({ prices }) =>
    prices.terms.charges.some((c) => c.values !== undefined),
  )
  // What is outside of a contract's own month is left out where it is rated.
  const values = sharesValues ? await businessEvents(db, { partnerId, ...widest(zones) }) : []
  const judged = known ?? (await judgeMonth(db, partnerId, period))
  const operations = new Map(
    judged.length === 0
      ? []
      : (await listProducts(db)).map((p) => [p.id, p.operations.map((o) => o.id)]),
  )
  return {
    period,
    used: await usedIn(db, partnerId, {
      zones,
      zoneOf,
      contracts: all,
      booked,
      bankZone: period.zone,
    }),
    values: values.map(({ id, kind, occurredAt, amountMinor, currency }) => ({
      id,
      kind,
      at: occurredAt,
      amountMinor,
      currency,
    })),
    promises: judged.map(({ level, evaluation, sha256 }) => ({
      contractId: level.contractId,
      agreementId: level.id,
      title: level.terms.title,
      operations:
        level.terms.base === 'contract' ? null : (operations.get(level.terms.product) ?? []),
      slos: evaluation.objectives.map(({ good, total, bands }) => ({ good, total, bands })),
      capPercent: level.terms.capPercent ?? undefined,
      reached: evaluation.objectives[0]?.reached ?? '',
      evaluation: sha256,
    })),
    contracts,
    credits: goodIn(await prepaidCredits(db, { partnerId }), { from, to }),
    booked,
  }
}

type Bounds = ReturnType<typeof bounds>

const widest = (zones: ReadonlyMap<string, Bounds>): Bounds => {
  const all = [...zones.values()]
  const from = all.map((b) => b.from).reduce((a, b) => (isBefore(b, a) ? b : a))
  return { from, to: all.map((b) => b.to).reduce((a, b) => (isBefore(a, b) ? b : a)) }
}

/** What each contract used in its own month: an hour of a contract is of one month, wherever the bank is. */
const usedIn = async (
  db: Db,
  partnerId: PartnerId,
  {
    zones,
    zoneOf,
    contracts,
    booked,
    bankZone,
  }: {
    zones: ReadonlyMap<string, Bounds>
    /** Of every contract that the partner has or had. */
    zoneOf: ReadonlyMap<string, string>
    contracts: readonly Enforced[]
    booked: PeriodFacts['booked']
    bankZone: string
  },
): Promise<Used[]> => {
  const used: Used[] = []
  for (const [zone, span] of zones)
    for (const { by, ...piece } of pieces(span, contracts))
      for (const row of await unitsByPrice(db, { partnerId, ...piece }))
        if ((zoneOf.get(row.contractId ?? '') ?? bankZone) === zone)
          used.push(chargedBy(row, by, contracts))
  return contracts.some(isBackDated) ? summedByPrice([...used, ...givenBack(booked, used)]) : used
}

export const digestOf = (content: unknown): string =>
  createHash('sha256').update(canonical(content)).digest('hex')

/** Drafts a partner's month where nobody has: of two runs at once, the second finds the first's. */
export const draftOnce = async (
  work: Work,
  partnerId: PartnerId,
  month: Month,
  billing: Billing,
): Promise<Invoice[]> => {
  await store.hold(work, partnerId)
  const start = Temporal.PlainDate.from(month.start)
  return (await store.isBilled(work, partnerId, start))
    ? []
    : draftMonth(work, partnerId, month, billing)
}

/** Drafts a partner's month anew; what was drafted of it before is gone. A month that was issued gets what is new only. */
export const draftMonth = async (
  work: Work,
  partnerId: PartnerId,
  month: Month,
  billing: Billing,
): Promise<Invoice[]> => {
  await store.hold(work, partnerId)
  const start = Temporal.PlainDate.from(month.start)
  await store.dropDrafts(work, partnerId, start)
  const drafts: Invoice[] = []
  const { contents, judged } = await monthOfPartner(work, partnerId, month, {
    ...billing,
    asOf: work.now,
  })
  for (const content of contents) {
    const json: Content = JSON.parse(JSON.stringify(content))
    const invoice: Invoice = {
      id: InvoiceId.next(),
      partnerId,
      kind: 'invoice',
      currency: content.currency,
      exponent: content.exponent,
      periodStart: start,
      periodEnd: Temporal.PlainDate.from(month.end),
      status: 'draft',
      number: null,
      credits: null,
      content: json,
      sha256: digestOf(json),
      netMinor: minorText(content.totals.net, content.exponent),
      taxMinor: minorText(content.totals.tax, content.exponent),
      paidMinor: 0n,
      draftedAt: work.now,
      issuedAt: null,
      dueOn: null,
    }
    await store.add(work, invoice)
    drafts.push(invoice)
  }
  await keepJudgements(work, month, judged)
  if (drafts.length > 0)
    await work.record('billing.drafted', partnerId, {
      month: month.start.slice(0, 7),
      drafts: drafts.map(({ id, sha256 }) => ({ id, sha256 })),
    })
  return drafts
}
