/** What a partner may say about its own worlds, and what it is told. Pure. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { amountOf, Money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import { Instant } from '#kernel/time.ts'
import type { TransferOutcome } from '../cores/core.ts'
import type { Snapshot, Weather, World } from '../cores/worlds.ts'
import { PairName } from '../fx/index.ts'
import { VerificationId } from '../kyc/index.ts'

export const WorldId = idOf('world')
export type WorldId = z.output<typeof WorldId>
export const SnapshotId = idOf('snapshot')
export type SnapshotId = z.output<typeof SnapshotId>

export const nameTaken = problem('sandbox/name-taken', 409, 'A world of yours is called so already')
export const full = problem('sandbox/full', 409, 'There are as many as there may be')
export const worldInUse = problem('sandbox/world-in-use', 409, 'The world is in use')
export const worldNeeded = problem('sandbox/world-needed', 409, 'It needs a world of your own')
export const clockRefused = problem('sandbox/clock-refused', 409, 'The clock does not go there')

export const WorldRequest = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not a name such as salary-day'),
  copyOf: WorldId.optional(),
})
export const WorldChoice = z.strictObject({ worldId: WorldId.nullable() })

/** So far a clock goes in one turn, and in all. */
export const TURN_DAYS_MAX = 366
export const AHEAD_DAYS_MAX = 3_660

const Duration = z
  .string()
  .regex(
    /^P(?!$)(\d{1,4}D)?(T(?=\d)(\d{1,4}H)?(\d{1,5}M)?(\d{1,7}S)?)?$/,
    'is not a duration such as P30D',
  )
  .transform((text) => Temporal.Duration.from(text))
/** By so much, or to a moment of the world's own time. */
export const ClockTurn = z.union([
  z.strictObject({ advanceBy: Duration }),
  z.strictObject({ advanceTo: Instant }),
])
export type ClockTurn = z.output<typeof ClockTurn>

/** Where a turn ends, or why the clock does not go there. */
export const turnedTo = (
  turn: ClockTurn,
  { real, here }: { real: Temporal.Instant; here: Temporal.Instant },
): Temporal.Instant => {
  const to =
    'advanceTo' in turn
      ? turn.advanceTo
      : here.add({ seconds: turn.advanceBy.total({ unit: 'seconds', relativeTo: '2026-01-01' }) })
  const days = (from: Temporal.Instant) => from.until(to).total('hours') / 24
  if (days(here) <= 0)
    throw clockRefused('it goes forward only', {
      hint: 'Reset the world, or restore a snapshot, to go back.',
    })
  if (days(here) > TURN_DAYS_MAX) throw clockRefused(`it goes ${TURN_DAYS_MAX} days in one turn`)
  if (days(real) > AHEAD_DAYS_MAX)
    throw clockRefused(`it goes ${AHEAD_DAYS_MAX} days ahead of real time at most`)
  return to
}

export const clockJson = (world: World | undefined, real: Temporal.Instant) => {
  const aheadMs = world?.aheadMs ?? 0
  return {
    worldId: world?.id ?? null,
    now: real.add({ milliseconds: aheadMs }).toString(),
    realTime: real.toString(),
    aheadSeconds: Math.floor(aheadMs / 1_000),
    turningTo: world?.turningTo?.toString() ?? null,
  }
}

const Text = z.string().min(1).max(140)
export const MovementRequest = z.strictObject({
  accountId: z.string().regex(/^acc_[0-9a-f]{32}$/, 'is not an accountId'),
  amount: Money.refine(({ minor }) => minor > 0n, 'is not above zero'),
  counterparty: Text,
  text: Text,
})
export type MovementRequest = z.output<typeof MovementRequest>

/** Plays of the core's own scenarios, by the words of this document. */
const plays = {
  OUTAGE: 'core_outage',
  CLOSED: 'core_closed',
  BUSY: 'core_busy',
  UNCLEAR: 'timeout_then_success',
  SLOW: 'latency',
  SANCTIONS_HOLD: 'sanctions_hold',
  RETURNED: 'accepted_then_returned',
  CUT_OFF: 'scheme_cut_off',
} as const
const coreConditions = [
  'OUTAGE',
  'CLOSED',
  'BUSY',
  'UNCLEAR',
  'SLOW',
  'SANCTIONS_HOLD',
  'RETURNED',
  'CUT_OFF',
] as const
export const ConditionRequest = z.strictObject({
  condition: z.enum(coreConditions),
  seconds: z.int().min(0).max(600),
  delayMilliseconds: z.int().min(0).max(10_000).default(0),
})
export type ConditionRequest = z.output<typeof ConditionRequest>

