import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'

export const WindDownId = idOf('wind-down')
export type WindDownId = z.output<typeof WindDownId>

const When = z.instanceof(Temporal.Instant)

/** How a partner leaves: no new customer from the first day, each further step by its own. */
export const WindDown = z.object({
  id: WindDownId,
  partnerId: PartnerId,
  reason: z.string(),
  /** Who serves its customers from then on, as they are told. */
  successor: z.string().nullable(),
  tellBy: When,
  exportBy: When,
  /** Production ends by itself at this instant. */
  endsAt: When,
  changeId: z.string(),
  begunAt: When,
  toldAt: When.nullable(),
  exportedAt: When.nullable(),
  endedAt: When.nullable(),
})
export type WindDown = z.output<typeof WindDown>

export const windDownNotFound = problem('wind-downs/not-found', 404, 'This partner is not leaving')
export const windDownAlready = problem('wind-downs/already', 409, 'The partner is leaving already')
export const windDownStep = problem(
  'wind-downs/wrong-step',
  409,
  'Customers are told before their data is handed over',
)
export const windDownDates = problem(
  'wind-downs/dates',
  422,
  'Customers are told first, data is handed over then, the end comes last, and all of it lies ahead',
)

export const checkDates = (
  { tellBy, exportBy, endsAt }: Pick<WindDown, 'tellBy' | 'exportBy' | 'endsAt'>,
  now: Temporal.Instant,
): void => {
  if (isBefore(tellBy, now)) throw windDownDates(`${tellBy.toString()} is over`)
  if (isBefore(exportBy, tellBy) || isBefore(endsAt, exportBy))
    throw windDownDates(`${tellBy.toString()}, ${exportBy.toString()}, ${endsAt.toString()}`)
}

export type Step = 'frozen' | 'told' | 'exported' | 'ended'

/** The steps in their order: taken, still open, or late. */
export const stepsOf = (
  plan: WindDown,
  now: Temporal.Instant,
): { step: Step; by: Temporal.Instant; doneAt: Temporal.Instant | null; late: boolean }[] =>
  (
    [
      ['frozen', plan.begunAt, plan.begunAt],
      ['told', plan.tellBy, plan.toldAt],
      ['exported', plan.exportBy, plan.exportedAt],
      ['ended', plan.endsAt, plan.endedAt],
    ] as const
  ).map(([step, by, doneAt]) => ({
    step,
    by,
    doneAt,
    late: doneAt === null && isBefore(by, now),
  }))
