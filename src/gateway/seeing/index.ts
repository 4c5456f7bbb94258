/** What the gateway sees of itself: figures, the second that just passed, and traces of few calls. A call pays for additions only. */
import type { Log } from '#platform/log.ts'
import type { Call, Step } from '../call.ts'
import type { HealthDocument } from './health.ts'
import type { LiveReport } from '../live-report.ts'
import type { Operation } from '../documents/operation.ts'
import { type Live, openLive } from './live.ts'
import { type Finding, openTally, type Tally } from './tally.ts'
import type { Traces } from './traces.ts'

export type { Finding } from './tally.ts'

export interface Seeing {
  /** A call that had an operation is over; `tookMs` from its arrival until its record was durable. */
  call(call: Call, tookMs: number): void
  /** It was turned away at once, because there is too much to do. */
  turnedAway(operation: Operation, status: number, code: string): void
  /** It was no call of any operation: refused by the edge, or its address is unknown. */
  refused(code: string): void
  withheld(finding: Finding): void
  /** Whether its trace will be sent, whatever becomes of it. */
  traced(callId: string): boolean
  /** The steps of the pipeline, timed where traces are made. */
  timed(steps: readonly Step[]): readonly Step[]
  readonly tally: Tally
  readonly live: Live
  readonly traces: Traces | undefined
  stop(): Promise<void>
}

export const openSeeing = async (options: {
  cell: string
  gateway: string
  otlpUrl: string | undefined
  health: () => HealthDocument
  now: () => Temporal.Instant
  send: (report: LiveReport) => Promise<unknown>
  log: Log
}): Promise<Seeing> => {
  const { cell, gateway, otlpUrl, log } = options
  const tally = openTally()
  const live = openLive(options)
  const traces =
    otlpUrl === undefined
      ? undefined
      : (await import('./traces.ts')).openTraces({ url: otlpUrl, cell, gateway, log })
  return {
    tally,
    live,
    traces,
    call: (call, tookMs) => {
      const { identity } = call
      tally.call(call, tookMs, call.startedMs + tookMs)
      if (identity) live.count(call, identity.application.partner.id, tookMs)
      traces?.ended(call, tookMs)
    },
    turnedAway: (operation, status, code) =>
      tally.turnedAway(operation, status, code, performance.now()),
    refused: (code) => tally.refused(code),
    withheld: (finding) => {
      tally.withheld[finding]++
    },
    traced: (callId) => traces?.takes(callId) ?? false,
    timed: (steps) => traces?.timed(steps) ?? steps,
    stop: async () => {
      await live.stop()
      await traces?.stop()
    },
  }
}
