/** One run of the ladder: the surroundings once, then each rung of ours and of the peers, one after another. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bounds } from './bounds.ts'
import { openGround } from './ground.ts'
import { load, type Reading } from './load.ts'
import { machine, residentMiBOf } from './machine.ts'
import { type Climbing, portico } from './portico.ts'
import { expressGateway } from './peers/express-gateway.ts'
import { fastify } from './peers/fastify.ts'
import { haproxy } from './peers/haproxy.ts'
import { krakend } from './peers/krakend.ts'
import { nginx } from './peers/nginx.ts'
import { type Peer, type Rung, rungs, type Running } from './peers/peer.ts'
import { tyk } from './peers/tyk.ts'
import { type Endurance, endure } from './endurance.ts'

/** Of one rung. `rps` is the most that one core served; the rest is read at `atRps`, calls by the clock. */
export interface Figures {
  readonly rps: number
  readonly atRps: number
  readonly cpuMicrosPerCall: number
  /** The same while it serves the most that it can: wake-ups and syncs are shared by more calls. */
  readonly cpuMicrosAtMost: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p999Ms: number
  /** Over T0, which is the same loader against the upstream itself. */
  readonly addedP50Ms: number
  readonly addedP99Ms: number
  readonly residentMiB: number
  /** Answers that were none, or not 200. */
  readonly failed: number
  /** Where a peer promises less than the rung does. */
  readonly weaker?: string
}

export interface Ladder {
  readonly at: string
  readonly machine: ReturnType<typeof machine> & { readonly versions: Record<string, string> }
  readonly rungs: Partial<Record<Rung, Figures>>
  readonly peers: Record<string, Partial<Record<Rung, Figures>>>
  readonly missing: Record<string, string>
  readonly endurance: Endurance
  /** What takes minutes; a quick run leaves it out. */
  readonly bounds?: Bounds
}

interface Options {
  readonly peers: readonly Peer[]
  /** Names of peers and rungs; none: all of them. */
  readonly only: readonly string[]
  readonly seconds: {
    /** At most, for what is compiled while it runs. */
    readonly warm: number
    /** The same for the whole pipeline, whose pace is everyone's. */
    readonly warmFirst: number
    /** For the next rung of a process that is warm. */
    readonly warmNext: number
    /** For what was compiled before. */
    readonly warmNative: number
    readonly saturate: number
    readonly paced: number
  }
  readonly tell: (text: string) => void
}

/** After so many calls the hot path is compiled; a gateway that is slower than that has its time at most. */
const WARM_CALLS = 20_000

const adapters: Readonly<Record<string, (binary: string) => Peer>> = { krakend, tyk }

/** The peers of every run, and those whose binary is named. */
export const peersOf = (named: readonly string[]): Peer[] => [
  nginx,
  haproxy,
  fastify,
  expressGateway,
  ...named.map((text) => {
    const [name = '', path = ''] = text.split('=')
    const adapter = adapters[name]
    if (!adapter || path === '')
      throw new Error(`--peer ${text}: say ${Object.keys(adapters).join(' or ')}, then =PATH`)
    return adapter(path)
  }),
]

