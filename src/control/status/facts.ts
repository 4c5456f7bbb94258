/** The facts of the status page, of what control keeps. Everything in them is public. */
import { type Cell, cells } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { edition, listProducts } from '#control/catalogue/index.ts'
import { findIncident, type Incident, listIncidents } from '#control/incidents/index.ts'
import { IncidentId } from '#control/incidents/index.ts'
import { maintenanceIn } from '#control/service-levels/index.ts'
import type { Component, PublicIncident, StatusFacts, Words } from '../../status/facts.ts'
import type { Bulletin } from './bulletin.ts'
import * as store from './store.ts'

const HISTORY_DAYS = 90
const RECENT_MINUTES = 15
const INCIDENTS_MAX = 500

/** Ours, in the order in which a call meets them; products stand between, what tells partners stands last. */
export const before = ['gateway', 'authorization'] as const
export const behind = ['webhooks'] as const

interface Offered {
  readonly cell: Cell
  readonly part: string
  readonly title: string | null
}

/** Parts by cell; read again when the catalogue has another edition. */
export const openParts = (): ((db: Db) => Promise<readonly Offered[]>) => {
  let known: { edition: string; parts: readonly Offered[] } = { edition: '', parts: [] }
  return async (db) => {
    const now = await edition(db)
    if (now !== known.edition || known.parts.length === 0) {
      const products = await listProducts(db)
      const ours = (cell: Cell, names: readonly string[]): Offered[] =>
        names.map((part) => ({ cell, part, title: null }))
      known = {
        edition: now,
        parts: cells.flatMap((cell) => [
          ...ours(cell, before),
          ...products
            .filter(({ openapi }) => openapi['x-cells']?.includes(cell) ?? true)
            .map(({ id, title }) => ({ cell, part: id, title })),
          ...ours(cell, behind),
        ]),
      }
    }
    return known.parts
  }
}

/** Everybody's: those that touch everybody, and those of which the bank published something. */
export const publicIncidents = async (db: Db, now: Temporal.Instant): Promise<PublicIncident[]> => {
  const from = now.subtract({ hours: HISTORY_DAYS * 24 })
  const everybodys = (await listIncidents(db, { from }, INCIDENTS_MAX)).filter(
    ({ partnerIds }) => partnerIds.length === 0,
  )
  const known = new Set<string>(everybodys.map(({ id }) => id))
  const others = await Promise.all(
    (await store.incidentsTold(db, from))
      .filter((id) => !known.has(id))
      .map((id) => findIncident(db, IncidentId.parse(id))),
  )
  const incidents = [...everybodys, ...others.filter((one) => one !== undefined)]
  const said = Map.groupBy(
    await store.bulletins(
      db,
      incidents.map(({ id }) => id),
    ),
    (bulletin) => bulletin.incidentId,
  )
  return incidents
    .map((incident) => told(incident, said.get(incident.id) ?? []))
    .toSorted((a, b) => Temporal.Instant.compare(b.beganAt, a.beganAt))
}

/** That it was opened and is over is said even where nobody wrote a word; who was touched, and by whom it was written, never. */
export const told = (incident: Incident, bulletins: readonly Bulletin[]): PublicIncident => {
  const { id, title, severity, cell, beganAt, openedAt, endedAt } = incident
  const updates: PublicIncident['updates'] = [
    { id: `${id}-opened`, state: 'investigating', text: null, at: openedAt },
    ...bulletins.map((b) => ({
      id: b.id,
      state: b.state,
      text: b.said,
      words: b.words,
      at: b.publishedAt,
    })),
  ]
  if (endedAt && !bulletins.some(({ state }) => state === 'resolved'))
    updates.push({ id: `${id}-ended`, state: 'resolved', text: null, at: endedAt })
  return {
    id,
    title,
    titles: bulletins.reduce<Words>((named, b) => ({ ...named, ...b.titles }), {}),
    severity,
    cell,
    beganAt,
    openedAt,
    endedAt,
    parts: [...new Set(bulletins.flatMap(({ parts }) => parts))].toSorted(),
    updates: updates.toSorted((a, b) => Temporal.Instant.compare(a.at, b.at)),
  }
}

export const statusFacts = async (
  db: Db,
  parts: readonly Offered[],
  { now, zone, at }: { now: Temporal.Instant; zone: string; at: Temporal.Instant },
): Promise<StatusFacts> => {
  const since = now
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .subtract({ days: HISTORY_DAYS - 1 })
  const minutes = await store.recentMinutes(db, now.subtract({ minutes: RECENT_MINUTES }))
  const days = await store.days(db, since)
  const key = ({ cell, part }: { cell: Cell; part: string }) => `${cell} ${part}`
  const minutesBy = Map.groupBy(minutes, key)
  const daysBy = Map.groupBy(days, key)
  const span = {
    from: now.subtract({ hours: HISTORY_DAYS * 24 }),
    to: now.add({ hours: 366 * 24 }),
  }
  return {
    format: 'portico.status/1',
    at,
    components: parts.map((offered): Component => ({
      ...offered,
      since: since.toZonedDateTime(zone).toInstant(),
      recent: (minutesBy.get(key(offered)) ?? []).map(({ minute, good, total }) => ({
        minute,
        good,
        total,
      })),
      days: (daysBy.get(key(offered)) ?? []).map(({ day, known, good, down, planned }) => ({
        day,
        known,
        good,
        down,
        planned,
      })),
    })),
    incidents: await publicIncidents(db, now),
    maintenance: (await maintenanceIn(db, undefined, span)).map(({ product, ...work }) => ({
      ...work,
      part: product,
    })),
  }
}
