/** How things stand, judged from facts and the time. What is not known is `unknown`, and nothing else is ever read into it. */
import { type Component, type Day, isUnderWork, type StatusFacts } from './facts.ts'

/** The words of Statuspage, and the one that it lacks. */
export type State =
  | 'operational'
  | 'degraded_performance'
  | 'partial_outage'
  | 'major_outage'
  | 'under_maintenance'
  | 'unknown'

export interface Judged {
  readonly id: string
  readonly component: Component
  readonly state: State
}

export type Indicator = 'none' | 'minor' | 'major' | 'critical' | 'maintenance' | 'unknown'

export interface Standing {
  readonly facts: StatusFacts
  /** Nobody has looked for longer than the page may speak of now. */
  readonly stale: boolean
  readonly ageMs: number
  readonly judged: readonly Judged[]
  readonly indicator: Indicator
}

/** A minute that is further back says nothing of now. */
const RECENT_MS = 15 * 60_000
/** Judged together, so that one call in vain is no outage and a recovery is seen soon. */
const MINUTES_TOGETHER = 3
/** Facts from so far ahead come from a wrong clock, and nobody knows whose. */
const AHEAD_MS = 60_000

/** Parts through which every product of a cell is reached. */
const DOOR = 'gateway'

const severities: readonly State[] = [
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
]
const worse = (a: State, b: State): State =>
  severities.indexOf(a) >= severities.indexOf(b) ? a : b

const byIncident = {
  minor: 'degraded_performance',
  significant: 'partial_outage',
  major: 'major_outage',
} as const

/** What was measured a moment ago, and nothing else. */
const measured = ({ recent }: Component, now: Temporal.Instant): State => {
  const fresh = recent.filter(
    ({ minute, total }) =>
      total > 0 && now.epochMilliseconds - minute.epochMilliseconds <= RECENT_MS,
  )
  const last = fresh.slice(-MINUTES_TOGETHER)
  const total = last.reduce((sum, m) => sum + m.total, 0)
  const bad = total - last.reduce((sum, m) => sum + m.good, 0)
  if (total === 0) return 'unknown'
  if (bad * 10 >= total * 9) return 'major_outage'
  if (bad * 10 >= total * 4) return 'partial_outage'
  return bad * 20 >= total ? 'degraded_performance' : 'operational'
}

const idOf = ({ cell, part }: Component) => `${cell}-${part}`

/** What an incident that is not over says of a part that it names. */
const told = ({ incidents }: StatusFacts, { cell, part }: Component): State | undefined =>
  incidents
    .filter((i) => i.endedAt === null && i.cell === cell && i.parts.includes(part))
    .map((i): State => byIncident[i.severity])
    .reduce<State | undefined>((worst, state) => (worst ? worse(worst, state) : state), undefined)

const stateOf = (
  facts: StatusFacts,
  component: Component,
  { now, doors }: { now: Temporal.Instant; doors: ReadonlyMap<string, State> },
): State => {
  if (isUnderWork(facts, component, now)) return 'under_maintenance'
  const incident = told(facts, component)
  const own = measured(component, now)
  // Behind a door that is shut nothing is reached, whatever was measured before it closed.
  const shut: State | undefined =
    doors.get(component.cell) === 'major_outage' ? 'major_outage' : undefined
  const known: State[] = [own === 'unknown' ? undefined : own, incident, shut].filter(
    (s) => s !== undefined,
  )
  const [first, ...rest] = known
  return first === undefined ? 'unknown' : rest.reduce(worse, first)
}

/** Judges facts at a moment. `staleMs`: older ones speak of the past alone. */
export const judge = (facts: StatusFacts, now: Temporal.Instant, staleMs: number): Standing => {
  const ageMs = now.epochMilliseconds - facts.at.epochMilliseconds
  const stale = ageMs > staleMs || ageMs < -AHEAD_MS
  const doors = new Map(
    facts.components
      .filter(({ part }) => part === DOOR)
      .map((door) => [door.cell, measured(door, now)]),
  )
  const judged = facts.components.map((component) => ({
    id: idOf(component),
    component,
    state: stale ? ('unknown' as const) : stateOf(facts, component, { now, doors }),
  }))
  return { facts, stale, ageMs, judged, indicator: stale ? 'unknown' : indicatorOf(facts, judged) }
}

/** Production decides; what ails the sandbox is never more than minor. */
const indicatorOf = (facts: StatusFacts, judged: readonly Judged[]): Indicator => {
  const states = (cell: string) =>
    judged.filter(({ component }) => component.cell === cell).map(({ state }) => state)
  const production = states('production')
  const open = facts.incidents.filter((i) => i.endedAt === null)
  const gravest = (severity: string, cells: readonly (string | null)[]) =>
    open.some((i) => i.severity === severity && cells.includes(i.cell))
  const ours = ['production', null]
  if (production.includes('major_outage') || gravest('major', ours)) return 'critical'
  if (production.includes('partial_outage') || gravest('significant', ours)) return 'major'
  const ill = (state: State) => severities.indexOf(state) > 0
  if (open.length > 0 || production.some(ill) || states('sandbox').some(ill)) return 'minor'
  if (production.includes('under_maintenance')) return 'maintenance'
  return production.some((state) => state === 'operational') ? 'none' : 'unknown'
}

/** A day in a strip of ninety. */
export type DayLevel = 'good' | 'partly' | 'down' | 'planned' | 'unknown'

/** So many minutes of a day make it one on which it was down. */
const DOWN_MINUTES = 15

export const levelOf = (day: Day | undefined): DayLevel => {
  if (!day || (day.known === 0 && day.planned === 0)) return 'unknown'
  if (day.down >= DOWN_MINUTES) return 'down'
  if (day.good < day.known) return 'partly'
  return day.planned > 0 ? 'planned' : 'good'
}

/** Good minutes of all known, in per cent, cut and not rounded; undefined where nothing is known. */
export const reached = (days: readonly Day[]): string | undefined => {
  const known = days.reduce((sum, d) => sum + d.known, 0)
  if (known === 0) return undefined
  const hundredths = Math.floor((days.reduce((sum, d) => sum + d.good, 0) * 10_000) / known)
  return (hundredths / 100).toFixed(2)
}
