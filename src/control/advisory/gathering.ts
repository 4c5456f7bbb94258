/** The facts of a quarter, as the board gets them. What few partners did is not told apart: it would tell who did it. */
import type { Db } from '#platform/db.ts'
import { isBefore } from '#kernel/time.ts'
import { bounds, monthNamed } from '#control/billing/index.ts'
import { listProducts } from '#control/catalogue/index.ts'
import { listIncidents } from '#control/incidents/index.ts'
import { listApplications, listPartners } from '#control/partners/index.ts'
import { isMissed, judgeMonth, listLevels } from '#control/service-levels/index.ts'
import { byProduct } from '#control/usage/index.ts'
import { readEndings } from '#control/version-lives/index.ts'
import { daysOf } from './meeting.ts'
import type { Pack } from './pack.ts'
import * as store from './store.ts'

/** Figures of fewer partners than this are told only together with those of others. */
export const PARTNERS_MIN = 3

interface Asked {
  readonly quarter: string
  readonly bank: string
  readonly zone: string
  readonly now: Temporal.Instant
}

export const gatherPack = async (db: Db, { quarter, bank, zone, now }: Asked): Promise<Pack> => {
  const { start, end } = daysOf(quarter)
  const instant = (day: Temporal.PlainDate) => day.toZonedDateTime({ timeZone: zone }).toInstant()
  const [from, to] = [instant(start), instant(end)]
  const countedTo = isBefore(now, to) ? now : to
  const partners = await listPartners(db)
  const applications = await listApplications(db, { cell: 'production', status: 'active' })
  const incidents = (await listIncidents(db, { from, to: countedTo }, 500)).toSorted((a, b) =>
    Temporal.Instant.compare(a.beganAt, b.beganAt),
  )
  const forAll = incidents.filter((i) => i.partnerIds.length === 0)
  const products = await listProducts(db)
  return {
    format: 'portico.advisory-pack/1',
    bank,
    quarter,
    from: from.toString(),
    to: to.toString(),
    countedTo: countedTo.toString(),
    partners: {
      registered: partners.filter((p) => isBefore(p.registeredAt, countedTo)).length,
      joined: partners.filter(
        (p) => !isBefore(p.registeredAt, from) && isBefore(p.registeredAt, countedTo),
      ).length,
      live: new Set(applications.map((a) => a.partnerId)).size,
    },
    usage: await usageOf(db, {
      from,
      to: countedTo,
      before: instant(start.subtract({ months: 3 })),
    }),
    levels: await levelsOf(db, { start, zone, countedTo }),
    incidents: forAll.map(({ title, severity, cell, beganAt, endedAt }) => ({
      title,
      severity,
      cell,
      beganAt: beganAt.toString(),
      endedAt: endedAt?.toString() ?? null,
    })),
    otherIncidents: incidents.length - forAll.length,
    deprecations: products.flatMap((p) =>
      p.operations.flatMap(({ id, summary }) =>
        isDeprecated(p.openapi, id) ? [{ product: p.id, operation: id, summary }] : [],
      ),
    ),
    versions: products.flatMap((p) =>
      p.versions.flatMap((version) =>
        version >= start.toString() && version < end.toString() ? [{ product: p.id, version }] : [],
      ),
    ),
    endings: await endingsOf(db, { from, to: countedTo }),
    requests: (await store.requests(db, { filedBefore: countedTo })).map(
      ({ id, title, status, votesFor, votesAgainst, answer }) => ({
        id,
        title,
        status,
        votesFor,
        votesAgainst,
        answer,
      }),
    ),
    actions: (await store.earlierActions(db, { before: quarter, since: from })).map(
      ({ dueOn, ...action }) => ({ ...action, dueOn: dueOn.toString() }),
    ),
  }
}

/** Deprecated before the quarter was over, and not gone before it began. */
const endingsOf = async (
  db: Db,
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
): Promise<NonNullable<Pack['endings']>> =>
  Object.entries((await readEndings(db, '')).livesIn('production')).flatMap(
    ([version, { deprecatedAt, sunsetAt, retired }]) =>
      isBefore(Temporal.Instant.from(deprecatedAt), to) &&
      !isBefore(Temporal.Instant.from(sunsetAt), from)
        ? [{ version, deprecatedAt, sunsetAt, retired }]
        : [],
  )

const isDeprecated = (document: { paths: Record<string, Record<string, unknown>> }, id: string) =>
  Object.values(document.paths).some((methods) =>
    Object.values(methods).some(
      (operation) =>
        typeof operation === 'object' &&
        operation !== null &&
        'operationId' in operation &&
        operation.operationId === id &&
        'deprecated' in operation &&
        operation.deprecated === true,
    ),
  )

/** All products together first, then each that enough partners call. */
const usageOf = async (
  db: Db,
  { from, to, before }: { from: Temporal.Instant; to: Temporal.Instant; before: Temporal.Instant },
): Promise<Pack['usage']> => {
  const earlier = new Map(
    (await byProduct(db, { from: before, to: from })).map((row) => [row.product, row.calls]),
  )
  return (await byProduct(db, { from, to }))
    .filter((row) => row.partners >= PARTNERS_MIN)
    .map(({ product, calls, failed, p50Ms, p95Ms, p99Ms }) => ({
      product: product === '' ? 'all' : product,
      calls,
      callsBefore: earlier.get(product) ?? 0,
      failedPpm: Math.round((failed * 1_000_000) / calls),
      p50Ms,
      p95Ms,
      p99Ms,
    }))
}

interface Promised {
  readonly partners: ReadonlySet<string>
  readonly promises: number
  readonly missed: number
}
const none: Promised = { partners: new Set(), promises: 0, missed: 0 }

const levelsOf = async (
  db: Db,
  {
    start,
    zone,
    countedTo,
  }: { start: Temporal.PlainDate; zone: string; countedTo: Temporal.Instant },
): Promise<Pack['levels']> => {
  const found = new Map<string, Promised>()
  const count = (product: string, partnerId: string, missed: boolean) => {
    const was = found.get(product) ?? none
    found.set(product, {
      partners: was.partners.union(new Set([partnerId])),
      promises: was.promises + 1,
      missed: was.missed + Number(missed),
    })
  }
  const promised = new Set((await listLevels(db)).map((l) => l.partnerId))
  for (const n of [0, 1, 2]) {
    const month = monthNamed(start.add({ months: n }).toString().slice(0, 7), zone)
    if (!isBefore(bounds(month).from, countedTo)) continue
    for (const partnerId of promised)
      for (const judged of await judgeMonth(db, partnerId, month, countedTo)) {
        count('all', partnerId, isMissed(judged))
        count(judged.level.terms.product, partnerId, isMissed(judged))
      }
  }
  return [...found]
    .filter(([, { partners }]) => partners.size >= PARTNERS_MIN)
    .map(([product, { promises, missed }]) => ({ product, promises, missed }))
    .toSorted((a, b) => Number(b.product === 'all') - Number(a.product === 'all'))
}
