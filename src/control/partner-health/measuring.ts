/** What the other rooms know of partners, brought together for one or for all: one question to each room, not one a partner. */
import { cells } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import type { StandingView } from '#courier/desk-contract.ts'
import { bounds, monthBefore, monthNamed, monthOf } from '#control/billing/index.ts'
import { listProducts, type Product } from '#control/catalogue/index.ts'
import { certify } from '#control/certification/index.ts'
import { standingContracts } from '#control/contracts/index.ts'
import { type LicenceTask, tasksOf } from '#control/licences/index.ts'
import {
  type Application,
  certificatesOfCell,
  listApplications,
  listPartners,
  type Partner,
  type PartnerId,
} from '#control/partners/index.ts'
import { isMissed, judgeMonth, listLevels } from '#control/service-levels/index.ts'
import { callsByDay, endings, type Endings, firstAnswers } from '#control/usage/index.ts'
import { type Pin, pinnedVersion, pinsByApplication } from '#control/version-lives/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { listWindDowns, stepsOf, type WindDown } from '#control/wind-downs/index.ts'
import { type Measured, nearest, type Stage } from './health.ts'

const RECENT_DAYS = 7
const USUAL_DAYS = 28

export interface HealthWorld {
  readonly db: Db
  readonly now: Temporal.Instant
  readonly zone: string
  readonly couriers: Couriers
}

export interface Known {
  readonly partner: Partner
  readonly stage: Stage
  readonly measured: Measured
}

/** Everything measured of every partner, or of one. */
export const measure = async (
  world: HealthWorld,
  partners: readonly Partner[],
): Promise<Known[]> => {
  const one = partners.length === 1 ? partners[0]?.id : undefined
  const { db, now } = world
  const ids = partners.map((p) => p.id)
  const applications = Map.groupBy(
    await listApplications(db, one ? { partnerId: one } : {}),
    (a) => a.partnerId,
  )
  const called = await callsOf(world, one)
  const [sandbox, production] = [
    byPartner(await firstAnswers(db, 'sandbox', ids)),
    byPartner(await firstAnswers(db, 'production', ids)),
  ]
  const tasks = Map.groupBy(await tasksOf(db, now, one), (t) => t.partnerId)
  const contracts = await standingContracts(db, now, one)
  const leaving = Map.groupBy(await listWindDowns(db), (w) => w.partnerId)
  const endpoints = await endpointsOf(world, one)
  const promises = await promisesOf(world, one)
  // Of several the last to end counts: it is the successor of the others.
  const certificates = new Map(
    (await certificatesOfCell(db, 'production', now))
      .toSorted((a, b) => Temporal.Instant.compare(a.notAfter, b.notAfter))
      .map((c) => [c.applicationId, c.notAfter]),
  )
  const products = await listProducts(db)
  const pins = await pinsByApplication(db)
  const known: Known[] = []
  for (const partner of partners) {
    const { id } = partner
    const own = applications.get(id) ?? []
    const plan = leaving.get(id)?.find((w) => w.endedAt === null)
    const first = [sandbox.get(id)?.at, production.get(id)?.at].flatMap((at) => at ?? [])
    const contract = contracts.get(id)
    const ends = own.flatMap((a) =>
      a.cell === 'production' && a.status === 'active' ? (certificates.get(a.id) ?? []) : [],
    )
    const checks = await waitingChecks(world, own)
    known.push({
      partner,
      stage: stageOf(partner, own, plan),
      measured: {
        registeredAt: partner.registeredAt,
        firstCallAt: first.toSorted((a, b) => Temporal.Instant.compare(a, b))[0] ?? null,
        ...called(id),
        ...(promises.get(id) ?? { promises: 0, missed: 0 }),
        ...taskCounts(tasks.get(id) ?? [], { plan, signs: contract?.waitsFor === 'partner' }, now),
        ...nearest([
          ...(tasks.get(id) ?? []).map((t) => ['evidence', t.endsAt] as const),
          ['contract', contract?.inForce ? contract.until : null],
          ...ends.map((at) => ['certificate', at] as const),
        ]),
        hasContract: contract?.inForce ?? false,
        ...endpointCounts(endpoints.get(id) ?? []),
        ...versionsOf(own, products, pins),
        ...checks,
      },
    })
  }
  return known
}

export const everyPartner = (db: Db): Promise<Partner[]> => listPartners(db)

const byPartner = <T extends { readonly partnerId: string }>(rows: readonly T[]) =>
  new Map(rows.map((row) => [row.partnerId, row]))

const stageOf = (
  { status }: Partner,
  applications: readonly Application[],
  plan: WindDown | undefined,
): Stage => {
  if (status === 'suspended') return 'suspended'
  if (plan) return 'leaving'
  const has = (cell: Application['cell'], state: Application['status']) =>
    applications.some((a) => a.cell === cell && a.status === state)
  if (has('production', 'active')) return 'live'
  if (has('production', 'requested')) return 'applied'
  return has('sandbox', 'active') ? 'sandbox' : 'registered'
}

