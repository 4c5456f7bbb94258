import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'

export const PackId = idOf('pack')
export type PackId = z.output<typeof PackId>

/** What a pack is made in, in this order: where it stands is how many of these are done. */
export const packSteps = ['facts', 'journal', 'paper', 'tables', 'signature'] as const
export type PackStep = (typeof packSteps)[number]

/** A pack that somebody asked for. It is made in its own time, and kept for a while. */
export const OrderedPack = z.object({
  id: PackId,
  partnerId: PartnerId,
  from: z.instanceof(Temporal.Instant),
  to: z.instanceof(Temporal.Instant),
  reader: z.enum(['supervisor', 'partner']),
  askedBy: z.templateLiteral([z.enum(['person', 'staff']), ':', z.string()]),
  askedAt: z.instanceof(Temporal.Instant),
  state: z.enum(['waiting', 'making', 'made', 'failed']),
  stepsDone: z.int(),
  tries: z.int(),
  endedAt: z.instanceof(Temporal.Instant).nullable(),
  bytes: z.bigint().nullable(),
  sha256: z.string().nullable(),
  /** The code of what went wrong. */
  fault: z.string().nullable(),
})
export type OrderedPack = z.output<typeof OrderedPack>

/** On the wire. */
export const PackView = OrderedPack.omit({ reader: true, tries: true }).extend({
  from: Instant,
  to: Instant,
  askedAt: Instant,
  endedAt: Instant.nullable(),
  bytes: z.number().nullable(),
  steps: z.int().describe('How many steps there are'),
  keptUntil: Instant.nullable().describe('Until then the archive can be had'),
})
export type PackView = z.output<typeof PackView>

export const periodUnfit = problem(
  'evidence-packs/period',
  422,
  'A pack is of a period that has begun and is no longer than 400 days',
)
export const packNotFound = problem('evidence-packs/not-found', 404, 'No such evidence pack')
export const packNotMade = problem('evidence-packs/not-made', 409, 'The pack is not made')
export const packGone = problem(
  'evidence-packs/gone',
  410,
  'The archive was kept for its time; ask for it again',
)

export const packsWaiting = problem(
  'evidence-packs/waiting',
  429,
  'Packs of this partner are being made already',
)

/** Of one partner, for one kind of reader. */
export const OPEN_MAX = 3

const DAYS_MAX = 400
const KEPT_DAYS = 30
/** A process that died while it made a pack is one try; who dies of the same pack again and again has to be looked at. */
export const TRIES_MAX = 3
/** Whoever makes a pack holds it so long, and renews that while it lives. */
export const HELD_MINUTES = 10
/** Before what failed is tried again; longer each time. */
const PAUSE_MINUTES = 2

export const heldUntil = (now: Temporal.Instant): Temporal.Instant =>
  now.add({ minutes: HELD_MINUTES })
export const pausedUntil = (now: Temporal.Instant, { tries }: OrderedPack): Temporal.Instant =>
  now.add({ minutes: PAUSE_MINUTES * tries })

const days = (n: number) => ({ hours: 24 * n })

export const checkPeriod = (
  { from, to }: { from: Temporal.Instant; to: Temporal.Instant },
  now: Temporal.Instant,
): void => {
  if (!isBefore(from, to) || isBefore(from.add(days(DAYS_MAX)), to) || isBefore(now, from))
    throw periodUnfit(`${from.toString()} to ${to.toString()}`)
}

export const keptUntil = ({ state, endedAt }: OrderedPack): Temporal.Instant | null =>
  state === 'made' && endedAt ? endedAt.add(days(KEPT_DAYS)) : null

/** Archives of packs that ended before this are over. */
export const keptSince = (now: Temporal.Instant): Temporal.Instant => now.subtract(days(KEPT_DAYS))

export const viewOf = (pack: OrderedPack): PackView => {
  const { reader: _, tries: _tries, bytes, ...rest } = pack
  return {
    ...rest,
    bytes: bytes === null ? null : Number(bytes),
    steps: packSteps.length,
    keptUntil: keptUntil(pack),
  }
}
