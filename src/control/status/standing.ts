/** How things stand, by the status page's own rule, for those who read it in the console and in the portal. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import type { StatusFacts } from '../../status/facts.ts'
import { judge, levelOf, reached } from '../../status/judging.ts'
import { type openParts, statusFacts } from './facts.ts'
import * as store from './store.ts'

const State = z.enum([
  'operational',
  'degraded_performance',
  'partial_outage',
  'major_outage',
  'under_maintenance',
  'unknown',
])
const Level = z.enum(['good', 'partly', 'down', 'planned', 'unknown'])
export const DayLevelView = z.object({ day: z.iso.date(), level: Level })

export const ComponentView = z.object({
  cell: Cell,
  part: z.string(),
  /** Of a product that the bank brought, as its document says. */
  title: z.string().nullable(),
  state: State,
  /** Good minutes of all that are known of ninety days, in per cent; null where nothing is. */
  reached: z.string().nullable(),
  /** Days of which something is known, in order. */
  days: z.array(DayLevelView),
})
export type ComponentView = z.output<typeof ComponentView>

export const StandingView = z.object({
  at: Instant.nullable().describe('Up to when calls and looks were measured'),
  stale: z.boolean().describe('Measured too long ago to speak of now'),
  indicator: z.enum(['none', 'minor', 'major', 'critical', 'maintenance', 'unknown']),
  components: z.array(ComponentView),
})

export interface StandingOptions {
  readonly now: Temporal.Instant
  readonly zone: string
  readonly staleMs: number
}

/** Facts as the status page gets them, and what it makes of them at this moment. */
export const standing = async (
  db: Db,
  parts: ReturnType<typeof openParts>,
  { now, zone, staleMs }: StandingOptions,
): Promise<{ facts: StatusFacts; view: z.output<typeof StandingView> }> => {
  const at = await store.readUpTo(db)
  const facts = await statusFacts(db, await parts(db), {
    now,
    zone,
    at: at ?? Temporal.Instant.fromEpochMilliseconds(0),
  })
  const { stale, indicator, judged } = judge(facts, now, staleMs)
  return {
    facts,
    view: {
      at: at ?? null,
      stale,
      indicator,
      components: judged.map(({ component, state }) => ({
        cell: component.cell,
        part: component.part,
        title: component.title,
        state,
        reached: reached(component.days) ?? null,
        days: component.days.map((day) => ({ day: day.day, level: levelOf(day) })),
      })),
    },
  }
}
