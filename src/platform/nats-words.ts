/** Streams and subjects of the line over NATS, and the seal that makes a message of it believable. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Cell } from '#kernel/cell.ts'
import type { Audience } from './publication.ts'
import type { Secret } from './secret.ts'

const streamOf = (cell: Cell, what: string) => `PORTICO_${cell.toUpperCase()}_${what}`

/**
 * `lines`      what `LinkLine` says, control → each reader; kept for longer than any denial lives
 * `beats`      Beat, control → each reader; kept nowhere
 * `documents`  parts of published envelopes, control → each reader; the last epochs
 * `usage`      UsageBatch, gateway → one of control's copies; until control has taken it
 * `receipts`   UsageReceipt of a boot, control → one gateway; kept nowhere
 */
export const streams = {
  lines: (cell: Cell) => streamOf(cell, 'LINES'),
  documents: (cell: Cell) => streamOf(cell, 'DOCUMENTS'),
  usage: (cell: Cell) => streamOf(cell, 'USAGE'),
}
export const subjects = {
  lines: (cell: Cell, audience: Audience) => `portico.${cell}.lines.${audience}`,
  beats: (cell: Cell, audience: Audience) => `portico.${cell}.beats.${audience}`,
  documents: (cell: Cell, audience: Audience) => `portico.${cell}.documents.${audience}`,
  part: (cell: Cell, audience: Audience, epoch: number, part: number) =>
    `portico.${cell}.documents.${audience}.${epoch}.${part}`,
  usage: (cell: Cell, gateway: string) => `portico.${cell}.usage.${gateway}`,
  receipts: (cell: Cell, gateway: string) => `portico.${cell}.receipts.${gateway}`,
}

/** What control has sent of revocations: a reader that holds as many that live has missed none. */
export const Beat = z.strictObject({
  at: z.string(),
  /** Highest number that was sent. */
  upTo: z.int().nonnegative(),
  /** How many up to it live at that time. */
  live: z.int().nonnegative(),
  /** The newest document, and in how many parts it lies in its stream. */
  epoch: z.int().nonnegative(),
  parts: z.int().nonnegative(),
})
export type Beat = z.output<typeof Beat>

/** Of a batch that was taken: whose it was, and up to which number. */
export const NatsReceipt = z.strictObject({ boot: z.string(), seq: z.int().nonnegative() })

const MAC_BYTES = 32

const macOf = (key: Secret<string>, subject: string, payload: Uint8Array) =>
  createHmac('sha256', key.reveal()).update(`portico nats\n${subject}\n`).update(payload).digest()

/** A payload behind its seal. The subject is sealed with it: a batch is no receipt, and one cell's line no other's. */
export const sealed = (key: Secret<string>, subject: string, value: unknown): Uint8Array => {
  const payload = Buffer.from(JSON.stringify(value))
  return Buffer.concat([macOf(key, subject, payload), payload])
}

/** What a message says; undefined where its seal does not hold, or it is no JSON. */
export const unsealed = (key: Secret<string>, subject: string, data: Uint8Array): unknown => {
  const payload = data.subarray(MAC_BYTES)
  const mac = data.subarray(0, MAC_BYTES)
  if (mac.length < MAC_BYTES || !timingSafeEqual(mac, macOf(key, subject, payload)))
    return undefined
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return undefined
  }
}
