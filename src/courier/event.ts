import { z } from 'zod'
import type { Entry } from '#journal/index.ts'
import { catalogue, factsOf } from './catalogue.ts'

/** Thin: it names what changed. The partner fetches the rest, so that consent and release still decide. */
export interface NewEvent {
  readonly id: string
  /** Place of its line in its journal; undefined where it has no line of its own. */
  readonly seq: bigint | undefined
  readonly source: 'cell' | 'control' | 'simulated'
  readonly type: string
  readonly subject: string
  readonly partnerId: string
  readonly applicationId: string | undefined
  readonly happenedAt: Temporal.Instant
  readonly facts: Readonly<Record<string, string | number | boolean>>
}

const About = z.object({ partnerId: z.string(), applicationId: z.string().nullish() })

/** The event that a line is; undefined for a line that is no partner's. Its id is the line's own: 128 bits of its hash. */
export const eventOf = (entry: Entry): NewEvent | undefined => {
  const about = About.safeParse(entry.data)
  if (!catalogue.has(entry.event) || !about.success) return undefined
  const { seq, event: type, subject } = entry
  return {
    id: `event_${Buffer.from(entry.hash).toString('hex', 0, 16)}`,
    seq,
    source: 'cell',
    type,
    subject,
    partnerId: about.data.partnerId,
    applicationId: about.data.applicationId ?? undefined,
    happenedAt: Temporal.Instant.from(entry.at),
    facts: factsOf(type, entry.data),
  }
}

export const Event = z.object({
  id: z.string(),
  place: z.bigint(),
  type: z.string(),
  subject: z.string(),
  sequence: z.bigint(),
  applicationId: z.string().nullable(),
  happenedAt: z.instanceof(Temporal.Instant),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})
export type Event = z.output<typeof Event>

/** What a partner reads, by webhook and in the feed alike (Standard Webhooks: type, timestamp, data). */
export const payloadOf = (event: Event) => ({
  type: event.type,
  timestamp: event.happenedAt.toString(),
  data: {
    subject: event.subject,
    sequence: Number(event.sequence),
    ...(event.applicationId !== null && { applicationId: event.applicationId }),
    ...event.facts,
  },
})