/** Calls of the last days beside the usual, in production where a partner calls there at all. */
const callsOf = async ({ db, now, zone }: HealthWorld, partnerId: PartnerId | undefined) => {
  const hour = now.round({ smallestUnit: 'hour', roundingMode: 'floor' })
  const recent = now.subtract({ hours: RECENT_DAYS * 24 })
  const usual = { from: hour.subtract({ hours: (RECENT_DAYS + USUAL_DAYS) * 24 }), to: recent }
  const read = async (cell: (typeof cells)[number]) => ({
    ended: byPartner<Endings>(await endings(db, { cell, from: recent, to: now, partnerId })),
    before: Map.groupBy(
      await callsByDay(db, { cell, ...usual, partnerId }, zone),
      (d) => d.partnerId,
    ),
  })
  const inCell = { sandbox: await read('sandbox'), production: await read('production') }
  return (id: PartnerId) => {
    const { ended, before } = inCell.production
    const cell = ended.has(id) || before.has(id) ? ('production' as const) : ('sandbox' as const)
    const { calls, refused, failed } = inCell[cell].ended.get(id) ?? {
      calls: 0,
      refused: 0,
      failed: 0,
    }
    const sum = (inCell[cell].before.get(id) ?? []).reduce((total, d) => total + d.calls, 0)
    return { cell, calls, refused, failed, usualCalls: sum / USUAL_DAYS }
  }
}

/** Endpoints of both cells; of a cell whose courier cannot be asked, none. */
const endpointsOf = async ({ couriers }: HealthWorld, partnerId: PartnerId | undefined) => {
  const all: StandingView[] = []
  for (const cell of cells)
    if (couriers.hears(cell))
      all.push(...(await couriers.of(cell).standings({ partnerId: partnerId ?? null })).data)
  return Map.groupBy(all, (e) => e.partnerId)
}

const endpointCounts = (endpoints: readonly StandingView[]) => ({
  endpoints: endpoints.length,
  failingEndpoints: endpoints.filter((e) => e.failingSince !== null || e.dead > 0).length,
  disabledEndpoints: endpoints.filter((e) => e.status === 'disabled').length,
})

/** Promises of this month and the last, judged as the invoice will judge them. */
const promisesOf = async ({ db, now, zone }: HealthWorld, partnerId: PartnerId | undefined) => {
  const promised = new Set((await listLevels(db, partnerId)).map((l) => l.partnerId))
  const months = [monthOf(now, zone), monthBefore(now, zone)].map((name) => monthNamed(name, zone))
  const found = new Map<string, { promises: number; missed: number }>()
  for (const id of promised) {
    const judged = []
    for (const month of months)
      if (isBefore(bounds(month).from, now)) judged.push(...(await judgeMonth(db, id, month, now)))
    found.set(id, { promises: judged.length, missed: judged.filter(isMissed).length })
  }
  return found
}

const taskCounts = (
  tasks: readonly LicenceTask[],
  { plan, signs }: { plan: WindDown | undefined; signs: boolean },
  now: Temporal.Instant,
) => {
  const own = tasks.filter((t) => t.owner === 'partner')
  const late = own.filter((t) => isBefore(t.endsAt, now)).length
  const lateSteps = plan ? stepsOf(plan, now).filter((s) => s.late).length : 0
  return { openTasks: own.length + Number(signs) + lateSteps, lateTasks: late + lateSteps }
}

const versionsOf = (
  applications: readonly Application[],
  products: readonly Product[],
  pins: ReadonlyMap<string, Pin>,
) => {
  const inUse = applications.filter((a) => a.status === 'active')
  const behind = inUse.map((application) => {
    const offered = products.filter((p) => application.products.includes(p.id))
    const versions = [...new Set(offered.flatMap((p) => p.versions))].toSorted()
    const pinned = pinnedVersion(application, products, pins.get(application.id))
    return versions.filter((version) => version > pinned).length
  })
  return { applications: inUse.length, versionsBehind: Math.max(0, ...behind) }
}

/** What the sandbox traffic of those that wait to go live has shown; who is live has shown it before. */
const waitingChecks = async (
  { db, now }: HealthWorld,
  applications: readonly Application[],
): Promise<Pick<Measured, 'checks' | 'shownChecks' | 'failedChecks'>> => {
  const waiting = applications.filter((a) => a.cell === 'production' && a.status === 'requested')
  const [first] = waiting
  if (!first) return { checks: 0, shownChecks: 0, failedChecks: 0 }
  const products = [...new Set(waiting.flatMap((a) => a.products))]
  const checks = await certify(db, first.partnerId, products, now)
  const having = (verdict: (typeof checks)[number]['verdict']) =>
    checks.filter((c) => c.verdict === verdict).length
  return { checks: checks.length, shownChecks: having('shown'), failedChecks: having('failed') }
}
