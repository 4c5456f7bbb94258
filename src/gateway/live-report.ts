/** What happened in one second at a gateway, as it tells control: counts by partner, no call and no people. */
import { z } from 'zod'

/** Milliseconds; the last count is of all above. */
export const LIVE_BOUNDS = [
  1, 2, 3, 5, 8, 12, 20, 30, 50, 80, 120, 200, 300, 500, 800, 1_200, 2_000, 5_000, 10_000, 25_000,
] as const

const Count = z.int().nonnegative()
const Code = z.string().max(80)

/** A limit as the partner reads it in its last answer (draft-ietf-httpapi-ratelimit-headers-11): a hint. */
export const LiveLimit = z.strictObject({
  name: z.string().max(100),
  /** Calls that it allows in its window; null where the policy does not say. */
  quota: Count.nullable(),
  windowSeconds: Count.nullable(),
  remaining: Count,
  resetSeconds: Count,
})
export type LiveLimit = z.output<typeof LiveLimit>

export const LivePartner = z.strictObject({
  partnerId: z.string(),
  calls: Count.positive(),
  refusals: z.record(Code, Count).refine((r) => Object.keys(r).length <= 40, 'too many codes'),
  operations: z.record(z.string().max(100), Count),
  /** How long calls took, by LIVE_BOUNDS. */
  took: z.array(Count).length(LIVE_BOUNDS.length + 1),
  limits: z.array(LiveLimit).max(40),
})
export type LivePartner = z.output<typeof LivePartner>

export const LiveReport = z.strictObject({
  gateway: z.string(),
  /** The second that is told of: whole seconds since 1970. */
  second: Count,
  health: z.strictObject({
    ready: z.boolean(),
    degraded: z.boolean(),
    /** Codes of what is wrong; their words are for the bank, at the gateway's own socket. */
    reasons: z.array(Code).max(40),
  }),
  partners: z.array(LivePartner).max(500),
  /** Calls of partners for whom there was no room. */
  untold: Count,
})
export type LiveReport = z.output<typeof LiveReport>
