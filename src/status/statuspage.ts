/** The shape in which monitors read a status: Statuspage's API, version 2. */
import type { Component, Maintenance, PublicIncident } from './facts.ts'
import { type Indicator, type Judged, type Standing } from './judging.ts'
import { componentName, reasonOf, textOf, titleOf } from './naming.ts'

/** Who speaks, and where. */
export interface Page {
  readonly bank: string
  /** IANA zone of the bank's days. */
  readonly zone: string
  /** Without a slash at its end. */
  readonly url: string
}

const descriptions: Readonly<Record<Indicator, string>> = {
  none: 'All Systems Operational',
  minor: 'Minor Service Outage',
  major: 'Partial System Outage',
  critical: 'Major Service Outage',
  maintenance: 'Service Under Maintenance',
  unknown: 'Not known',
}

const impacts = { minor: 'minor', significant: 'major', major: 'critical' } as const

const PAGE_ID = 'portico'
const groupId = (cell: string) => `group-${cell}`
const text = (at: Temporal.Instant) => at.toString({ smallestUnit: 'millisecond' })

/** What is not known has no word in Statuspage: it is left out, and named beside it. */
const known = (standing: Standing) => standing.judged.filter(({ state }) => state !== 'unknown')

const description = ({ indicator, judged }: Standing): string =>
  indicator === 'none' && judged.some(({ state }) => state === 'unknown')
    ? 'All Measured Systems Operational'
    : descriptions[indicator]

const page = ({ bank, zone, url }: Page, { facts }: Standing) => ({
  id: PAGE_ID,
  name: `${bank} partner API`,
  url,
  time_zone: zone,
  updated_at: text(facts.at),
})

const status = (standing: Standing) => ({
  indicator: standing.indicator,
  description: description(standing),
})

/** Beside Statuspage's own members: what it has no word for. */
const beyond = ({ facts, stale, ageMs, judged }: Standing) => ({
  measured_at: text(facts.at),
  age_seconds: Math.max(0, Math.round(ageMs / 1000)),
  stale,
  unknown_components: judged.filter(({ state }) => state === 'unknown').map(({ id }) => id),
})

const componentView = ({ id, component, state }: Judged, position: number, at: string) => ({
  id,
  name: componentName('en', component),
  status: state,
  created_at: text(component.since),
  updated_at: at,
  position,
  description: null,
  showcase: true,
  start_date: null,
  group_id: groupId(component.cell),
  page_id: PAGE_ID,
  group: false,
  only_show_if_degraded: false,
})

const worst = [
  'operational',
  'under_maintenance',
  'degraded_performance',
  'partial_outage',
  'major_outage',
]

const groupView = (cell: Component['cell'], of: readonly Judged[], at: string) => ({
  id: groupId(cell),
  name: cell === 'production' ? 'Production' : 'Sandbox',
  status: worst[Math.max(...of.map(({ state }) => worst.indexOf(state)))] ?? 'operational',
  created_at: text(of[0]?.component.since ?? Temporal.Instant.fromEpochMilliseconds(0)),
  updated_at: at,
  position: cell === 'production' ? 1 : 2,
  description: null,
  showcase: false,
  start_date: null,
  group_id: null,
  page_id: PAGE_ID,
  group: true,
  only_show_if_degraded: false,
  components: of.map(({ id }) => id),
})

const componentViews = (standing: Standing) => {
  const at = text(standing.facts.at)
  return (['production', 'sandbox'] as const).flatMap((cell) => {
    const of = known(standing).filter(({ component }) => component.cell === cell)
    if (of.length === 0) return []
    return [groupView(cell, of, at), ...of.map((one, i) => componentView(one, i + 1, at))]
  })
}

const touched = (standing: Standing, cell: string | null, parts: readonly string[]) =>
  standing.judged.filter(
    ({ component }) => component.cell === cell && parts.includes(component.part),
  )

const idsOf = (of: readonly Judged[], standing: Standing) =>
  of.map((one, i) => componentView(one, i + 1, text(standing.facts.at)))

