/** Where a partner wants to be told, and how that place is doing. Pure. */
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { namesEvents } from './catalogue.ts'

export const EndpointId = idOf('endpoint')
export type EndpointId = z.output<typeof EndpointId>

export const endpointNotFound = problem('webhooks/endpoint-not-found', 404, 'No such endpoint')
export const endpointsTooMany = problem(
  'webhooks/endpoints-too-many',
  409,
  'An application has no more endpoints',
)
export const endpointNotActive = problem(
  'webhooks/endpoint-not-active',
  409,
  'The endpoint is not in use',
)
export const challengeFailed = problem(
  'webhooks/challenge-failed',
  422,
  'The endpoint did not answer the challenge',
)

export const ENDPOINTS_MAX = 20

/** How long an address that was changed waits in a cell: where money is real, somebody must be able to notice. */
export const coolDownHoursOf = (cell: Cell): number => (cell === 'production' ? 24 : 0)

export const Scheme = z.enum(['v1a', 'v1'])
export type Scheme = z.output<typeof Scheme>

export const Subscription = z
  .string()
  .max(80)
  .refine(namesEvents, 'names no event; such as payments.settled, payments.* or *')

export const EndpointStatus = z.enum(['unproven', 'active', 'disabled', 'removed'])

/** How an endpoint is doing; all of it outlives the courier. */
export interface Health {
  /** In a row. */
  readonly failures: number
  /** How often the circuit has opened since the last success. */
  readonly openings: number
  readonly openUntil: Temporal.Instant | null
  readonly failingSince: Temporal.Instant | null
}

export const healthy: Health = { failures: 0, openings: 0, openUntil: null, failingSince: null }

const OPENS_AT = 5
const REST_SECONDS = 30
const REST_SECONDS_MAX = 900
const GIVEN_UP_AFTER = { hours: 120 }

/** Nothing is sent until then. */

export const isOpen = ({ openUntil }: Health, now: Temporal.Instant): boolean =>
  openUntil !== null && Temporal.Instant.compare(now, openUntil) < 0

/** The circuit was open: one delivery finds out whether it still must be. */
export const isProbing = (health: Health, now: Temporal.Instant): boolean =>
  health.openings > 0 && !isOpen(health, now)

export interface Failed {
  readonly health: Health
  /** The circuit opens for the first time since the last success: the partner is told at once. */
  readonly tells: boolean
  readonly givenUp: boolean
}

/** After a failure at `now`. A receiver that asks for time gets it, whether or not it fails often. */
export const failed = (
  before: Health,
  now: Temporal.Instant,
  asked: { throttled: boolean; waitSeconds: number },
): Failed => {
  const failures = before.failures + 1
  const failingSince = before.failingSince ?? now
  const opens = failures >= OPENS_AT && !isOpen(before, now)
  const openings = before.openings + (opens ? 1 : 0)
  const rest = opens ? Math.min(REST_SECONDS * 2 ** (openings - 1), REST_SECONDS_MAX) : 0
  const seconds = Math.max(rest, asked.throttled ? asked.waitSeconds : 0)
  const until = now.add({ seconds })
  const openUntil =
    before.openUntil !== null && Temporal.Instant.compare(before.openUntil, until) > 0
      ? before.openUntil
      : seconds > 0
        ? until
        : before.openUntil
  return {
    health: { failures, openings, openUntil, failingSince },
    tells: opens && before.openings === 0,
    givenUp: Temporal.Instant.compare(failingSince.add(GIVEN_UP_AFTER), now) <= 0,
  }
}
