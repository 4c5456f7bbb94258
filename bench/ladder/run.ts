/** One run of the ladder: the surroundings once, then each rung of ours and of the peers, one after another. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Bounds } from './bounds.ts'
import { openGround } from './ground.ts'
import { load, type Reading } from './load.ts'
import { machine, residentMiBOf } from './machine.ts'
import { portico } from './portico.ts'
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
  readonly seconds: { readonly warm: number; readonly saturate: number; readonly paced: number }
  readonly tell: (text: string) => void
}

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
    to: { port: number; pids: number[]; rung: Rung },
    atRps: number | null,
  ) => {
    const plan = { port: to.port, ca: cell.ca.toString(), lanes: await clients.lanesFor(to.rung) }
    const full = await load(
      {
        ...plan,
        phases: [
          { name: 'warm', mode: 'closed', seconds: seconds.warm },
          { name: 'saturate', mode: 'closed', seconds: seconds.saturate },
        ],
      },
      to.pids,
    )
    const most = full['saturate']!
    const perSecond = Math.min(atRps ?? Infinity, most.perSecond / 2)
    const paced = await load(
      { ...plan, phases: [{ name: 'paced', mode: 'open', seconds: seconds.paced, perSecond }] },
      to.pids,
    )
    return { most, paced: paced['paced']!, perSecond, residentMiB: residentMiBOf(to.pids) }
  }
  type Read = Awaited<ReturnType<typeof readings>>

  const running = async <T>(
    name: string,
    rung: Rung,
    start: () => Promise<Running>,
    during: (pid: number) => Promise<T>,
  ): Promise<T> => {
    const started = await start()
    try {
      return await during(started.child.pid!)
    } finally {
      await started.stop()
      tell(`${name} ${rung} measured`)
    }
  }

  const ours = async (rung: Rung, atRps: number | null) =>
    running(
      'portico',
      rung,
      () => portico.start(rung, cell),
      (pid) => readings({ port: ground.portOf(rung), pids: [pid], rung }, atRps),
    )

  // The whole pipeline first: half of what it can do is the pace at which everything is compared.
  const whole = await ours('T5', null)
  const pace = whole.perSecond
  const direct = await readings({ port: upstream.tlsPort, pids: [stub.pid!], rung: 'T0' }, pace)
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

  const own: Ladder['rungs'] = { T0: figuresOf(direct), T5: figuresOf(whole) }
  for (const rung of rungs.filter((r) => r !== 'T0' && r !== 'T5' && wanted(r)))
    own[rung] = figuresOf(await ours(rung, pace))

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
        const read = await running(
          peer.name,
          rung,
          () => peer.start(rung, { ...surroundings, folder }),
          (pid) => readings({ port, pids: [pid], rung }, pace),
        )
        others[peer.name]![rung] = figuresOf(read, does.weaker)
      }
    } catch (error) {
      missing[peer.name] = error instanceof Error ? error.message : String(error)
      tell(`${peer.name} is left out: ${missing[peer.name]}`)
    }
  }

  const endurance = await running(
    'portico',
    'T5',
    () => portico.start('T5', cell),
    () => endure(cell, clients, { seconds: seconds.paced, perSecond: pace }),
  )
  await ground.close()
  return {
    at: Temporal.Now.instant().toString(),
    machine: { ...machine(), versions },
    rungs: own,
    peers: others,
    missing,
    endurance,
  }
}

const round = (value: number) => Math.round(value * 100) / 100
const failedOf = (reading: Reading): number =>
  reading.broken + reading.calls - (reading.statuses['200'] ?? 0)