const incidentView = (incident: PublicIncident, standing: Standing, { url }: Page) => {
  const { id, endedAt, beganAt, openedAt, updates } = incident
  const last = updates.at(-1)
  const link = `${url}/incidents/${id}`
  return {
    id,
    name: titleOf('en', incident),
    status: endedAt ? 'resolved' : (last?.state ?? 'investigating'),
    created_at: text(openedAt),
    updated_at: text(last?.at ?? openedAt),
    monitoring_at: at(updates.find(({ state }) => state === 'monitoring')?.at),
    resolved_at: at(endedAt),
    impact: impacts[incident.severity],
    shortlink: link,
    started_at: text(beganAt),
    page_id: PAGE_ID,
    incident_updates: updates.toReversed().map((update) => ({
      id: update.id,
      status: update.state,
      body: textOf('en', update) ?? said[update.state],
      incident_id: id,
      created_at: text(update.at),
      updated_at: text(update.at),
      display_at: text(update.at),
      affected_components: null,
      deliver_notifications: true,
    })),
    components: idsOf(touched(standing, incident.cell, incident.parts), standing),
  }
}
const at = (instant: Temporal.Instant | null | undefined) => (instant ? text(instant) : null)

const said = {
  investigating: 'We have put this incident on record and are looking into it.',
  identified: 'The cause is known.',
  monitoring: 'It is mended, and watched.',
  resolved: 'The incident is over.',
} as const

export const workState = (
  { startsAt, endsAt }: Maintenance,
  now: Temporal.Instant,
): 'scheduled' | 'in_progress' | 'completed' => {
  if (Temporal.Instant.compare(now, startsAt) < 0) return 'scheduled'
  return Temporal.Instant.compare(now, endsAt) < 0 ? 'in_progress' : 'completed'
}

const maintenanceView = (
  work: Maintenance,
  standing: Standing,
  { url }: Page,
  now: Temporal.Instant,
) => {
  const state = workState(work, now)
  const touches = touched(standing, 'production', [work.part])
  const name = componentName('en', touches[0]?.component ?? { part: work.part, title: null })
  return {
    id: work.id,
    name: `Planned work: ${name}`,
    status: state,
    created_at: text(work.announcedAt),
    updated_at: text(work.announcedAt),
    monitoring_at: null,
    resolved_at: state === 'completed' ? text(work.endsAt) : null,
    impact: 'maintenance',
    shortlink: `${url}/#planned`,
    started_at: text(work.startsAt),
    page_id: PAGE_ID,
    incident_updates: [
      {
        id: `${work.id}-announced`,
        status: 'scheduled',
        body: reasonOf('en', work),
        incident_id: work.id,
        created_at: text(work.announcedAt),
        updated_at: text(work.announcedAt),
        display_at: text(work.announcedAt),
        affected_components: null,
        deliver_notifications: true,
      },
    ],
    components: idsOf(touches, standing),
    scheduled_for: text(work.startsAt),
    scheduled_until: text(work.endsAt),
  }
}

/** Statuspage lists fifty. */
const LISTED = 50

/** Every document of the API by the name of its file; undefined for another name. */
export const statuspage = (
  name: string,
  { page: own, standing, now }: { page: Page; standing: Standing; now: Temporal.Instant },
): object | undefined => {
  const { incidents, maintenance } = standing.facts
  const open = incidents.filter((incident) => incident.endedAt === null)
  const inState = (...states: readonly string[]) =>
    maintenance.filter((work) => states.includes(workState(work, now)))
  const asIncidents = (of: readonly PublicIncident[]) =>
    of.slice(0, LISTED).map((one) => incidentView(one, standing, own))
  const asWorks = (of: readonly Maintenance[]) =>
    of.slice(0, LISTED).map((one) => maintenanceView(one, standing, own, now))
  const head = { page: page(own, standing) }
  switch (name) {
    case 'summary':
      return {
        ...head,
        components: componentViews(standing),
        incidents: asIncidents(open),
        scheduled_maintenances: asWorks(inState('scheduled', 'in_progress')),
        status: status(standing),
        portico: beyond(standing),
      }
    case 'status':
      return { ...head, status: status(standing), portico: beyond(standing) }
    case 'components':
      return { ...head, components: componentViews(standing), portico: beyond(standing) }
    case 'incidents':
      return { ...head, incidents: asIncidents(incidents) }
    case 'incidents/unresolved':
      return { ...head, incidents: asIncidents(open) }
    case 'scheduled-maintenances':
      return { ...head, scheduled_maintenances: asWorks(maintenance.toReversed()) }
    case 'scheduled-maintenances/upcoming':
      return { ...head, scheduled_maintenances: asWorks(inState('scheduled')) }
    case 'scheduled-maintenances/active':
      return { ...head, scheduled_maintenances: asWorks(inState('in_progress')) }
    default:
      return undefined
  }
}

/** Documents that speak of now: from old facts they would lie. */
export const speaksOfNow = (name: string): boolean =>
  ['summary', 'status', 'components', 'incidents/unresolved'].includes(name)
