import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'
import { StaffId } from '#control/staff/index.ts'
import { declineFrom, type Downgrade, stepAt } from '../decline.ts'
import { type Matrix, StepName } from '../matrix.ts'

export const RecertificationId = idOf('recertification')
export type RecertificationId = z.output<typeof RecertificationId>

/** What is looked at again when a year is over; the other occasions are the matrix's events. */
export const YEARLY = 'yearly'

/** A partner's statuses, looked at again: confirmed by two people, or taken back by one; unanswered they decline. */
export const Recertification = z.object({
  id: RecertificationId,
  partnerId: PartnerId,
  occasion: z.string().describe('`yearly`, or what happened, in the words of the licence matrix'),
  reason: z.string().nullable(),
  /** Who of compliance answers for it; null while nobody took it. */
  owner: StaffId.nullable(),
  openedBy: z.string(),
  openedAt: z.instanceof(Temporal.Instant),
  dueAt: z.instanceof(Temporal.Instant),
  state: z.enum(['open', 'confirmed', 'revoked']),
  decidedAt: z.instanceof(Temporal.Instant).nullable(),
  changeId: z.string().nullable(),
})
export type Recertification = z.output<typeof Recertification>

/** On the wire. */
export const RecertificationView = Recertification.extend({
  openedAt: Instant,
  dueAt: Instant,
  decidedAt: Instant.nullable(),
  /** What is lost by now and next; null once it is answered. */
  standing: z
    .object({
      step: StepName,
      next: z.object({ step: StepName.exclude(['warned']), at: Instant }).nullable(),
    })
    .nullable(),
})
export type RecertificationView = z.output<typeof RecertificationView>

export const recertificationNotFound = problem(
  'licences/recertification-not-found',
  404,
  'No such recertification',
)
export const recertificationClosed = problem(
  'licences/recertification-closed',
  409,
  'The recertification was answered',
)
export const recertificationPending = problem(
  'licences/recertification-pending',
  409,
  'This partner is being certified again already',
)
export const recertificationUnfit = problem(
  'licences/recertification-unfit',
  422,
  'The partner cannot be certified again so',
)

const DAY_HOURS = 24
const days = (n: number) => ({ hours: n * DAY_HOURS })

/** How long before its day a recertification is opened: with the first notice. */
export const leadOf = (matrix: Matrix): number => Math.max(...matrix.recertification.noticeDays)

/**
 * When the next one is due: a whole interval after the last answer, or after the partner was first held as anything. One
 * that nobody was told of in time is due no sooner than the first notice lets.
 */
export const nextDue = (
  matrix: Matrix,
  since: Temporal.Instant,
  now: Temporal.Instant,
): Temporal.Instant => {
  const whole = since
    .toZonedDateTimeISO('UTC')
    .add(Temporal.Duration.from(matrix.recertification.full))
    .toInstant()
  const soonest = now.add(days(leadOf(matrix)))
  return isBefore(whole, soonest) ? soonest : whole
}

/** Whether it is time to open the one that is due then. */
export const isTime = (matrix: Matrix, due: Temporal.Instant, now: Temporal.Instant): boolean =>
  !isBefore(now, due.subtract(days(leadOf(matrix))))

export type Standing = 'warned' | Downgrade

/** What is lost by now of an open one, and the step that comes next. */
export const standingOf = (
  matrix: Matrix,
  { dueAt }: Pick<Recertification, 'dueAt'>,
  now: Temporal.Instant,
): { step: Standing; next: { step: Downgrade; at: Temporal.Instant } | null } => {
  const decline = declineFrom(matrix, dueAt)
  const next = (['no-new-consents', 'read-only', 'suspended'] as const).find((step) =>
    isBefore(now, decline[step]),
  )
  return {
    step: stepAt(decline, now) ?? 'warned',
    next: next ? { step: next, at: decline[next] } : null,
  }
}

/** The last word that is due about it: the nearest of the days before its own, or the step that was taken. */
export const wordOf = (
  matrix: Matrix,
  recertification: Pick<Recertification, 'dueAt'>,
  now: Temporal.Instant,
): string | undefined => {
  const { step } = standingOf(matrix, recertification, now)
  if (step !== 'warned') return step
  const near = matrix.recertification.noticeDays
    .toSorted((a, b) => a - b)
    .find((n) => !isBefore(now, recertification.dueAt.subtract(days(n))))
  return near === undefined ? undefined : `${near} days`
}

/** What stops a partner at once, whatever it holds: it is no occasion to look again some day. */
const stopsAtOnce = ({ recertification }: Matrix, occasion: string): boolean =>
  recertification.immediate.some((i) => i.event === occasion && i.evidence === undefined)

/** What a partner may be looked at again for. */
export const occasionsOf = (matrix: Matrix): string[] =>
  matrix.recertification.events.filter((event) => !stopsAtOnce(matrix, event))

/** Nobody is certified again by an event that the policy does not name, nor on a day that leaves no time, or too much. */
export const checkAsked = (
  matrix: Matrix,
  { occasion, dueAt }: Pick<Recertification, 'occasion' | 'dueAt'>,
  now: Temporal.Instant,
): void => {
  if (stopsAtOnce(matrix, occasion))
    throw recertificationUnfit(`${occasion} stops a partner at once: suspend it`)
  const occasions = occasionsOf(matrix)
  if (!occasions.includes(occasion))
    throw recertificationUnfit(`${occasion}: the matrix knows ${occasions.join(', ')}`)
  const latest = now.add(days(leadOf(matrix)))
  if (!isBefore(now.add(days(1)), dueAt) || isBefore(latest, dueAt))
    throw recertificationUnfit(`its day is between a day and ${leadOf(matrix)} days from now`)
}
