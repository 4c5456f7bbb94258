/**
 * Figures of a process for Prometheus. What is counted is counted in plain numbers where it happens; families read them
 * when somebody asks, so that a call pays for an addition and nothing else. Never on a port that partners reach (G75).
 */
import {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
  type ServerResponse,
} from 'node:http'
import type { Registry } from 'prom-client'
import type { Cell } from '#kernel/cell.ts'
import type { Server } from './http.ts'
import type { CellWorld, ProcessWorld, Running } from './process.ts'
import { claimSocket } from './socket.ts'

/** How values lie, by upper bounds: counts of each bucket, the last one for all above. */
export interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: Float64Array
  readonly sum: number
  observe(value: number): void
}

export const openHistogram = (bounds: readonly number[]): Histogram => {
  const counts = new Float64Array(bounds.length + 1)
  let sum = 0
  return {
    bounds,
    counts,
    get sum() {
      return sum
    },
    observe: (value) => {
      let i = 0
      while (i < bounds.length && value > (bounds[i] ?? 0)) i++
      counts[i] = (counts[i] ?? 0) + 1
      sum += value
    },
  }
}

type Labels = Readonly<Record<string, string>>

/** One figure with its labels; a bare number has none. */
export type Sample<T> = readonly [labels: Labels, value: T]

interface Described {
  /** With its unit, as Prometheus names things: `portico_calls_total`, `portico_gateway_seconds`. */
  readonly name: string
  readonly help: string
  /** Names of its labels: an allow-list, whatever a sample says. */
  readonly labels?: readonly string[]
}

/** Figures of one name. `read` is asked at each scrape; a counter answers what came together since the start. */
export type Family = Described &
  (
    | {
        readonly type: 'counter' | 'gauge'
        readonly read: () => number | Iterable<Sample<number>>
      }
    | {
        readonly type: 'histogram'
        readonly read: () => Iterable<Sample<Histogram>>
      }
  )

export interface Metrics {
  add(...families: readonly Family[]): void
  /** The text that Prometheus reads, with the process’s own figures. */
  render(): Promise<string>
}

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `labels` stand beside every figure. The library is loaded at the first scrape: who is never asked carries nothing. */
export const openMetrics = (labels: Labels): Metrics => {
  const families: Family[] = []
  let registry: Promise<Registry> | undefined
  return {
    add: (...more) => void families.push(...more),
    render: async () => (await (registry ??= registryOf(families, labels))).metrics(),
  }
}

const registryOf = async (families: readonly Family[], labels: Labels): Promise<Registry> => {
  const prometheus = await import('prom-client')
  const registry = new prometheus.Registry()
  registry.setDefaultLabels(labels)
  prometheus.collectDefaultMetrics({ register: registry })
  for (const family of families) {
    const { name, help, labels: labelNames = [] } = family
    const described = { name, help, labelNames: [...labelNames], registers: [registry] }
    // The library has no way to be given buckets that were counted elsewhere, but the one question that it asks.
    if (family.type === 'histogram')
      Object.assign(new prometheus.Histogram(described), {
        getForPromString: async () => ({
          name,
          help,
          type: 'histogram',
          aggregator: 'sum',
          values: [...family.read()].flatMap(([own, value]) => bucketsOf(name, own, value)),
        }),
      })
    else if (family.type === 'counter')
      void new prometheus.Counter({
        ...described,
        collect() {
          this.reset()
          for (const [own, value] of samplesOf(family.read())) this.inc({ ...own }, value)
        },
      })
    else
      void new prometheus.Gauge({
        ...described,
        collect() {
          this.reset()
          for (const [own, value] of samplesOf(family.read())) this.set({ ...own }, value)
        },
      })
  }
  return registry
}

const samplesOf = (read: number | Iterable<Sample<number>>): Iterable<Sample<number>> =>
  typeof read === 'number' ? [[{}, read]] : read

const bucketsOf = (name: string, labels: Labels, { bounds, counts, sum }: Histogram) => {
  let below = 0
  const buckets = Array.from(counts, (count, i) => ({
    metricName: `${name}_bucket`,
    labels: { ...labels, le: bounds[i] === undefined ? '+Inf' : String(bounds[i]) },
    value: (below += count),
  }))
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ]
}

/** Answers `/metrics` (and `/internal/metrics`); anything else is not there. */
export const answerScrape = (
  metrics: Metrics,
  request: IncomingMessage,
  response: ServerResponse,
): void => {
  if (request.method !== 'GET' || !/^(?:\/internal)?\/metrics$/.test(request.url ?? ''))
    return void response.writeHead(404).end()
  metrics.render().then(
    (text) => response.writeHead(200, { 'content-type': METRICS_TYPE }).end(text),
    () => response.writeHead(500).end(),
  )
}

