/** Versions as they go over the wire. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { Instant } from '#kernel/time.ts'
import { Brownout, type Life, stageOf, stages } from './life.ts'

const Summary = z.object({ en: z.string(), ru: z.string(), uz: z.string() })

export const BrownoutView = Brownout.omit({ paymentsOf: true }).extend({
  startsAt: Instant,
  endsAt: Instant,
})

export const VersionView = z.object({
  version: z.string(),
  products: z.array(z.string()).describe('Those that published a document on that day'),
  changes: z.array(
    z.object({
      id: z.string(),
      product: z.string(),
      since: z.string(),
      summary: Summary,
      operations: z.array(z.string()),
      events: z.array(z.string()),
    }),
  ),
  stage: z.enum(stages),
  deprecatedAt: Instant.nullable(),
  sunsetAt: Instant.nullable().describe(
    'Until when it is served; for you, where you were given more',
  ),
  retiredAt: Instant.nullable(),
  brownouts: z.array(BrownoutView),
})

const Touched = z.object({
  id: z.string(),
  calls: z.number().int(),
  lastAt: Instant.nullable(),
})

export const ApplicationVersionView = z.object({
  id: z.string(),
  name: z.string(),
  cell: Cell,
  pinned: z.string().describe('What it speaks where a call names no version'),
  back: z.string().nullable().describe('What it may go back to, for 72 hours after it was moved'),
  betas: z.array(z.string()).describe('Versions in trial that it asked for'),
  spoken: z.array(z.object({ version: z.string(), calls: z.number().int() })),
  ahead: z.array(
    z.object({
      id: z.string(),
      product: z.string(),
      since: z.string(),
      summary: Summary,
      operations: z.array(Touched),
      events: z.array(z.string()),
      touches: z
        .boolean()
        .describe('Whether calls that it made in the last 400 days read otherwise'),
    }),
  ),
})

export const StandsOnView = z.object({
  partnerId: z.string(),
  organisation: z.string(),
  noticeMonths: z.number().int(),
  applications: z.array(
    z.object({ id: z.string(), name: z.string(), cell: Cell, pinned: z.boolean() }),
  ),
  calls: z.number().int(),
  lastAt: Instant.nullable(),
  lastProductionAt: Instant.nullable(),
  acknowledged: z.boolean().nullable(),
})

export const endOf = (
  life: Life | undefined,
  extendedUntil: Temporal.Instant | undefined,
  now: Temporal.Instant,
  isBeta = false,
) => ({
  stage: isBeta ? ('beta' as const) : stageOf(life, now),
  deprecatedAt: life?.deprecatedAt ?? null,
  sunsetAt: life ? (extendedUntil ?? life.sunsetAt) : null,
  retiredAt: life?.retiredAt ?? null,
})

const Fault = z.object({ pointer: z.string(), code: z.string(), detail: z.string() })

const HitApplicationView = z.object({
  id: z.string(),
  name: z.string().nullable(),
  cell: Cell,
  calls: z.number().int(),
  lastAt: Instant.nullable(),
  by: z
    .enum(['seen', 'assumed', 'said', 'holds'])
    .describe(
      'seen: its own calls show it; assumed: they do not tell; said: its partner says that it reads that; holds: it has the product, whether it calls or not',
    ),
})

export const JudgementView = z.object({
  faults: z.array(Fault).readonly().describe('Why it cannot be published; empty: it can'),
  impacts: z.array(
    z.object({
      id: z.string(),
      level: z.enum(['ERR', 'WARN', 'INFO']),
      path: z.string().nullable(),
      operation: z.string().nullable(),
      text: z.string(),
      callersOf: z.string().describe('The version whose callers find it otherwise'),
      due: z.boolean().describe('It was announced, and its day has come'),
      key: z.string().describe('Its name in an announcement'),
      hits: z.array(
        z.object({
          partnerId: z.string(),
          calls: z.number().int(),
          callsADay: z.number(),
          lastAt: Instant.nullable(),
          noticeMonths: z.number().int(),
          applications: z.array(HitApplicationView),
        }),
      ),
      earliest: z
        .string()
        .describe('The first day that all contracts allow, if it were announced now'),
      draft: z
        .object({ summary: Summary, title: z.string(), body: z.string() })
        .describe('What they would be told; the summary is where an announcement begins'),
    }),
  ),
  harmless: z.number().int().describe('Findings that break nobody'),
})

export const ComingView = z.object({
  id: z.string(),
  product: z.string(),
  operation: z.string().nullable(),
  rule: z.string(),
  summary: Summary,
  takesEffect: z.string(),
  announcedAt: Instant,
})