export const measure = async ({ peers, only, seconds, tell }: Options): Promise<Ladder> => {
  const wanted = (word: string) => only.length === 0 || only.includes(word)
  const ground = await openGround()
  const { cell, clients, stub, surroundings } = ground
  const { port, upstream } = surroundings

  const readings = async (
    to: { name: string; port: number; pids: number[]; rung: Rung; algorithm?: 'RS256' },
    atRps: number,
    warmSeconds = seconds.warm,
  ) => {
    const read = await load(
      {
        port: to.port,
        ca: cell.ca.toString(),
        lanes: await clients.lanesFor(to.rung, to.algorithm),
        phases: [
          // What V8 has not compiled yet would be charged to the calls.
          { name: 'warm', mode: 'closed', seconds: warmSeconds, calls: WARM_CALLS },
          { name: 'saturate', mode: 'closed', seconds: seconds.saturate },
          {
            name: 'paced',
            mode: 'open',
            seconds: seconds.paced,
            perSecond: atRps,
            shareOfMost: 0.5,
          },
        ],
      },
      to.pids,
    )
    const { saturate: most, paced } = read
    if (!most || !paced) throw new Error('the loader left a phase out')
    tell(`${Math.round(performance.now() / 1000)} s: ${to.name} ${to.rung} measured`)
    return {
      most,
      paced,
      perSecond: paced.askedPerSecond ?? 0,
      residentMiB: residentMiBOf(to.pids),
    }
  }
  type Read = Awaited<ReturnType<typeof readings>>

  /** The rungs that record in the same place are climbed by one process, which is started and warmed once. */
  const own: Partial<Record<Rung, Read>> = {}
  const climb = async (to: Climbing, rung: Rung, atRps: number, warmSeconds = seconds.warmNext) => {
    await to.climb(rung)
    const place = { name: 'portico', port: ground.portOf(rung), pids: [to.child.pid!], rung }
    return (own[rung] = await readings(place, atRps, warmSeconds))
  }

  // The whole pipeline first: half of what it can do is the pace at which everything is compared.
  const { pace, endurance } = await during(portico.start('T5', cell), async (gateway) => {
    const whole = await climb(gateway, 'T5', Number.MAX_SAFE_INTEGER, seconds.warmFirst)
    if (wanted('T6')) await climb(gateway, 'T6', whole.perSecond)
    const endured = await endure(cell, clients, {
      seconds: seconds.paced,
      perSecond: whole.perSecond,
    })
    tell(`${Math.round(performance.now() / 1000)} s: swaps, revocations and a limit measured`)
    return { pace: whole.perSecond, endurance: endured }
  })
  const inMemory = (['T1', 'T2', 'T3', 'T4'] as const).filter(wanted)
  if (inMemory.length > 0)
    await during(portico.start('T1', cell), async (gateway) => {
      for (const [place, rung] of inMemory.entries())
        await climb(gateway, rung, pace, place === 0 ? seconds.warm : seconds.warmNext)
    })
  const direct = await readings(
    { name: 'upstream', port: upstream.tlsPort, pids: [stub.pid!], rung: 'T0' },
    pace,
    seconds.warmNative,
  )
  const figuresOf = (read: Read, weaker?: string | null): Figures => ({
    rps: Math.round(read.most.perSecond),
    atRps: Math.round(read.perSecond),
    cpuMicrosPerCall: round(read.paced.cpuMicrosPerCall),
    cpuMicrosAtMost: round(read.most.cpuMicrosPerCall),
    p50Ms: round(read.paced.p50Ms),
    p99Ms: round(read.paced.p99Ms),
    p999Ms: round(read.paced.p999Ms),
    addedP50Ms: round(read.paced.p50Ms - direct.paced.p50Ms),
    addedP99Ms: round(read.paced.p99Ms - direct.paced.p99Ms),
    residentMiB: Math.round(read.residentMiB),
    failed: failedOf(read.most) + failedOf(read.paced),
    ...(typeof weaker === 'string' && { weaker }),
  })

  const others: Ladder['peers'] = {}
  const missing: Ladder['missing'] = {}
  const versions: Record<string, string> = {}
  for (const peer of peers.filter((p) => wanted(p.name))) {
    try {
      await peer.prepare()
      versions[peer.name] = peer.version()
      others[peer.name] = {}
      for (const rung of rungs) {
        const does = peer.rungs[rung]
        if (!does) continue
        const folder = join(surroundings.folder, `${peer.name}-${rung}`)
        mkdirSync(folder, { recursive: true })
        const read = await during(peer.start(rung, { ...surroundings, folder }), ({ child }) =>
          readings(
            {
              name: peer.name,
              port,
              pids: [child.pid!],
              rung,
              ...(peer.algorithm && { algorithm: peer.algorithm }),
            },
            pace,
            peer.compiled ? seconds.warmNative : seconds.warm,
          ),
        )
        // A refusal is cheap: who refuses everybody is no gateway to be compared with.
        if (!read.most.statuses['200'] || !read.paced.statuses['200'])
          throw new Error(`at ${rung} it answers ${JSON.stringify(read.most.statuses)}`)
        others[peer.name]![rung] = figuresOf(read, does.weaker)
      }
    } catch (error) {
      missing[peer.name] = error instanceof Error ? error.message : String(error)
      tell(`${peer.name} is left out: ${missing[peer.name]}`)
    }
  }

  await ground.close()
  return {
    at: Temporal.Now.instant().toString(),
    machine: { ...machine(), versions },
    rungs: { T0: figuresOf(direct), ...mapped(own, (read) => figuresOf(read)) },
    peers: others,
    missing,
    endurance,
  }
}

const during = async <R extends Running, T>(
  starting: Promise<R>,
  act: (running: R) => Promise<T>,
): Promise<T> => {
  const running = await starting
  try {
    return await act(running)
  } finally {
    await running.stop()
  }
}

const mapped = <A, B>(of: Partial<Record<Rung, A>>, to: (value: A) => B) =>
  Object.fromEntries(
    rungs.flatMap((rung) => (of[rung] === undefined ? [] : [[rung, to(of[rung])] as const])),
  )

const round = (value: number) => Math.round(value * 100) / 100
const failedOf = (reading: Reading): number =>
  reading.broken + reading.calls - (reading.statuses['200'] ?? 0)
