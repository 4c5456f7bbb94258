/** What partners do at this moment, as gateways tell it each second. Kept in memory for a minute: a look, not a record. */
import type { Cell } from '#kernel/cell.ts'
import {
  LIVE_BOUNDS,
  type LiveLimit,
  type LivePartner,
  type LiveReport,
} from '#gateway/live-report.ts'

export const KEPT_SECONDS = 60
/** Partners of a cell that are looked at; more are only counted together. */
const PARTNERS_MAX = 5_000
const GATEWAYS_MAX = 256
/** A gateway that says nothing for so long is gone, or cannot be heard. */
const SILENT_SECONDS = 5
/** A report from elsewhere in time is no look at now. */
const APART_SECONDS = 30

export interface LiveSecond {
  readonly second: number
  readonly calls: number
  readonly refused: number
}

/** What a partner did in the last seconds, at all gateways of a cell together. */
export interface LiveView {
  /** Oldest first, a row for each second, those without a call too. */
  readonly seconds: readonly LiveSecond[]
  readonly calls: number
  readonly refused: number
  /** Milliseconds that half, 95 and 99 of a hundred calls took at most; null without calls. */
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly refusals: Readonly<Record<string, number>>
  readonly operations: Readonly<Record<string, number>>
  readonly limits: readonly LiveLimit[]
}

export interface LiveGateway {
  readonly cell: Cell
  readonly gateway: string
  readonly ready: boolean
  readonly degraded: boolean
  readonly reasons: readonly string[]
  readonly heardSecondsAgo: number
}

export interface LiveBoard {
  take(cell: Cell, report: LiveReport, now: Temporal.Instant): void
  view(cell: Cell, partnerId: string, seconds: number, now: Temporal.Instant): LiveView
  /** The busiest first. */
  partners(
    cell: Cell,
    seconds: number,
    now: Temporal.Instant,
  ): { partnerId: string; calls: number }[]
  gateways(now: Temporal.Instant): LiveGateway[]
}

interface Told {
  readonly second: number
  readonly row: LivePartner
}
type Heard = Omit<LiveGateway, 'heardSecondsAgo'> & { readonly second: number }

const secondOf = (now: Temporal.Instant) => Math.floor(now.epochMilliseconds / 1000)

export const openLiveBoard = (): LiveBoard => {
  const told: Record<Cell, Map<string, Told[]>> = { sandbox: new Map(), production: new Map() }
  const heard = new Map<string, Heard>()
  let forgotten = 0

  /** Once a second at most: what is older than a minute. */
  const forget = (second: number) => {
    if (second === forgotten) return
    forgotten = second
    for (const partners of Object.values(told))
      for (const [id, rows] of partners) {
        const kept = rows.findIndex((row) => row.second > second - KEPT_SECONDS - 2)
        if (kept < 0) partners.delete(id)
        else rows.splice(0, kept)
      }
    for (const [name, { second: last }] of heard)
      if (last < second - KEPT_SECONDS) heard.delete(name)
  }
  const rowsOf = (cell: Cell, partnerId: string, seconds: number, second: number) =>
    (told[cell].get(partnerId) ?? []).filter(
      (row) => row.second > second - seconds && row.second <= second,
    )

  return {
    take: (cell, { gateway, second, health, partners }, now) => {
      const current = secondOf(now)
      forget(current)
      const name = `${cell}/${gateway}`
      if (heard.size < GATEWAYS_MAX || heard.has(name))
        heard.set(name, { cell, gateway, ...health, second: current })
      if (Math.abs(second - current) > APART_SECONDS) return
      for (const row of partners) {
        const rows = told[cell].get(row.partnerId)
        if (rows) rows.push({ second, row })
        else if (told[cell].size < PARTNERS_MAX) told[cell].set(row.partnerId, [{ second, row }])
      }
    },
    // The current second is not over: the view ends with the one that is.
    view: (cell, partnerId, seconds, now) => {
      const last = secondOf(now) - 1
      return viewOf(rowsOf(cell, partnerId, seconds, last), seconds, last)
    },
    partners: (cell, seconds, now) =>
      [...told[cell].keys()]
        .map((partnerId) => ({
          partnerId,
          calls: callsIn(rowsOf(cell, partnerId, seconds, secondOf(now) - 1)),
        }))
        .filter(({ calls }) => calls > 0)
        .toSorted((a, b) => b.calls - a.calls),
    gateways: (now) =>
      [...heard.values()].map(({ second, ...one }) => {
        const heardSecondsAgo = Math.max(0, secondOf(now) - second)
        return heardSecondsAgo <= SILENT_SECONDS
          ? { ...one, heardSecondsAgo }
          : {
              ...one,
              heardSecondsAgo,
              ready: false,
              degraded: true,
              reasons: ['usage/gateway-silent'],
            }
      }),
  }
}

const callsIn = (rows: readonly Told[]) => rows.reduce((sum, { row }) => sum + row.calls, 0)
const refusedIn = (rows: readonly Told[]) =>
  rows.reduce((sum, { row }) => sum + Object.values(row.refusals).reduce((a, b) => a + b, 0), 0)

const viewOf = (rows: readonly Told[], seconds: number, last: number): LiveView => {
  const took = Array.from({ length: LIVE_BOUNDS.length + 1 }, (_, i) =>
    rows.reduce((sum, { row }) => sum + (row.took[i] ?? 0), 0),
  )
  const limits = new Map<string, LiveLimit>()
  for (const { row } of rows) for (const limit of row.limits) limits.set(limit.name, limit)
  return {
    seconds: Array.from({ length: seconds }, (_, i) => {
      const second = last - seconds + 1 + i
      const own = rows.filter((row) => row.second === second)
      return { second, calls: callsIn(own), refused: refusedIn(own) }
    }),
    calls: callsIn(rows),
    refused: refusedIn(rows),
    p50Ms: percentile(took, 0.5),
    p95Ms: percentile(took, 0.95),
    p99Ms: percentile(took, 0.99),
    refusals: summed(rows.map(({ row }) => row.refusals)),
    operations: summed(rows.map(({ row }) => row.operations)),
    limits: [...limits.values()],
  }
}

/** The upper bound of the bucket in which it lies. */
const percentile = (took: readonly number[], part: number): number | null => {
  const all = took.reduce((sum, n) => sum + n, 0)
  if (all === 0) return null
  let below = 0
  const i = took.findIndex((n) => (below += n) >= all * part)
  return LIVE_BOUNDS[i] ?? LIVE_BOUNDS.at(-1) ?? null
}

const summed = (counts: readonly Readonly<Record<string, number>>[]): Record<string, number> => {
  const sums: Record<string, number> = {}
  for (const one of counts)
    for (const [name, n] of Object.entries(one)) sums[name] = (sums[name] ?? 0) + n
  return sums
}
