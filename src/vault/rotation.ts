/** A rotation replaces every key of the vault while it works: key-encryption key, data keys, and what is sealed with them. */
import { z } from 'zod'

const Instant: z.ZodType<Temporal.Instant> = z.instanceof(Temporal.Instant)

export const Rotation = z.object({
  id: z.bigint(),
  begunAt: Instant,
  keyId: z.string().nullable(),
  finishedAt: Instant.nullable(),
})
export type Rotation = z.output<typeof Rotation>
