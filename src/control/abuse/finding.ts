/** What unusual use looks like. Pure: counts in, findings out; every bound is on this page. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { ApplicationId, PartnerId } from '#control/partners/index.ts'
import type { BehaviourRow } from '#control/usage/index.ts'

export const FindingId = idOf('finding')
export type FindingId = z.output<typeof FindingId>

export const FindingKind = z.enum(['volume', 'harvesting', 'scraping', 'quote-spam', 'guessing'])
export type FindingKind = z.output<typeof FindingKind>

export const Finding = z.object({
  id: FindingId,
  partnerId: PartnerId,
  applicationId: ApplicationId,
  cell: Cell,
  kind: FindingKind,
  measured: z.record(z.string(), z.number()),
  detail: z.string(),
  foundAt: z.instanceof(Temporal.Instant),
  status: z.enum(['open', 'acted', 'dismissed']),
  changeId: z.string(),
  decidedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Finding = z.output<typeof Finding>

/** What two people decide about; to let no new customer come harms nobody who is there. */
export const Action = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('freeze') }),
  z.strictObject({ do: z.literal('suspend-permission'), permission: z.string() }),
  z.strictObject({ do: z.literal('revoke-application') }),
])
export type Action = z.output<typeof Action>

export interface Usual {
  /** A day. */
  readonly calls: number
  readonly consents: number
}

/** Below these nothing is said: a small partner's first busy day is no abuse. */
const bounds = {
  volume: { times: 5, calls: 2_000 },
  harvesting: { times: 10, consents: 500 },
  /** Reads by one consent in a day: a customer who looks all day long does not come near. */
  scraping: { reads: 1_000 },
  quoteSpam: { quotes: 500, perConversion: 50 },
  guessing: { missed: 300, share: 0.5 },
} as const

type Seen = Pick<Finding, 'kind' | 'measured' | 'detail'> & { readonly action: Action }

/** What a day of an application looks like, beside its usual days; undefined where it has none. */
export const findingsIn = (day: BehaviourRow, usual: Usual | undefined): Seen[] => {
  const { calls, missed, consents, mostReads, byOperation } = day
  const quotes = byOperation['createFxQuote'] ?? 0
  const conversions = byOperation['createConversion'] ?? 0
  const seen: (Seen | false)[] = [
    usual !== undefined &&
      calls >= bounds.volume.calls &&
      calls > usual.calls * bounds.volume.times && {
        kind: 'volume',
        measured: { calls, usual: rounded(usual.calls) },
        detail: `${calls} calls in a day; ${rounded(usual.calls)} are usual`,
        action: { do: 'freeze' },
      },
    consents >= bounds.harvesting.consents &&
      consents > (usual?.consents ?? 0) * bounds.harvesting.times && {
        kind: 'harvesting',
        measured: { consents, usual: rounded(usual?.consents ?? 0) },
        detail: `data of ${consents} consents in a day; ${rounded(usual?.consents ?? 0)} are usual`,
        action: { do: 'freeze' },
      },
    mostReads >= bounds.scraping.reads && {
      kind: 'scraping',
      measured: { reads: mostReads },
      detail: `one consent was read ${mostReads} times in a day`,
      action: { do: 'freeze' },
    },
    quotes >= bounds.quoteSpam.quotes &&
      quotes > Math.max(conversions, 1) * bounds.quoteSpam.perConversion && {
        kind: 'quote-spam',
        measured: { quotes, conversions },
        detail: `${quotes} quotes for ${conversions} conversions in a day`,
        action: { do: 'suspend-permission', permission: 'fx.dealable' },
      },
    missed >= bounds.guessing.missed &&
      missed > calls * bounds.guessing.share && {
        kind: 'guessing',
        measured: { missed, calls },
        detail: `${missed} of ${calls} calls asked for what is not there or not theirs`,
        action: { do: 'revoke-application' },
      },
  ]
  return seen.filter((s) => s !== false)
}

const rounded = (n: number) => Math.round(n * 10) / 10
