/** The status of one partner: the parts that it uses, what its own calls met, the incidents that touched it. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { standingContracts } from '#control/contracts/index.ts'
import { Incident, listIncidents } from '#control/incidents/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import { answeredDays, failedIn, usageTotals } from '#control/usage/index.ts'
import { Maintenance, PublicIncident } from '../../status/facts.ts'
import { levelOf, reached } from '../../status/judging.ts'
import { before, behind, type openParts, told } from './facts.ts'
import { ownSince, startOf } from './measuring.ts'
import { ComponentView, DayLevelView, standing, StandingView } from './standing.ts'
import * as store from './store.ts'

const INCIDENTS_MAX = 20

export const OwnStatus = StandingView.omit({ components: true }).extend({
  components: z.array(
    ComponentView.extend({
      uses: z.boolean().describe('Under your contract, or called by you in the last ninety days'),
      own: z
        .object({
          calls: z.int(),
          bad: z.int().describe('That the bank failed to answer'),
          reached: z.string().nullable().describe('Good minutes of your own, in per cent'),
          days: z.array(DayLevelView),
          today: z.object({ calls: z.int(), bad: z.int() }),
        })
        .nullable()
        .describe(
          'What your own calls met in ninety days; null where you made none, and in the sandbox',
        ),
    }),
  ),
  incidents: z.array(
    PublicIncident.extend({
      only: z.boolean().describe('It touched some partners, you among them, and not everybody'),
      failed: z.int().describe('Calls of yours that failed in it'),
      calls: z.array(z.string()).describe('The first of them'),
    }),
  ),
  maintenance: z.array(Maintenance),
})
export type OwnStatus = z.output<typeof OwnStatus>

interface Asked {
  readonly partnerId: PartnerId
  readonly cell: Cell
  readonly now: Temporal.Instant
  readonly zone: string
  readonly staleMs: number
}

export const ownStatus = async (
  db: Db,
  parts: ReturnType<typeof openParts>,
  asked: Asked,
): Promise<OwnStatus> => {
  const { partnerId, cell, now } = asked
  const { facts, view } = await standing(db, parts, asked)
  const used = await usedProducts(db, asked)
  const own = cell === 'production' ? await ownDays(db, asked) : new Map<string, OwnSum>()
  const ours: readonly string[] = [...before, ...behind]
  const uses = (part: string) => ours.includes(part) || used.has(part) || own.has(part)
  const components = view.components
    .filter((one) => one.cell === cell)
    .map((one) => ({ ...one, uses: uses(one.part), own: own.get(one.part) ?? null }))
  const incidents = (
    await listIncidents(db, { partnerId, from: startOf(ownSince(now, asked.zone), asked.zone) })
  ).filter((one) => one.cell === null || one.cell === cell)
  return {
    ...view,
    indicator: view.stale ? 'unknown' : indicatorOf(components.filter((one) => one.uses)),
    components,
    incidents: (await touchedBy(db, incidents.slice(0, INCIDENTS_MAX), asked)).filter(
      // What everybody was told of a product that this partner does not use did not touch it.
      (one) => one.only || one.parts.length === 0 || one.parts.some(uses),
    ),
    maintenance:
      cell === 'production' ? facts.maintenance.filter(({ part }) => used.has(part)) : [],
  }
}

/** Of the parts that it uses, and of nothing else: another product that is down is no news to it. */
const indicatorOf = (
  used: readonly z.output<typeof ComponentView>[],
): z.output<typeof StandingView>['indicator'] => {
  const has = (state: ComponentView['state'], part?: string) =>
    used.some((one) => one.state === state && (part === undefined || one.part === part))
  if (has('major_outage', 'gateway')) return 'critical'
  if (has('major_outage') || has('partial_outage')) return 'major'
  if (has('degraded_performance')) return 'minor'
  if (has('under_maintenance')) return 'maintenance'
  return has('operational') ? 'none' : 'unknown'
}

/** Products of the contract that rules, and those that were called. */
const usedProducts = async (
  db: Db,
  { partnerId, cell, now, zone }: Asked,
): Promise<ReadonlySet<string>> => {
  const contract = (await standingContracts(db, now, partnerId)).get(partnerId)
  const from = startOf(ownSince(now, zone), zone)
  const called = await usageTotals(db, { partnerId, cell, from, to: now })
  return new Set([
    ...(cell === 'production' && contract?.inForce ? contract.products : []),
    ...called.map(({ product }) => product),
  ])
}

type OwnSum = NonNullable<OwnStatus['components'][number]['own']>

/** Days that are over are read as they were added up; what came since is counted now. */
const ownDays = async (
  db: Db,
  { partnerId, now, zone }: Asked,
): Promise<ReadonlyMap<string, OwnSum>> => {
  const since = ownSince(now, zone)
  const settled = await store.settledDay(db)
  const today = now.toZonedDateTimeISO(zone).toPlainDate()
  const open = settled?.add({ days: 1 }) ?? since
  const over = await store.partnerDays(db, partnerId, since)
  const fresh = await answeredDays(db, { partnerId, from: startOf(open, zone), to: now }, zone)
  const days = [
    ...over.filter(({ day }) => Temporal.PlainDate.compare(day, open) < 0),
    ...fresh.filter(({ day }) => Temporal.PlainDate.compare(day, open) >= 0),
  ]
  return new Map(
    [...Map.groupBy(days, ({ product }) => product)].map(([product, of]) => {
      const asMeasured = of.map(({ day, known, good, down }) => ({
        day: day.toString(),
        known,
        good,
        down,
        planned: 0,
      }))
      const last = of.filter(({ day }) => day.equals(today))
      return [
        product,
        {
          calls: sum(of, 'calls'),
          bad: sum(of, 'bad'),
          reached: reached(asMeasured) ?? null,
          days: asMeasured.map((day) => ({ day: day.day, level: levelOf(day) })),
          today: { calls: sum(last, 'calls'), bad: sum(last, 'bad') },
        },
      ]
    }),
  )
}

const sum = (of: readonly { calls: number; bad: number }[], what: 'calls' | 'bad') =>
  of.reduce((all, one) => all + one[what], 0)

/** What was said of each incident, and which of the partner's calls failed while it went on. */
const touchedBy = async (
  db: Db,
  incidents: readonly Incident[],
  { partnerId, cell, now }: Asked,
): Promise<OwnStatus['incidents']> => {
  const said = Map.groupBy(
    await store.bulletins(
      db,
      incidents.map(({ id }) => id),
    ),
    ({ incidentId }) => incidentId,
  )
  const ours: readonly string[] = [...before, ...behind]
  return Promise.all(
    incidents.map(async (incident) => {
      const one = told(incident, said.get(incident.id) ?? [])
      const failed = await failedIn(db, {
        partnerId,
        cell,
        // Where a door of ours was touched, so was everything behind it.
        products: one.parts.some((part) => ours.includes(part)) ? [] : one.parts,
        from: incident.beganAt,
        to: incident.endedAt ?? now,
      })
      return { ...one, only: incident.partnerIds.length > 0, ...failed }
    }),
  )
}
