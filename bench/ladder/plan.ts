/** What the loader is asked to do, and what it says while it does it: one JSON on its standard input, lines on its output. */
import { z } from 'zod'
import type { JWK } from '#platform/jose.ts'

/** One connection and what is sent on it, in turns. */
const Lane = z.strictObject({
  cert: z.string().nullable(),
  key: z.string().nullable(),
  /** Whole requests, each an HTTP/1.1 head without body. Under `dpop` they end before their last empty line. */
  requests: z.array(z.string()).min(1),
  /** A fresh proof for each call (RFC 9449): over the access token of the request of the same index. */
  dpop: z
    .strictObject({
      privateJwk: z.custom<JWK>(),
      publicJwk: z.custom<JWK>(),
      htm: z.string(),
      htu: z.string(),
      tokens: z.array(z.string()),
    })
    .nullable(),
})
export type Lane = z.output<typeof Lane>

/** `closed`: each connection sends when it was answered. `open`: calls come by the clock, answered or not. */
export const Phase = z.discriminatedUnion('mode', [
  z.strictObject({
    name: z.string(),
    mode: z.literal('closed'),
    /** At most; `calls` may end it sooner. */
    seconds: z.number(),
    calls: z.number().optional(),
  }),
  z.strictObject({
    name: z.string(),
    mode: z.literal('open'),
    seconds: z.number(),
    perSecond: z.number(),
    /** Never more than this share of what the closed phase before it reached. */
    shareOfMost: z.number().optional(),
  }),
])
export type Phase = z.output<typeof Phase>

export const Plan = z.strictObject({
  port: z.number(),
  /** The authority of the server's certificate; null speaks plain HTTP. */
  ca: z.string().nullable(),
  lanes: z.array(Lane).min(1),
  phases: z.array(Phase).min(1),
})
export type Plan = z.output<typeof Plan>

/** Latency counts from the moment at which an open call was due, so that a stalled server is charged for the queue. */
const Measured = z.strictObject({
  calls: z.number(),
  seconds: z.number(),
  /** The pace of an open phase. */
  askedPerSecond: z.number().nullable(),
  statuses: z.record(z.string(), z.number()),
  /** Connections that broke under a call. */
  broken: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  p999Ms: z.number(),
  maxMs: z.number(),
})
export type Measured = z.output<typeof Measured>

export const Said = z.discriminatedUnion('said', [
  z.strictObject({ said: z.literal('begin'), phase: z.string() }),
  z.strictObject({ said: z.literal('end'), phase: z.string(), measured: Measured }),
])
export type Said = z.output<typeof Said>
