/** A promise judged over a month: from the partner's own calls, our probes where there were none, and what was announced. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import type { Db } from '#platform/db.ts'
import {
  type AnsweredSpan,
  answeredMinutes,
  answeredWithin,
  failuresAndRecoveries,
} from '#control/usage/index.ts'
import { Bands } from '#control/contracts/index.ts'
import { answersDue, type PromisedAnswer } from '#control/support/index.ts'
import type { Level } from './agreement.ts'
import {
  byConsecutive,
  byOccurrences,
  byRatioOfTimeslices,
  byTimeslices,
  outages,
  percentText,
  type Ratio,
  type Slice,
} from './judging.ts'
import * as store from './store.ts'

export const Evaluation = z.object({
  agreementId: z.string(),
  from: z.string(),
  to: z.string(),
  objectives: z.array(
    z.object({
      objective: z.string(),
      /** Whole numbers; their ratio is what counts. */
      good: z.string(),
      total: z.string(),
      /** As it is printed. */
      reached: z.string(),
      bands: Bands,
    }),
  ),
  /** Minutes with calls that failed, as evidence: the worst first, at most a thousand. */
  worst: z.array(z.object({ minute: z.string(), calls: z.int(), bad: z.int() })),
  outages: z.array(z.object({ from: z.string(), to: z.string() })),
  excluded: z.array(z.object({ from: z.string(), to: z.string(), maintenanceId: z.string() })),
  /** Slices without a call that a probe spoke for. */
  probed: z.int(),
  /** First answers that were due, as evidence: those that did not come in time first, at most a thousand. */
  answers: z
    .array(
      z.object({
        requestId: z.string(),
        dueAt: z.string(),
        answeredAt: z.string().nullable(),
        inTime: z.boolean(),
      }),
    )
    .optional(),
})
export type Evaluation = z.output<typeof Evaluation>

export const digestOf = (evaluation: Evaluation): string =>
  createHash('sha256').update(canonical(evaluation)).digest('hex')

const MINUTE_MS = 60_000
const FIVE_MINUTES_MS = 300_000
const WORST_SHOWN = 1_000

interface Window {
  readonly from: Temporal.Instant
  readonly to: Temporal.Instant
  readonly maintenanceId: string
}

/** Announced early enough, and no more minutes than the month allows: the first ones count, the rest excuses nothing. */
export const excusedBy = (
  terms: Level['terms'],
  announced: readonly store.Maintenance[],
  span: { from: Temporal.Instant; to: Temporal.Instant },
): Window[] => {
  if (!terms.maintenance) return []
  const { noticeHours, minutesAMonth } = terms.maintenance
  let leftMs = minutesAMonth * MINUTE_MS
  const windows: Window[] = []
  for (const { id, startsAt, endsAt, announcedAt } of announced) {
    if (Temporal.Instant.compare(announcedAt.add({ hours: noticeHours }), startsAt) > 0) continue
    const fromMs = Math.max(startsAt.epochMilliseconds, span.from.epochMilliseconds)
    const toMs = Math.min(endsAt.epochMilliseconds, span.to.epochMilliseconds, fromMs + leftMs)
    if (toMs <= fromMs) continue
    leftMs -= toMs - fromMs
    const instant = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms)
    windows.push({ from: instant(fromMs), to: instant(toMs), maintenanceId: id })
  }
  return windows
}

const isIn = (windows: readonly Window[], ms: number) =>
  windows.some((w) => ms >= w.from.epochMilliseconds && ms < w.to.epochMilliseconds)

/** Slices of so many milliseconds; one without calls takes what the probe found, if it looked. */
const slicesOf = (
  minutes: readonly { minute: Temporal.Instant; calls: number; bad: number }[],
  probes: readonly store.Probe[],
  lengthMs: number,
): { slices: Slice[]; probed: number } => {
  const called = new Map<number, Slice>()
  const add = (into: Map<number, Slice>, ms: number, good: number, total: number) => {
    const key = Math.floor(ms / lengthMs)
    const before = into.get(key) ?? { good: 0n, total: 0n }
    into.set(key, { good: before.good + BigInt(good), total: before.total + BigInt(total) })
  }
  for (const { minute, calls, bad } of minutes)
    add(called, minute.epochMilliseconds, calls - bad, calls)
  const tried = new Map<number, Slice>()
  for (const { minute, tries, answered } of probes)
    add(tried, minute.epochMilliseconds, answered, tries)
  const silent = [...tried].filter(([key]) => !called.has(key))
  return {
    slices: [...called.values(), ...silent.map(([, slice]) => slice)],
    probed: silent.length,
  }
}

