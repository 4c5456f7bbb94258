/** What each partner does in this second, told to control as soon as it is over. Lost when control is away: it is for looking. */
import type { Log } from '#platform/log.ts'
import type { Call } from '../call.ts'
import type { HealthDocument } from './health.ts'
import type { Admission } from '../limits/admission.ts'
import { LIVE_BOUNDS, type LiveLimit, type LivePartner, type LiveReport } from '../live-report.ts'

const PARTNERS_MAX = 500
const CODES_MAX = 40
const OPERATIONS_MAX = 40
const OTHER = 'other'
const LIMITS_MAX = 40

interface Entry {
  calls: number
  readonly refusals: Map<string, number>
  /** With the last admission of each: what is left of its limits. */
  readonly operations: Map<string, { calls: number; admission: Admission | undefined }>
  readonly took: Uint32Array
}

export interface Second {
  readonly partners: Map<string, Entry>
  untold: number
}

export const openSecond = (): Second => ({ partners: new Map(), untold: 0 })

/** Counts a call of a proven partner. */
export const countIn = (second: Second, call: Call, partnerId: string, tookMs: number): void => {
  let entry = second.partners.get(partnerId)
  if (entry === undefined) {
    if (second.partners.size >= PARTNERS_MAX) {
      second.untold++
      return
    }
    entry = {
      calls: 0,
      refusals: new Map(),
      operations: new Map(),
      took: new Uint32Array(LIVE_BOUNDS.length + 1),
    }
    second.partners.set(partnerId, entry)
  }
  entry.calls++
  let i = 0
  while (i < LIVE_BOUNDS.length && tookMs > (LIVE_BOUNDS[i] ?? 0)) i++
  entry.took[i] = (entry.took[i] ?? 0) + 1
  const { admission, operation } = call
  const name =
    entry.operations.size < OPERATIONS_MAX || entry.operations.has(operation.id)
      ? operation.id
      : OTHER
  const own = entry.operations.get(name)
  if (own === undefined) entry.operations.set(name, { calls: 1, admission })
  else {
    own.calls++
    own.admission = admission ?? own.admission
  }
  const code = call.answer?.refusal?.code
  if (code === undefined) return
  const known = entry.refusals.size < CODES_MAX - 1 || entry.refusals.has(code) ? code : OTHER
  entry.refusals.set(known, (entry.refusals.get(known) ?? 0) + 1)
}

export const partnersOf = ({ partners }: Second): LivePartner[] =>
  [...partners].map(([partnerId, { calls, refusals, operations, took }]) => ({
    partnerId,
    calls,
    refusals: Object.fromEntries(refusals),
    operations: Object.fromEntries([...operations].map(([id, own]) => [id, own.calls])),
    took: [...took],
    limits: limitsOf([...operations.values()].flatMap(({ admission }) => admission ?? [])),
  }))

const items = /"([^"]+)"((?:;[a-z]+=(?:"[^"]*"|[a-z0-9]+))*)/g
const parameterOf = (text: string, name: string): number | null => {
  const found = new RegExp(`;${name}=(\\d+)`).exec(text)
  return found ? Number(found[1]) : null
}

/** By name; of one that several operations share, what the last of them was told. */
const limitsOf = (admissions: readonly Admission[]): LiveLimit[] => {
  const limits = new Map<string, LiveLimit>()
  for (const { policy, remaining } of admissions) {
    const policies = new Map([...policy.matchAll(items)].map(([, name, rest]) => [name, rest]))
    for (const [, name = '', rest = ''] of remaining.matchAll(items)) {
      const says = policies.get(name) ?? ''
      limits.set(name, {
        name,
        quota: parameterOf(says, 'q'),
        windowSeconds: parameterOf(says, 'w'),
        remaining: parameterOf(rest, 'r') ?? 0,
        resetSeconds: parameterOf(rest, 't') ?? 0,
      })
    }
  }
  return [...limits.values()].slice(0, LIMITS_MAX)
}

export interface Live {
  count(call: Call, partnerId: string, tookMs: number): void
  /** Calls a second of the last ten, the busiest partners first. */
  busiest(): { partnerId: string; perSecond: number }[]
  stop(): Promise<void>
}

const KEPT_SECONDS = 10

export const openLive = (options: {
  gateway: string
  health: () => HealthDocument
  now: () => Temporal.Instant
  send: (report: LiveReport) => Promise<unknown>
  log: Log
}): Live => {
  const { gateway, health, now, log } = options
  let second = openSecond()
  const last: Map<string, number>[] = []
  let sending: Promise<void> | undefined
  let away = false

  const tell = async (report: LiveReport) => {
    try {
      await options.send(report)
      away = false
    } catch (cause) {
      if (!away) log.warn({ cause }, 'control does not look at what happens now')
      away = true
    }
  }
  const timer = setInterval(() => {
    const over = second
    second = openSecond()
    last.unshift(new Map([...over.partners].map(([id, { calls }]) => [id, calls])))
    last.splice(KEPT_SECONDS)
    // A second that control is too slow for is not told later: nobody would look at it.
    if (sending) return
    const { ready, degraded, reasons } = health()
    const codes = [...new Set(reasons.map(({ code }) => code))].slice(0, CODES_MAX)
    sending = tell({
      gateway,
      second: Math.floor(now().epochMilliseconds / 1000) - 1,
      health: { ready, degraded, reasons: codes },
      partners: partnersOf(over),
      untold: over.untold,
    }).finally(() => (sending = undefined))
  }, 1_000)
  timer.unref()
  return {
    count: (call, partnerId, tookMs) => countIn(second, call, partnerId, tookMs),
    busiest: () => {
      const calls = new Map<string, number>()
      for (const counts of last)
        for (const [id, n] of counts) calls.set(id, (calls.get(id) ?? 0) + n)
      return [...calls]
        .toSorted(([, a], [, b]) => b - a)
        .map(([partnerId, n]) => ({ partnerId, perSecond: n / KEPT_SECONDS }))
    },
    stop: async () => {
      clearInterval(timer)
      await sending
    },
  }
}
