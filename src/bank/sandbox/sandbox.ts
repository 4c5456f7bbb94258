/** What a partner may say about its own worlds, and what it is told. Pure. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { amountOf, Money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { TransferOutcome } from '../cores/core.ts'
import type { Snapshot, Weather, World } from '../cores/worlds.ts'

export const WorldId = idOf('world')
export type WorldId = z.output<typeof WorldId>
export const SnapshotId = idOf('snapshot')
export type SnapshotId = z.output<typeof SnapshotId>

export const nameTaken = problem('sandbox/name-taken', 409, 'A world of yours is called so already')
export const full = problem('sandbox/full', 409, 'There are as many as there may be')
export const worldInUse = problem('sandbox/world-in-use', 409, 'The world is in use')
export const worldNeeded = problem('sandbox/world-needed', 409, 'It needs a world of your own')

export const WorldRequest = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is not a name such as salary-day'),
  copyOf: WorldId.optional(),
})
export const WorldChoice = z.strictObject({ worldId: WorldId.nullable() })

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
} as const
export const ConditionRequest = z.strictObject({
  condition: z.enum(['OUTAGE', 'CLOSED', 'BUSY', 'UNCLEAR', 'SLOW']),
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
