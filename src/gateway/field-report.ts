/** How often fields left a gateway, as it tells control: counts of answers, no values and no people. */
import { z } from 'zod'

const Count = z.int().positive()

export const FieldRow = z.strictObject({
  partnerId: z.string(),
  operation: z.string(),
  /** Answers that were released since the report before. */
  answers: Count,
  lastAt: z.iso.datetime(),
  /** Of these answers those in which a field left; a field that left in none is not here. */
  fields: z.array(z.strictObject({ pointer: z.string(), answers: Count })).max(512),
})
export type FieldRow = z.output<typeof FieldRow>

export const FieldBatch = z.strictObject({
  gateway: z.string(),
  boot: z.string(),
  /** One more with each batch of this boot: a batch that is told twice counts once. */
  seq: z.int().positive(),
  rows: z.array(FieldRow).min(1).max(500),
})
export type FieldBatch = z.output<typeof FieldBatch>

export const FieldReceipt = z.strictObject({ seq: z.int().nonnegative() })
