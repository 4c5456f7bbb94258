/** What a change would do if it took effect now: tried in a transaction that is taken back, on the calls of the last days. */
import { z } from 'zod'
import { cells } from '#kernel/cell.ts'
import { Problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import type { Actor, Work } from '#journal/index.ts'
import type { Db, Postgres } from '#platform/db.ts'
import type { Appliers, ChangeSet } from '#control/approvals/index.ts'
import { factsOf, type Month, monthBefore, monthNamed } from '#control/billing/index.ts'
import { findPriceVersion, PriceVersion } from '#control/catalogue/index.ts'
import {
  ContractId,
  countersignContract,
  findContract,
  signContract,
} from '#control/contracts/index.ts'
import { costAsAgreed, costUnder, newestReplay, replayPrices } from '#control/forecast/index.ts'
import { EvidenceId, findEvidence } from '#control/licences/index.ts'
import { ApplicationId, findApplication, PartnerId } from '#control/partners/index.ts'
import { type Moment, type Told, toldNow } from '#control/publication/index.ts'
import { amountText, exponentOf } from '#control/rating/index.ts'
import { StaffId } from '#control/staff/index.ts'
import { callsMade, fieldCounts, timedCalls } from '#control/usage/index.ts'
import { commercialOf } from './commercial.ts'
import type { Impact, Throttled } from './impact.ts'
import { refusedByLimits } from './limits.ts'
import { turnedCalls, turnedFields, turnedVerdicts } from './replay.ts'

export { Impact } from './impact.ts'
export { refusedByLimits } from './limits.ts'

/** Kinds of change that decide about calls or prices. Others change money that is owed, or who signs in. */
const decisive =
  /^(licences\.|catalogue\.|contracts\.|abuse\.action$|partners\.(reinstatement|application))/

const DAYS = 7
/** Of one partner: what a busy one does in a few hours, and a judgement of a second. */
const CALLS_REPLAYED = 200_000
const PARTNERS_THROTTLED = 200

export interface ImpactWorld extends Moment {
  readonly db: Postgres
  readonly appliers: Appliers
  readonly zone: string
}

export const impactOf = async (world: ImpactWorld, change: ChangeSet): Promise<Impact> => {
  const { now } = world
  const nothing: Impact = {
    change: change.id,
    hash: change.hash,
    cell: 'production',
    since: now.subtract({ hours: DAYS * 24 }),
    judgedAt: now,
    not: null,
    calls: 0,
    refused: [],
    opened: [],
    throttled: [],
    fields: [],
    costs: [],
    permissions: [],
    commercial: [],
  }
  if (!decisive.test(change.kind))
    return { ...nothing, not: 'a change of this kind decides about no call' }
  if (change.status !== 'proposed') return { ...nothing, not: `the change is ${change.status}` }
  const known = { ...nothing, commercial: await commercialOf(world.db, change, now) }
  if (change.kind === 'catalogue.prices')
    return { ...known, costs: await costsOfList(world, change) }
  return rehearsed(world, change, known)
}

/** Carries what was found out of a transaction that must not stay. */
class TakenBack extends Error {
  readonly impact: Impact
  constructor(impact: Impact) {
    super('a rehearsal is taken back')
    this.impact = impact
  }
}

const rehearsed = async (
  world: ImpactWorld,
  change: ChangeSet,
  nothing: Impact,
): Promise<Impact> => {
  try {
    return await world.db.transaction(async (tx): Promise<never> => {
      // A rehearsal waits for nobody, and nobody waits for it for long.
      await tx.run`set local lock_timeout = '2s'`
      await tx.run`set local statement_timeout = '30s'`
      throw new TakenBack(await rehearse(tx, world, change, nothing))
    })
  } catch (error) {
    if (error instanceof TakenBack) return error.impact
    throw error
  }
}

/** Nobody: the one whose yes is only imagined. */
const imagined = StaffId.parse(`staff_${'0'.repeat(32)}`)

const rehearse = async (
  tx: Db,
  world: ImpactWorld,
  change: ChangeSet,
  nothing: Impact,
): Promise<Impact> => {
  const { now, appliers } = world
  const applier = appliers.get(change.kind)
  if (!applier) return { ...nothing, not: `nothing applies a change of kind ${change.kind}` }
  const actor: Actor = 'system'
  const work: Work = { ...tx, actor, now, record: async () => {} }
  const partnerId = await partnerConcerned(tx, change)
  const cell = await cellConcerned(tx, change)
  const judgedAt = momentOfEffect(change, now)
  const moment = { bankCountry: world.bankCountry, now: judgedAt }
  const before = await toldNow(tx, cell, moment, partnerId)

  if ((await applier.base(work, change)) !== change.base)
    return { ...nothing, cell, not: 'what it would change has moved on: it will be void' }
  const approvals = [{ by: imagined, at: now.toString(), hash: change.hash, method: null }]
  try {
    await applier.apply(work, { ...change, status: 'applied', decidedAt: now, approvals })
    if (change.kind === 'contracts.offer') await signedByBoth(work, change)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { ...nothing, cell, not: `it could not take effect now: ${error.detail}` }
  }

  const after = await toldNow(tx, cell, moment, partnerId)
  const span = { cell, partnerId, from: nothing.since, to: now }
  const made = await callsMade(tx, span)
  const counted = await answersOf(tx, before, after)
  return {
    ...nothing,
    cell,
    judgedAt,
    calls: made.reduce((sum, row) => sum + row.calls, 0),
    ...turnedCalls(made, { before, after, at: judgedAt }),
    throttled: await throttledOf(tx, { before, after, from: span.from, to: now }),
    fields: counted,
    costs: change.kind === 'contracts.offer' ? await costsOfOffer(tx, world, change) : [],
    permissions: turnedVerdicts(before, after),
  }
}

/** Whose calls are looked at; undefined: everybody's. */
const partnerConcerned = async (db: Db, { subject, before }: ChangeSet) => {
  const own = PartnerId.safeParse(subject).data
  if (own) return own
  const [evidence, contract, application] = [
    EvidenceId.safeParse(subject).data,
    ContractId.safeParse(subject).data,
    ApplicationId.safeParse(subject).data,
  ]
  if (evidence) return (await findEvidence(db, evidence))?.partnerId
  if (contract) return (await findContract(db, contract))?.partnerId
  if (application) return (await findApplication(db, application))?.partnerId
  return z.looseObject({ partnerId: PartnerId }).safeParse(before).data?.partnerId
}

/** Production, unless it is about a sandbox alone. */
const cellConcerned = async (db: Db, { subject, before }: ChangeSet) => {
  const application = ApplicationId.safeParse(subject).data
  const of = application && (await findApplication(db, application))?.cell
  const told = z.looseObject({ cell: z.enum(cells) }).safeParse(before).data?.cell
  const isSandboxTier = subject === 'Sandbox'
  return of ?? told ?? (isSandboxTier ? 'sandbox' : 'production')
}

const Later = z.looseObject({ endsAt: z.string().optional(), extendedTo: z.string().optional() })

/** An end that lies ahead says something from then on; more time for a document, in the last moment of that time. */
const momentOfEffect = ({ after }: ChangeSet, now: Temporal.Instant): Temporal.Instant => {
  const { endsAt, extendedTo } = Later.safeParse(after).data ?? {}
  const at = endsAt
    ? Temporal.Instant.from(endsAt)
    : extendedTo
      ? Temporal.Instant.from(extendedTo).subtract({ milliseconds: 1 })
      : now
  return isBefore(at, now) ? now : at
}

const Offered = z.looseObject({
  id: ContractId,
  documentSha256: z.string(),
  tier: z.string(),
  priceVersion: z.string(),
})

/** An offer alone opens nothing: it is judged as if both sides had signed it. */
const signedByBoth = async (work: Work, change: ChangeSet): Promise<void> => {
  const { id, documentSha256 } = Offered.parse(change.after)
  await signContract(work, { partnerId: PartnerId.parse(change.subject), id }, documentSha256)
  await countersignContract(work, id, documentSha256)
}

const answersOf = async (db: Db, before: Told, after: Told): Promise<Impact['fields']> => {
  const rows: Impact['fields'] = []
  for (const [partner, fields] of Map.groupBy(turnedFields(before, after), (f) => f.partner)) {
    const counts = await fieldCounts(db, { partnerId: partner, cell: after.cell })
    const answers = new Map(counts.map((c) => [`${c.operation} ${c.field}`, c.answers]))
    rows.push(
      ...fields.map((f) => ({ ...f, answers: answers.get(`${f.operation} ${f.field}`) ?? 0 })),
    )
  }
  return rows
}

/** Calls of those whose limits become others, under both. */
const throttledOf = async (
  db: Db,
  of: { before: Told; after: Told; from: Temporal.Instant; to: Temporal.Instant },
): Promise<Throttled[]> => {
  const { before, after, from, to } = of
  const was = new Map(before.partners.map((p) => [p.id, JSON.stringify(p.limits)]))
  const moved = after.partners.filter((p) => (was.get(p.id) ?? '') !== JSON.stringify(p.limits))
  const operations = new Map(after.operations.map((o) => [o.id, o]))
  const rows: Throttled[] = []
  for (const { id: partnerId, limits } of moved.slice(0, PARTNERS_THROTTLED)) {
    const calls = await timedCalls(db, { cell: after.cell, partnerId, from, to }, CALLS_REPLAYED)
    if (calls.length === 0) continue
    const old = before.partners.find((p) => p.id === partnerId)
    const then = old ? refusedByLimits(old.limits, calls, operations) : new Map<string, number>()
    const next = refusedByLimits(limits, calls, operations)
    for (const policy of [...new Set([...then.keys(), ...next.keys()])].toSorted()) {
      const [less, more] = [then.get(policy) ?? 0, next.get(policy) ?? 0]
      if (less !== more)
        rows.push({ partner: partnerId, policy, calls: calls.length, before: less, after: more })
    }
  }
  return rows
}

const lastMonth = ({ now, zone }: Pick<ImpactWorld, 'now' | 'zone'>): Month =>
  monthNamed(monthBefore(now, zone), zone)

/** Last month of the partner, as agreed and under what is offered. */
const costsOfOffer = async (
  db: Db,
  world: ImpactWorld,
  change: ChangeSet,
): Promise<Impact['costs']> => {
  const { tier, priceVersion } = Offered.parse(change.after)
  const prices = await findPriceVersion(db, priceVersion)
  if (!prices) return []
  const partnerId = PartnerId.parse(change.subject)
  const month = lastMonth(world)
  const { currency } = prices
  const text = (minor: bigint) => amountText(minor, exponentOf(currency) ?? 2)
  const facts = await factsOf(db, partnerId, month)
  const isAgreed = facts.contracts.some((c) => c.prices.currency === currency)
  return [
    {
      partner: partnerId,
      month: month.start.slice(0, 7),
      currency,
      before: isAgreed ? text(costAsAgreed(facts, currency).minor) : null,
      after: text(costUnder(facts, { prices, tier }).minor),
    },
  ]
}

const REPLAY_COUNTS = { hours: 7 * 24 }

/** A list of prices: those whom it moves most, by the replay that was made for it, or else by one over last month. */
const costsOfList = async (world: ImpactWorld, change: ChangeSet): Promise<Impact['costs']> => {
  const prices = PriceVersion.omit({ publishedAt: true }).parse(change.after)
  const { db, now, zone } = world
  const made = await newestReplay(db, prices, now.subtract(REPLAY_COUNTS))
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const report =
    made?.report ?? (await replayPrices(db, prices, { months: [lastMonth(world)], today }))
  return report.moved.map(({ partnerId, before, after }) => ({
    partner: partnerId,
    month: report.months.join(', '),
    currency: report.currency,
    before,
    after,
  }))
}
