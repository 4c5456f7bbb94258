/** What is said on the line between a cell's process and control, whichever way it travels. */
import { z } from 'zod'
import { Revocation } from './publication.ts'

/**
 * What control serves on its own socket, `authorization: Bearer <link key of the cell>`:
 * `GET  /link/{cell}/{audience}`              the newest envelope
 * `GET  /link/{cell}/{audience}/stream?after=N`  NDJSON of LinkLine, control's revocations above N first; never ends
 * `POST /link/{cell}/{audience}/receipts`       Receipt: what a reader holds now, or why it refused a document
 * `POST /link/{cell}/usage`                    UsageBatch (gateway/usage.ts) → UsageReceipt
 * `POST /link/{cell}/live`                     LiveReport (gateway/live-report.ts) → {}
 * `POST /link/{cell}/fields`                   FieldBatch (gateway/field-report.ts) → FieldReceipt
 * `POST /link/{cell}/business-events`          BusinessBatch (courier/business-events.ts) → BusinessReceipt
 */
export const LinkLine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('epoch'), epoch: z.number().int().positive() }),
  z.strictObject({ type: z.literal('revocation'), revocation: Revocation }),
  z.strictObject({ type: z.literal('heartbeat'), at: z.string() }),
])
export type LinkLine = z.output<typeof LinkLine>

/** What a reader made of a document. Control keeps the last ones, so that somebody sees who serves by which epoch (G44). */
export const Receipt = z.strictObject({
  /** The gateway's own name. */
  reader: z.string().regex(/^[a-z]+_[0-9a-f]{32}$/),
  taken: z.boolean(),
  /** Of the document; null where not even that could be read. */
  epoch: z.number().int().positive().nullable(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** Why it was refused. */
  reason: z.string().max(500).nullable(),
  /** Highest epoch that the reader ever took: it takes nothing at or below it again. */
  highest: z.number().int().nonnegative(),
})
export type Receipt = z.output<typeof Receipt>

/** A published document, as bytes; the reader gives back those that it was given, for the disk. */
export type Bytes = Uint8Array<ArrayBuffer>
