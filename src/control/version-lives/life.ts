/** How a version ends: deprecated, sunset, retired; each in the time that every contract promises. Pure. */
import { z } from 'zod'
import { BROWNOUTS_MAX } from '#gateway/snapshot.ts'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Instant, isBefore } from '#kernel/time.ts'

export const BrownoutId = idOf('brownout')
export const ComingId = idOf('coming')

export const versionNotFound = problem('versions/not-found', 404, 'No such version')
export const versionNewest = problem('versions/newest', 409, 'The newest version does not end')
export const versionEnding = problem('versions/ending', 409, 'The version is ending already')
export const versionAlive = problem('versions/alive', 409, 'The version is not ending')
export const versionNeeded = problem('versions/needed', 409, 'Somebody was promised this version')
export const brownoutRefused = problem('versions/brownout-refused', 422, 'No such hours')
export const extensionRefused = problem('versions/extension-refused', 422, 'No such time')
export const betaRefused = problem('versions/beta-refused', 409, 'The beta stays as it is')
export const comingNotFound = problem('versions/coming-not-found', 404, 'No such announcement')
export const comingCarriedOut = problem(
  'versions/coming-carried-out',
  409,
  'What was announced has happened',
)
export const readingRefused = problem(
  'versions/reading-refused',
  422,
  'The application reads no such fields',
)
export const pinRefused = problem('versions/pin-refused', 409, 'The application stays as it is')

const Moment = z.instanceof(Temporal.Instant)

export const Life = z.object({
  version: z.string(),
  deprecatedAt: Moment,
  sunsetAt: Moment,
  retiredAt: Moment.nullable(),
  retiredWhy: z.string().nullable(),
})
export type Life = z.output<typeof Life>

export const Brownout = z.object({
  id: BrownoutId,
  version: z.string(),
  cell: Cell,
  startsAt: Moment,
  endsAt: Moment,
  paymentsOf: z.array(z.string()),
})
export type Brownout = z.output<typeof Brownout>

export const Extension = z.object({
  partnerId: z.string(),
  version: z.string(),
  until: Moment,
  reason: z.string(),
})
export type Extension = z.output<typeof Extension>

/** What two people decide about: more time for one partner, and hours of refusal. */
export const ExtensionAfter = z.object({ partnerId: z.string(), until: Instant })
export const BrownoutAfter = z.object({
  cell: Cell,
  startsAt: Instant,
  endsAt: Instant,
  paymentsOf: z.array(z.string()),
})

export const stages = ['beta', 'alive', 'deprecated', 'sunset', 'retired'] as const
export type Stage = (typeof stages)[number]

export const stageOf = (life: Life | undefined, now: Temporal.Instant): Stage => {
  if (!life) return 'alive'
  if (life.retiredAt) return 'retired'
  return isBefore(now, life.sunsetAt) ? 'deprecated' : 'sunset'
}

/** A stable version is served for a year after its end was announced, whatever a contract says. */
export const NOTICE_MONTHS = 12

/** Who tries a version is told so long before it changes under them. */
const TRIAL_DAYS = 90

export const earliestInTrial = (now: Temporal.Instant): Temporal.Instant =>
  now
    .toZonedDateTimeISO('UTC')
    .toPlainDate()
    .add({ days: TRIAL_DAYS + 1 })
    .toZonedDateTime('UTC')
    .toInstant()

/**
 * The first day on which a version may end that is deprecated now: a year on, or as much as the longest notice of those
 * who stand on it. Whole days of UTC, so that a promise never falls short by hours.
 */
export const earliestSunset = (
  now: Temporal.Instant,
  noticeMonths: readonly number[],
): Temporal.Instant =>
  now
    .toZonedDateTimeISO('UTC')
    .add({ months: Math.max(NOTICE_MONTHS, ...noticeMonths) })
    .toPlainDate()
    .add({ days: 1 })
    .toZonedDateTime('UTC')
    .toInstant()

const QUIET_DAYS = 14

export interface Standing {
  /** Production's last call that spoke it. */
  readonly lastCallAt: Temporal.Instant | undefined
  /** Partners that stand on it and have not said that they know. */
  readonly unacknowledged: readonly string[]
  /** Until when it was promised to somebody for longer. */
  readonly extendedUntil: Temporal.Instant | undefined
}

export type Retirement =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      readonly why: 'not-deprecated' | 'retired' | 'sunset-ahead' | 'extended'
    }
  /** What two people may decide to do all the same, and say why. */
  | { readonly allowed: false; readonly why: 'still-used' | 'unacknowledged' }

/** Whether it may be refused to everybody from now on. */
export const mayRetire = (
  life: Life | undefined,
  { lastCallAt, unacknowledged, extendedUntil }: Standing,
  now: Temporal.Instant,
): Retirement => {
  if (!life) return { allowed: false, why: 'not-deprecated' }
  if (life.retiredAt) return { allowed: false, why: 'retired' }
  if (isBefore(now, life.sunsetAt)) return { allowed: false, why: 'sunset-ahead' }
  if (extendedUntil && isBefore(now, extendedUntil)) return { allowed: false, why: 'extended' }
  const quietSince = now.subtract({ hours: QUIET_DAYS * 24 })
  if (lastCallAt && isBefore(quietSince, lastCallAt)) return { allowed: false, why: 'still-used' }
  if (unacknowledged.length > 0) return { allowed: false, why: 'unacknowledged' }
  return { allowed: true }
}

const AHEAD_DAYS = { sandbox: 2, production: 14 } as const
const HOURS_MAX = 24
/** As many of one version as a cell is told of: one more would keep every later change from the gateways. */
const PLANNED_MAX = BROWNOUTS_MAX

/** Why these hours cannot be a brown-out; undefined: they can. */
export const brownoutFault = (
  asked: Omit<Brownout, 'id'>,
  life: Life,
  planned: readonly Brownout[],
  now: Temporal.Instant,
): string | undefined => {
  const { cell, startsAt, endsAt } = asked
  if (!isBefore(startsAt, endsAt)) return 'it ends before it begins'
  if (startsAt.until(endsAt).total('hours') > HOURS_MAX) return `it is longer than ${HOURS_MAX} h`
  const days = AHEAD_DAYS[cell]
  if (isBefore(startsAt, now.add({ hours: days * 24 })))
    return `in ${cell} it is announced ${days} days ahead`
  if (!isBefore(endsAt, life.sunsetAt)) return 'the version has ended by then'
  if (planned.filter((one) => one.cell === cell).length >= PLANNED_MAX)
    return `in ${cell} it has ${PLANNED_MAX} already`
  // What goes wrong shows first where nothing is real.
  const rehearsed = planned.some((one) => one.cell === 'sandbox' && isBefore(one.endsAt, startsAt))
  if (cell === 'production' && !rehearsed) return 'the sandbox comes first'
  return undefined
}
