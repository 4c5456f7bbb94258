/** One run of the ladder: the surroundings once, then each rung of ours and of the peers, one after another. */
import { spawn } from 'node:child_process'
import { createPublicKey } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { openCell } from '#test/gateway/cell.ts'
import { publicJwk } from '#platform/jose.ts'
import { newClients } from './clients.ts'
import { load, type Reading } from './load.ts'
import { machine, residentMiBOf } from './machine.ts'
import { portico } from './portico.ts'
import { expressGateway } from './peers/express-gateway.ts'
import { fastify } from './peers/fastify.ts'
import { haproxy } from './peers/haproxy.ts'
import { krakend } from './peers/krakend.ts'
import { nginx } from './peers/nginx.ts'
import { type Peer, type Rung, rungs, type Running, type Surroundings } from './peers/peer.ts'
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
  const cell = await openCell()
  await cell.endUpstreams()
  const port = cell.world.ports.portal + 45
  const upstream = { port: port + 1, tlsPort: port + 2, socket: cell.files.socket('bank') }
  const stub = await startStub(cell, upstream)
  const clients = await newClients(cell)
  const surroundings = surroundingsOf(cell, port, upstream)

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
      async (pid) => {
        const door =
          rung === 'T6'
            ? cell.world.ports.production.gateway
            : cell.world.ports.production.gatewayMtls
        return readings({ port: door, pids: [pid], rung }, atRps)
      },
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
  stub.kill()
  await cell.close()
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

type Cell = Awaited<ReturnType<typeof openCell>>

const startStub = async (
  cell: Cell,
  { port, tlsPort, socket }: { port: number; tlsPort: number; socket: string },
) => {
  const tls = cell.files.tls('gateway')
  const options = { sockets: [socket], port, tlsPort, certificate: tls.certificate, key: tls.key }
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, 'stub.ts'), JSON.stringify(options)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  return child
}

const surroundingsOf = (
  cell: Cell,
  port: number,
  upstream: Surroundings['upstream'],
): Surroundings => {
  const folder = join(cell.data, 'peers')
  mkdirSync(folder, { recursive: true })
  const jwk = publicJwk(cell.issuerJwk)
  const publicKey = join(folder, 'issuer.pem')
  const jwks = join(folder, 'issuer.json')
  writeFileSync(
    publicKey,
    createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }),
  )
  writeFileSync(jwks, JSON.stringify({ keys: [jwk] }))
  const tls = cell.files.tls('gateway')
  return {
    folder,
    port,
    certificate: tls.certificate,
    key: tls.key,
    clientAuthority: cell.files.partnerCa.certificate,
    upstream,
    issuer: {
      issuer: cell.addresses.issuer,
      audience: cell.addresses.audience,
      publicKey,
      jwks,
      kid: String(jwk.kid ?? ''),
    },
  }
}