const percentRatio = (text: string): Ratio => {
  const [whole = '0', part = ''] = text.split('.')
  return { good: BigInt(whole + part), total: 10n ** BigInt(part.length) }
}

const answersShown = (answers: readonly PromisedAnswer[]): Evaluation['answers'] =>
  answers
    .toSorted((a, b) => Number(a.inTime) - Number(b.inTime))
    .slice(0, WORST_SHOWN)
    .map(({ requestId, dueAt, answeredAt, inTime }) => ({
      requestId,
      dueAt: dueAt.toString(),
      answeredAt: answeredAt?.toString() ?? null,
      inTime,
    }))

/** Judges a promise over a span. `asOf`: an answer that is due later is not missing yet; left out, the span is over. */
export const evaluate = async (
  db: Db,
  { id, partnerId, terms }: Level,
  span: { from: Temporal.Instant; to: Temporal.Instant },
  asOf: Temporal.Instant = span.to,
): Promise<Evaluation> => {
  const { product } = terms
  const asked: AnsweredSpan = { partnerId, product, ...span }
  const announced = await store.maintenanceIn(db, product, span)
  const excused = excusedBy(terms, announced, span)
  const counts = (instant: Temporal.Instant) => !isIn(excused, instant.epochMilliseconds)
  const minutes = (await answeredMinutes(db, asked)).filter((m) => counts(m.minute))
  const probes = (await store.probes(db, product, span)).filter((p) => counts(p.minute))
  const objectives: Evaluation['objectives'] = []
  const objective = (name: string, ratio: Ratio, bands: z.output<typeof Bands>) =>
    void objectives.push({
      objective: name,
      good: ratio.good.toString(),
      total: ratio.total.toString(),
      reached: percentText(ratio),
      bands,
    })
  let down: ReturnType<typeof outages> = []
  let probed = 0
  if (terms.availability) {
    const { method, badPercent, bands } = terms.availability
    const lengthMs = method === 'ratio-timeslices' ? FIVE_MINUTES_MS : MINUTE_MS
    const sliced = slicesOf(minutes, probes, lengthMs)
    if (method === 'occurrences')
      objective(method, byOccurrences(slicesOf(minutes, [], lengthMs).slices), bands)
    else if (method === 'timeslices')
      objective(method, byTimeslices(sliced.slices, percentRatio(badPercent)), bands)
    else if (method === 'ratio-timeslices')
      objective(method, byRatioOfTimeslices(sliced.slices), bands)
    else {
      const turns = await failuresAndRecoveries(db, asked)
      down = outages(
        turns.filter((t) => counts(t.at)),
        span.to,
      )
      objective(method, byConsecutive(down, span), bands)
    }
    if (method === 'timeslices' || method === 'ratio-timeslices') ({ probed } = sliced)
  }
  for (const { withinMs, bands } of terms.latency) {
    const answers = (await answeredWithin(db, asked, withinMs)).filter((m) => counts(m.minute))
    const good = answers.reduce((sum, a) => sum + BigInt(a.within), 0n)
    const total = answers.reduce((sum, a) => sum + BigInt(a.answered), 0n)
    objective(`within ${withinMs} ms`, { good, total }, bands)
  }
  const answers = terms.support && (await answersDue(db, { ...asked, asOf }))
  if (terms.support && answers) {
    const good = BigInt(answers.filter(({ inTime }) => inTime).length)
    objective('first answer in time', { good, total: BigInt(answers.length) }, terms.support.bands)
  }
  return {
    agreementId: id,
    from: span.from.toString(),
    to: span.to.toString(),
    objectives,
    worst: minutes
      .filter((m) => m.bad > 0)
      .toSorted((a, b) => b.bad - a.bad)
      .slice(0, WORST_SHOWN)
      .map((m) => ({ minute: m.minute.toString(), calls: m.calls, bad: m.bad })),
    outages: down.map((o) => ({ from: o.from.toString(), to: o.to.toString() })),
    excluded: excused.map((w) => ({
      from: w.from.toString(),
      to: w.to.toString(),
      maintenanceId: w.maintenanceId,
    })),
    probed,
    ...(answers && { answers: answersShown(answers) }),
  }
}
