/** What a quarter came to, for all partners together: no figure in it is of one partner alone. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'

const Count = z.int().min(0)

export const Pack = z.strictObject({
  format: z.literal('portico.advisory-pack/1'),
  bank: z.string(),
  quarter: z.string(),
  /** In UTC; the second is exclusive. */
  from: z.string(),
  to: z.string(),
  /** Until when facts were counted, where the quarter was not over. */
  countedTo: z.string(),
  partners: z.strictObject({ registered: Count, joined: Count, live: Count }),
  usage: z.array(
    z.strictObject({
      product: z.string(),
      calls: Count,
      callsBefore: Count,
      /** In thousandths of a per cent of the calls: the bank's failures. */
      failedPpm: Count,
      p50Ms: z.number().nullable(),
      p95Ms: z.number().nullable(),
      p99Ms: z.number().nullable(),
    }),
  ),
  /** Promises that ruled in a month of the quarter, all partners together. */
  levels: z.array(z.strictObject({ product: z.string(), promises: Count, missed: Count })),
  incidents: z.array(
    z.strictObject({
      title: z.string(),
      severity: z.string(),
      cell: z.string().nullable(),
      beganAt: z.string(),
      endedAt: z.string().nullable(),
    }),
  ),
  /** Incidents that touched some partners only: they are told of to these. */
  otherIncidents: Count,
  deprecations: z.array(
    z.strictObject({ product: z.string(), operation: z.string(), summary: z.string() }),
  ),
  versions: z.array(z.strictObject({ product: z.string(), version: z.string() })),
  /** Versions that were announced to end or ended in the quarter, or were on their way to it; packs of before have none. */
  endings: z
    .array(
      z.strictObject({
        version: z.string(),
        deprecatedAt: z.string(),
        sunsetAt: z.string(),
        retired: z.boolean(),
      }),
    )
    .exactOptional(),
  requests: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      status: z.string(),
      votesFor: Count,
      votesAgainst: Count,
      answer: z.string().nullable(),
    }),
  ),
  actions: z.array(
    z.strictObject({
      quarter: z.string(),
      said: z.string(),
      owner: z.string(),
      dueOn: z.string(),
      outcome: z.string().nullable(),
    }),
  ),
})
export type Pack = z.output<typeof Pack>

/** The bytes that a pack is known by. */
export const packText = (pack: Pack): string => `${canonical(pack)}\n`
export const digestOf = (pack: Pack): string =>
  createHash('sha256').update(packText(pack)).digest('hex')
