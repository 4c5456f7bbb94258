/**
 * Traces of calls, sent by OTLP over HTTP: one call of a hundred, and those that end in an error of ours (G73). Nothing
 * is decided before a call has ended, so a span is only made for what is sent. The trace’s id is the call’s: what stands
 * in a log line, a record and a refusal finds it. Loaded only where an address is set.
 */
import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { randomBytes } from 'node:crypto'
import type { Log } from '#platform/log.ts'
import type { Call, Step } from '../call.ts'
import { rootSpanOf, upstreamSpanOf } from './trace-context.ts'

/** Of all calls; by chance that the call’s id brings along. */
const SHARE = 0.01
/** Traces in a second: while everything fails, the first of them say why. */
const PER_SECOND_MAX = 100
/** Spans that wait to be sent. Beyond these they are lost, never waited for. */
const QUEUE_MAX = 2_048
const EXPORT_TIMEOUT_MS = 5_000

export interface Traces {
  takes(callId: string): boolean
  timed(steps: readonly Step[]): readonly Step[]
  ended(call: Call, tookMs: number): void
  state(): { readonly sent: number; readonly leftOut: number }
  /** Sends what waits, for a moment. */
  stop(): Promise<void>
}

/** When each step began and ended, by performance.now(); a step that was never reached has no times. */
type Marks = Float64Array

export const openTraces = (options: {
  url: string
  cell: string
  gateway: string
  log: Log
}): Traces => {
  const { url, cell, gateway, log } = options
  let names: readonly string[] = []
  const marks = new WeakMap<Call, Marks>()
  /** Ids for the next span: everything here happens in one turn. */
  const next = { traceId: '', spanId: '' }
  const provider = new TracerProvider({
    sampler: new AlwaysOnSampler(),
    resource: resourceFromAttributes({
      'service.name': 'portico-gateway',
      'service.namespace': cell,
      'service.instance.id': gateway,
    }),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanLimits: { attributeCountLimit: 32, attributeValueLengthLimit: 200 },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }),
        maxQueueSize: QUEUE_MAX,
        maxExportBatchSize: 512,
        scheduledDelayMillis: 1_000,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('portico')
  let sent = 0
  let leftOut = 0
  let secondMs = 0
  let inSecond = 0

  /** Whether there is room for one more in this second. */
  const room = (nowMs: number): boolean => {
    if (nowMs - secondMs >= 1_000) {
      secondMs = nowMs
      inSecond = 0
    }
    return ++inSecond <= PER_SECOND_MAX
  }

  const send = (call: Call, tookMs: number) => {
    const { operation, answer, head, startedMs } = call
    const status = answer?.status ?? 500
    const at = (ms: number) => performance.timeOrigin + ms
    const span = (
      spanId: string,
      name: string,
      fromMs: number,
      toMs: number,
      more: { kind?: SpanKind; attributes?: Attributes; links?: Link[]; failed?: boolean } = {},
      within = ROOT_CONTEXT,
    ) => {
      const { kind = SpanKind.INTERNAL, attributes = {}, links = [], failed = false } = more
      next.traceId = call.id
      next.spanId = spanId
      const made = tracer.startSpan(
        name,
        { kind, attributes, links, startTime: at(fromMs) },
        within,
      )
      if (failed) made.setStatus({ code: SpanStatusCode.ERROR })
      made.end(at(toMs))
      return trace.setSpan(within, made)
    }
    const remote = linkIn(head.headers.traceparent)
    const inside = span(rootSpanOf(call.id), operation.id, startedMs, startedMs + tookMs, {
      kind: SpanKind.SERVER,
      attributes: attributesOf(call, status),
      links: remote ? [remote] : [],
      failed: status >= 500,
    })
    const steps = marks.get(call)
    names.forEach((name, i) => {
      const fromMs = steps?.[i * 2] ?? 0
      const toMs = steps?.[i * 2 + 1] ?? 0
      if (fromMs === 0) return
      const spanId = randomBytes(8).toString('hex')
      const within = span(spanId, name, fromMs, toMs || startedMs + tookMs, {}, inside)
      if (name !== 'forward' || call.upstreamMs === null) return
      const { upstream } = call
      span(
        upstreamSpanOf(call.id),
        `${operation.upstream} ${operation.id}`,
        fromMs,
        fromMs + call.upstreamMs,
        {
          kind: SpanKind.CLIENT,
          attributes: upstream ? { 'http.response.status_code': upstream.status } : {},
          failed: upstream === undefined || upstream.status >= 500,
        },
        within,
      )
    })
  }

  return {
    takes: isSampled,
    timed: (steps) => {
      names = steps.map(({ name }) => name)
      return steps.map((step, i): Step => (call, held) => {
        let own = marks.get(call)
        if (own === undefined) marks.set(call, (own = new Float64Array(steps.length * 2)))
        own[i * 2] = performance.now()
        const under = step(call, held)
        if (!under) own[i * 2 + 1] = performance.now()
        else
          return under.then(() => {
            own[i * 2 + 1] = performance.now()
          })
      })
    },
    ended: (call, tookMs) => {
      const failed = (call.answer?.status ?? 500) >= 500
      if (!failed && !isSampled(call.id)) return
      if (!room(call.startedMs + tookMs)) {
        leftOut++
        return
      }
      sent++
      send(call, tookMs)
    },
    state: () => ({ sent, leftOut }),
    stop: async () => {
      await provider
        .shutdown()
        .catch((cause: unknown) => log.warn({ cause }, 'the last traces were not sent'))
    },
  }
}

/** The last digits of a UUIDv7 are chance (RFC 9562 §5.7). */
const isSampled = (callId: string): boolean =>
  Number.parseInt(callId.slice(-6), 16) < SHARE * 0x1_000_000

/** All that a trace says of a call: no header, no address, no value of a request or an answer (G73). */
const attributesOf = (call: Call, status: number): Attributes => {
  const { operation, identity, answer, replayed, table } = call
  const code = answer?.refusal?.code
  return {
    'http.request.method': operation.method,
    'http.route': operation.template,
    'http.response.status_code': status,
    'portico.product': operation.product,
    'portico.epoch': table.epoch,
    'portico.replayed': replayed,
    ...(code !== undefined && { 'portico.reason': code }),
    ...(status >= 500 && { 'error.type': code ?? String(status) }),
    ...(identity && {
      'portico.partner': identity.application.partner.id,
      'portico.application': identity.application.id,
    }),
  }
}

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The caller’s own trace is pointed at, and decides nothing here: neither an id nor whether we send (W3C Trace Context). */
const linkIn = (header: string | undefined): Link | undefined => {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.exec(header ?? '') ?? []
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId) || header?.startsWith('ff')) return undefined
  return {
    context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true },
  }
}