export const weatherOf = (asked: ConditionRequest, now: Temporal.Instant): Weather => ({
  play: plays[asked.condition],
  delayMs: asked.delayMilliseconds,
  until: now.add({ seconds: asked.seconds }),
})

export const conditionJson = ({ condition }: ConditionRequest, weather: Weather) => ({
  condition,
  delayMilliseconds: weather.delayMs,
  until: weather.until.toString(),
})

/** Refusals of the entrance, by the words of this document (`place.ts`). */
const refusals = {
  CERTIFICATE_EXPIRED: 'certificate_expired',
  LIMIT_REACHED: 'limit_reached',
} as const
export const EntranceConditionRequest = z.strictObject({
  condition: z.enum(['CERTIFICATE_EXPIRED', 'LIMIT_REACHED']),
  seconds: z.int().min(0).max(600),
})
export type EntranceConditionRequest = z.output<typeof EntranceConditionRequest>

export const refusalOf = (asked: EntranceConditionRequest, now: Temporal.Instant): Weather => ({
  play: refusals[asked.condition],
  delayMs: 0,
  until: now.add({ seconds: asked.seconds }),
})

/** By ten-thousandths of a per cent, which are millionths. */
const Percent = z.string().regex(/^-?\d{1,2}(\.\d{1,4})?$/, 'is not a percentage such as -3.5')
export const RateMoveRequest = z
  .strictObject({ pair: PairName, percent: Percent })
  .transform((move) => ({ ...move, ppm: Math.round(Number(move.percent) * 10_000) }))
  .refine(({ ppm }) => Math.abs(ppm) <= 500_000, {
    error: 'is more than 50 to either side',
    path: ['percent'],
  })
export type RateMoveRequest = z.output<typeof RateMoveRequest>

const identityWords = {
  CONFIRMED: 'confirmed',
  CONTRADICTED: 'contradicted',
  UNCLEAR: 'unclear',
} as const
const screeningWords = { CLEAR: 'clear', REVIEW: 'review', UNAVAILABLE: 'unavailable' } as const
export const VerificationResultRequest = z
  .strictObject({
    verificationId: VerificationId,
    identity: z.enum(['CONFIRMED', 'CONTRADICTED', 'UNCLEAR']),
    screening: z.enum(['CLEAR', 'REVIEW', 'UNAVAILABLE']).default('CLEAR'),
  })
  .transform(({ verificationId, identity, screening }) => ({
    verificationId,
    finding: { identity: identityWords[identity], screening: screeningWords[screening] },
  }))
export type VerificationResultRequest = z.output<typeof VerificationResultRequest>

export const WebhookSimulation = z.strictObject({
  kind: z.enum(['STORM', 'DUPLICATE', 'REORDER']),
  count: z.int().min(1).max(1_000),
  type: z
    .string()
    .regex(/^[a-z-]{1,40}\.[a-z-]{1,60}$/, 'is no type of event')
    .optional(),
})
export type WebhookSimulation = z.output<typeof WebhookSimulation>

export const ConsentDecisionRequest = z.strictObject({
  requestUri: z
    .string()
    .regex(/^urn:ietf:params:oauth:request_uri:[\w.~-]{1,200}$/, 'is not a request_uri'),
  login: z.string().min(1).max(64),
  password: z.string().min(1).max(128),
  decision: z.enum(['APPROVE', 'DENY', 'LEAVE']),
  accounts: z.enum(['FIRST', 'ALL']).default('ALL'),
})
export type ConsentDecisionRequest = z.output<typeof ConsentDecisionRequest>

export const worldJson = ({ id, name, inUse, createdAt, usedAt }: World) => ({
  worldId: id,
  name,
  inUse,
  createdAt: createdAt.toString(),
  usedAt: usedAt.toString(),
})

export const snapshotJson = ({ id, worldId, takenAt }: Snapshot) => ({
  snapshotId: id,
  worldId,
  takenAt: takenAt.toString(),
})

export const movementJson = ({ accountId, amount }: MovementRequest, outcome: TransferOutcome) => ({
  status: outcome.status === 'rejected' ? 'REJECTED' : 'BOOKED',
  ...(outcome.status === 'rejected' && { statusReason: outcome.reasonCode }),
  accountId,
  amount: { amount: amountOf(amount), currency: amount.currency },
})
