/** A metered call as it travels from the gateway's spool to control. No body, no personal data. */
import { z } from 'zod'
import { FactText } from './field-facts.ts'

export const UsageRecord = z.strictObject({
  /** UUIDv7 minted at the edge (32 hex digits): unique for ever, with the time inside. */
  callId: z.string().regex(/^[0-9a-f]{32}$/),
  /** Gapless within (gateway, boot), from 1. */
  seq: z.number().int().positive(),
  occurredAt: z.string(),
  partnerId: z.string(),
  applicationId: z.string(),
  product: z.string(),
  operation: z.string(),
  /** The dated version that it spoke; absent where it was refused before that was known. */
  version: z.iso.date().optional(),
  contractId: z.string().nullable(),
  priceVersion: z.string().nullable(),
  consentId: z.string().nullable(),
  status: z.number().int(),
  /** Problem code of a refusal. */
  code: z.string().nullable(),
  /** 2xx and 3xx that were delivered and are no idempotent replay. */
  billable: z.boolean(),
  /**
   * The same for all calls that worked on one write under its Idempotency-Key: where the outcome of the first was lost, the
   * next brings it home, and both may have been delivered. Of those that are billable one is charged.
   */
  chargeId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  units: z.number().int().nonnegative(),
  latencyMs: z.number().nonnegative(),
  upstreamMs: z.number().nonnegative().nullable(),
  /** Epoch of the snapshot that decided, and the digest that the gateway had proven of it. */
  epoch: z.number().int(),
  snapshotSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** What it shows of how its application uses the operation and was not told today; never a value (field-facts.ts). */
  facts: z.array(FactText).max(1_000).optional(),
})
export type UsageRecord = z.output<typeof UsageRecord>

/**
 * A write on its way to the bank, in the gateway's own spool and nowhere else: what a record is made of where the process
 * ended before it could write one.
 */
export const UsageIntent = UsageRecord.omit({
  seq: true,
  status: true,
  code: true,
  billable: true,
  latencyMs: true,
  upstreamMs: true,
}).extend({
  /** Under which the bank and the store of claims know it. */
  idempotencyKey: z.string().nullable(),
})
export type UsageIntent = z.output<typeof UsageIntent>

export const UsageBatch = z.strictObject({
  gateway: z.string(),
  boot: z.string(),
  records: z.array(UsageRecord).min(1).max(1000),
})
export type UsageBatch = z.output<typeof UsageBatch>

/** Everything up to `seq` of this boot is durable at control; duplicates are success. */
export const UsageReceipt = z.strictObject({ seq: z.number().int().nonnegative() })
export type UsageReceipt = z.output<typeof UsageReceipt>
