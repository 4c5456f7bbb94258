/** What the versions to come mean for one partner, by its own traffic: which changes touch calls that it really makes. */
import type { Change } from '#kernel/changes/index.ts'
import { changesAfter, changesOf } from '#kernel/changes/index.ts'
import type { Cell } from '#kernel/cell.ts'
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { listProducts, type Product } from '#control/catalogue/index.ts'
import { listApplications, type PartnerId } from '#control/partners/index.ts'
import { type VersionUse, versionUse } from '#control/usage/index.ts'
import { retiredVersions } from '#control/versions/index.ts'
import { betasJoined } from './betas.ts'
import { betasOf, calendarOf, mayGoBack, pinnedVersion } from './pin.ts'
import * as store from './store.ts'
import { lookBackFrom } from './using.ts'
import { endOf } from './views.ts'

export interface TouchedOperation {
  readonly id: string
  /** Of this application, in the time that is looked back on. */
  readonly calls: number
  readonly lastAt: Temporal.Instant | null
}

export interface Meaning {
  readonly id: string
  readonly product: string
  readonly since: string
  readonly summary: Change['summary']
  readonly operations: TouchedOperation[]
  readonly events: string[]
  /** Whether a call of this application would read otherwise. */
  readonly touches: boolean
}

export interface ApplicationMeaning {
  readonly id: string
  readonly name: string
  readonly cell: Cell
  readonly pinned: string
  /** Where one click goes back to. */
  readonly back: string | null
  /** Versions in trial that it asked for. */
  readonly betas: string[]
  readonly spoken: { version: string; calls: number }[]
  readonly ahead: Meaning[]
}

const usedBy = (uses: readonly VersionUse[], operation: string): TouchedOperation => {
  const own = uses.filter((use) => use.operation === operation)
  return {
    id: operation,
    calls: own.reduce((sum, { calls }) => sum + calls, 0),
    lastAt: own.reduce<Temporal.Instant | null>(
      (last, { lastAt }) => (last && isBefore(lastAt, last) ? last : lastAt),
      null,
    ),
  }
}

/** Changes that stand between a version and the newest of each product, the nearest first. */
const aheadOf = (
  products: readonly Product[],
  from: string,
  uses: readonly VersionUse[],
): Meaning[] =>
  products
    .flatMap(({ id: product, openapi }) =>
      changesAfter(changesOf(openapi), from).map(({ id, since, summary, operations, events }) => {
        const touched = Object.keys(operations).map((operation) => usedBy(uses, operation))
        return {
          id,
          product,
          since,
          summary,
          operations: touched,
          events: Object.keys(events),
          touches: touched.some(({ calls }) => calls > 0),
        }
      }),
    )
    .toSorted((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))

/** Every working application of a partner, and what stands between it and the newest version. */
export const meaningsFor = async (
  db: Db,
  partnerId: PartnerId,
  now: Temporal.Instant,
): Promise<ApplicationMeaning[]> => {
  const products = await listProducts(db)
  const pins = new Map((await store.pins(db)).map((pin) => [pin.applicationId, pin]))
  const ended = await retiredVersions(db)
  const betas = betasOf(products)
  const joined = await betasJoined(db)
  const uses = Map.groupBy(
    await versionUse(db, { since: lookBackFrom(now), partnerId }),
    (use) => use.applicationId,
  )
  const applications = await listApplications(db, { partnerId, status: 'active' }, 200)
  return applications.map((application) => {
    const { id, name, cell } = application
    const pin = pins.get(id)
    const pinned = pinnedVersion(application, products, pin)
    const own = uses.get(id) ?? []
    return {
      id,
      name,
      cell,
      pinned,
      back:
        pin && pin.before < pinned && mayGoBack(pin, now) && !ended.has(pin.before)
          ? pin.before
          : null,
      betas: (joined.get(id) ?? []).filter((version) => betas.has(version)),
      spoken: [...Map.groupBy(own, (use) => use.version)]
        .map(([version, of]) => ({ version, calls: of.reduce((sum, one) => sum + one.calls, 0) }))
        .toSorted((a, b) => (a.version < b.version ? 1 : -1)),
      ahead: aheadOf(
        products.filter((p) => application.products.includes(p.id)),
        pinned,
        own,
      ),
    }
  })
}

/** Every version of the bank, newest first, with what it changed. */
const versionsOf = async (db: Db) => {
  const products = await listProducts(db)
  const changes = products.flatMap(({ id: product, openapi }) =>
    changesOf(openapi).map(({ id, since, summary, operations, events }) => ({
      id,
      product,
      since,
      summary,
      operations: Object.keys(operations),
      events: Object.keys(events),
    })),
  )
  const betas = betasOf(products)
  return calendarOf(products)
    .toReversed()
    .map((version) => ({
      version,
      isBeta: betas.has(version),
      products: products.filter((p) => p.versions.includes(version)).map((p) => p.id),
      changes: changes.filter(({ since }) => since === version),
    }))
}

/** Every version with its end, as it is for one partner or for all. */
export const versionsFor = async (db: Db, now: Temporal.Instant, partnerId?: string) => {
  const lives = new Map((await store.lives(db)).map((life) => [life.version, life]))
  const brownouts = await store.brownouts(db)
  const own = (await store.extensions(db)).filter((one) => one.partnerId === partnerId)
  return (await versionsOf(db)).map(({ isBeta, ...one }) => ({
    ...one,
    ...endOf(
      lives.get(one.version),
      own.find(({ version }) => version === one.version)?.until,
      now,
      isBeta,
    ),
    brownouts: brownouts.filter(({ version }) => version === one.version),
  }))
}