/** The processes in the order of their ports for scrapes: those of the sandbox from +10, those of production from +20. */
const processes = ['gateway', 'authorization', 'bank', 'vault', 'courier'] as const
export type Watched = 'control' | (typeof processes)[number]

/** The loopback port of a process, where `PORTICO_METRICS_PORT` gives the first; control has that one itself. */
export const metricsPortOf = (first: number, name: Watched, cell?: Cell): number => {
  if (name === 'control') return first
  return first + (cell === 'production' ? 20 : 10) + processes.indexOf(name)
}

export interface Telemetry extends Running {
  readonly metrics: Metrics
}

/**
 * The figures of a process, read at a socket of their own (`layout.watch`) and, where a port is set, on loopback. The
 * gateway has a socket for health already, and answers there as well: it brings `socket: false`.
 */
export const startTelemetry = async (
  world: ProcessWorld | CellWorld,
  name: Watched,
  options: { socket: boolean } = { socket: true },
): Promise<Telemetry> => {
  const cell = 'cell' in world ? world.cell : undefined
  const metrics = openMetrics({ process: name, ...(cell && { cell }) })
  const first = world.settings.PORTICO_METRICS_PORT
  const listening: Running[] = []
  /** Who is not watched serves all the same: another instance may hold the place. */
  const open = async (where: { path: string } | { host: string; port: number }) => {
    try {
      if ('path' in where) await claimSocket(where.path)
      listening.push(await listen(metrics, where))
    } catch (cause) {
      world.log.warn({ cause }, 'figures are not told here')
    }
  }
  if (options.socket) await open({ path: world.layout.watch(cell ? `${cell}-${name}` : name) })
  if (first !== undefined) await open({ host: '127.0.0.1', port: metricsPortOf(first, name, cell) })
  return {
    metrics,
    stop: async () => {
      await Promise.all(listening.map((one) => one.stop()))
    },
  }
}

const listen = async (
  metrics: Metrics,
  where: { path: string } | { host: string; port: number },
): Promise<Running> => {
  const server = createServer((request, response) => answerScrape(metrics, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, resolve)
  })
  return {
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Seconds, from what a cache answers to what nobody waits for. */
export const REQUEST_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const ROUTES_MAX = 500

/** Counts the requests of a server by its own routes: what nobody declared is one line, however many try. */
export const countRequests = (server: Server, { metrics }: Telemetry, door: string): void => {
  const counts = requestFamilies(metrics)
  server.addHook('onResponse', async (request, reply) => {
    counts(door, request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime)
  })
}

/** As `countRequests`, for a bare server: `routes` are the first segments that have a line of their own. */
export const countAnswers = (
  server: HttpServer,
  { metrics }: Telemetry,
  door: string,
  routes: ReadonlySet<string>,
): void => {
  const counts = requestFamilies(metrics)
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const beganMs = performance.now()
    response.once('finish', () => {
      const [, first = ''] = /^\/([^/?]*)/.exec(request.url ?? '') ?? []
      const route = routes.has(first) ? `/${first}` : 'none'
      counts(door, route, response.statusCode, performance.now() - beganMs)
    })
  })
}

type Count = (door: string, route: string, status: number, ms: number) => void
const counting = new WeakMap<Metrics, Count>()

/** One pair of families for all doors of a process. */
export const requestFamilies = (metrics: Metrics): Count => {
  const found = counting.get(metrics)
  if (found) return found
  const routes = new Map<string, { labels: Labels; classes: Float64Array; took: Histogram }>()
  const routeOf = (door: string, route: string) => {
    const key = `${door} ${route}`
    const known = routes.get(key)
    if (known) return known
    if (routes.size >= ROUTES_MAX && route !== 'other') return routeOf(door, 'other')
    const took = openHistogram(REQUEST_BOUNDS)
    const fresh = { labels: { door, route }, classes: new Float64Array(6), took }
    routes.set(key, fresh)
    return fresh
  }
  metrics.add(
    {
      name: 'portico_requests_total',
      help: 'Requests that were answered, by door, declared route and class of status',
      labels: ['door', 'route', 'status'],
      type: 'counter',
      read: () =>
        [...routes.values()].flatMap(({ labels, classes }) =>
          Array.from(classes).flatMap((n, i): Sample<number>[] =>
            n === 0 ? [] : [[{ ...labels, status: `${i}xx` }, n]],
          ),
        ),
    },
    {
      name: 'portico_request_seconds',
      help: 'Time that a request took, by door and declared route',
      labels: ['door', 'route'],
      type: 'histogram',
      read: () => [...routes.values()].map(({ labels, took }): Sample<Histogram> => [labels, took]),
    },
  )
  const count: Count = (door, route, status, ms) => {
    const { classes, took } = routeOf(door, route)
    const i = Math.min(5, Math.floor(status / 100))
    classes[i] = (classes[i] ?? 0) + 1
    took.observe(ms / 1000)
  }
  counting.set(metrics, count)
  return count
}
