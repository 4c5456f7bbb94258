/** A cell around one gateway: real TLS, real PostgreSQL, a signed snapshot by a real link; control and bank are played. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import {
  get as httpGet,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { Agent, request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Step } from '#gateway/call.ts'
import { startGateway } from '#gateway/gateway.ts'
import { Snapshot, type SnapshotLife, SnapshotProduct } from '#gateway/snapshot.ts'
import { uuidv7 } from '#kernel/id.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { addressesOf, portsOf, Settings } from '#platform/config.ts'
import { type JWK, publicJwk, sha256url, type SigningKey, signJws } from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet, readRandomKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import type { Revocation } from '#platform/publication.ts'
import { freshDatabase } from '#test/world.ts'
import { type Change, day, type Holder, issuing, newHolder, unchanged } from './partner.ts'
import { answerJson, type Heard, type Play, playControl, playUpstream, read } from './played.ts'

export interface Asked {
  readonly method?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly door?: 'tls' | 'mtls'
}

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly json: Record<string, unknown>
}

const products = ['accounts', 'payments', 'cards'].map((id) =>
  SnapshotProduct.parse({
    id,
    version: day,
    versions: [day],
    openapi: parse(
      readFileSync(join(import.meta.dirname, `../../src/bank/${id}/openapi.yaml`), 'utf8'),
    ),
  }),
)

const Health = z.object({ ready: z.boolean(), epoch: z.number() })
const JsonObject = z.record(z.string(), z.unknown())
const cell = 'production'

/** Keys, certificates and databases of the cell, in a folder of its own. */
const build = async (changed: Record<string, string>) => {
  const data = mkdtempSync(join(tmpdir(), 'gw-'))
  const layout = layoutOf(data)
  const files = layout.cell(cell)
  const database = await freshDatabase('cell')
  const settings = Settings.parse({
    PORTICO_DATA: data,
    // Below the ports that the system gives to outgoing connections.
    PORTICO_PORT_BASE: String(20_000 + Math.floor(Math.random() * 240) * 50),
    PORTICO_DATABASE_URL_GATEWAY: database.url('gateway'),
    // How late the loop is says how busy the machine of the tests is; shedding has tests of its own.
    PORTICO_EDGE_LOOP_DELAY_MS: '10000',
    PORTICO_LIMITS_PATIENCE_MS: '30000',
    ...changed,
  })
  const serverCa = await makeAuthority(layout.serverCa, 'servers')
  const partnerCa = await makeAuthority(files.partnerCa, 'partners')
  await makeServerCertificate(serverCa, files.tls('gateway'), 'gateway')
  const snapshotKey = await makeSigningKey(
    layout.control.snapshotKey,
    layout.control.snapshotPublicKey,
    'EdDSA',
  )
  const [issuerJwk] = await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  if (!issuerJwk) throw new Error('the issuer has a key')
  for (const upstream of ['bank', 'vault'] as const) makeRandomKey(files.callerKey(upstream))
  makeRandomKey(files.linkKey)
  const printed: string[] = []
  const print = (text: string) => void printed.push(...text.split(/(?<=\n)/))
  const log = pino({ level: 'debug' }, { write: print })
  const world: CellWorld = {
    settings,
    layout,
    ports: portsOf(settings),
    log,
    now: () => Temporal.Now.instant(),
    cell,
  }
  return {
    data,
    files,
    database,
    partnerCa,
    snapshotKey,
    issuerJwk,
    printed,
    world,
    ca: readFileSync(layout.serverCa.certificate),
  }
}

/** `changed` are settings that differ from the defaults, `more` are products besides the bank's own. */
export const openCell = async (
  changed: Record<string, string> = {},
  more: readonly z.output<typeof SnapshotProduct>[] = [],
  /** What callers may ask to be played, as a sandbox's snapshot says it. */
  scenarios: readonly string[] = [],
  /** What becomes of versions; read at each publication. */
  lives: Record<string, SnapshotLife> = {},
  /** Versions in trial; read at each publication. */
  betas: readonly string[] = [],
) => {
  const built = await build(changed)
  const { files, database, world, issuerJwk } = built
  const addresses = addressesOf(world.ports, cell)
  const holders: Holder[] = []
  const content = (): Snapshot => ({
    cell,
    matrix: day,
    issuer: {
      issuer: addresses.issuer,
      audience: addresses.audience,
      keys: [z.looseObject({ kty: z.string() }).parse(publicJwk(issuerJwk))],
    },
    products: [...products, ...more],
    ...(scenarios.length > 0 && { scenarios: [...scenarios] }),
    ...(Object.keys(lives).length > 0 && { lives: { ...lives } }),
    ...(betas.length > 0 && { betas: [...betas] }),
    partners: holders.map((h) => h.partner),
    applications: holders.map((h) => h.application),
    certificates: holders.map((h) => ({
      sha256: h.certificate.sha256,
      applicationId: h.applicationId,
      notAfter: new X509Certificate(h.certificate.pem).validToDate.toISOString(),
    })),
  })
  const control = playControl({
    cell,
    socketPath: world.layout.control.socket,
    snapshotKey: built.snapshotKey,
    content,
  })
  await control.open()

  const heard: Heard[] = []
  let play: Play = (_, response) => answerJson(response, 500, {})
  const hear: Play = (one, response) => {
    heard.push(one)
    return play(one, response)
  }
  const upstreams = [
    await playUpstream(files.socket('bank'), readRandomKey(files.callerKey('bank')), hear),
    await playUpstream(files.socket('vault'), readRandomKey(files.callerKey('vault')), hear),
  ]
  const health = async () => {
    const answered = await new Promise<IncomingMessage>((resolve, reject) =>
      httpGet({ socketPath: files.socket('gateway'), path: '/internal/ready' }, resolve).once(
        'error',
        reject,
      ),
    )
    return { status: answered.statusCode, ...Health.parse(JSON.parse(await read(answered))) }
  }
  let running: Running | undefined
  const wire = openWire(world, built.ca)

  return {
    ...built,
    ...control,
    ...wire,
    cell: 'production' as const,
    addresses,
    heard,
    holders,
    content,
    token: issuing(issuerJwk, { ...addresses, cell }),
    setPlay: (next: Play) => {
      play = next
    },
    addHolder: async (constraint: 'dpop' | 'mtls', change: Partial<Holder['partner']> = {}) => {
      const holder = await newHolder(built.partnerCa, cell, constraint, change)
      holders.push(holder)
      return holder
    },
    /** As the authorization server does it: a row, whose trigger tells. */
    revokeInCell: async (kind: Revocation['kind'], id: string) => {
      await database.owner.run`
        insert into revocations.revocation (kind, id, expires_at) values (${kind}, ${id}, now() + interval '10 minutes')
      `
    },
    endUpstreams: () => Promise.all(upstreams.map(end)),
    /** With other `steps` than the policy's own, where a test says so. */
    start: async (steps?: readonly Step[]) => {
      running = await startGateway(world, steps)
    },
    openControl: control.open,
    closeControl: control.close,
    /** Publishes what is registered now, and waits until the gateway decides by it. */
    publishAndWait: async () => {
      const epoch = control.publish()
      while ((await health()).epoch < epoch) await sleep(10)
    },
    health,
    stop: async () => {
      await running?.stop()
      running = undefined
    },
    close: async () => {
      wire.hangUp()
      await running?.stop()
      control.end()
      await control.close()
      await Promise.all(upstreams.map(end))
      rmSync(built.data, { recursive: true, force: true })
    },
  }
}
export type TestCell = Awaited<ReturnType<typeof openCell>>

/** What every refusal looks like (O40, A32). */
export const refused = (answered: Answered, status: number, code: string): void => {
  assert.equal(answered.status, status, answered.text)
  assert.equal(answered.json['code'], code)
  assert.equal(answered.headers['content-type'], 'application/problem+json')
  assert.ok(answered.headers['date'])
  assert.equal(answered.json['instance'], answered.headers['x-fapi-interaction-id'])
}

const end = async (server: Server): Promise<void> => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

const anywhere = '/accounts/v1/accounts'

/** A partner's side of the wire. */
const openWire = (world: CellWorld, ca: Buffer) => {
  const origin = addressesOf(world.ports, cell).gateway
  const plain = new Agent({ ca, keepAlive: true, maxSockets: 256 })
  const agents = new Map<string, Agent>()
  const agentOf = ({ certificate }: Holder): Agent => {
    const agent =
      agents.get(certificate.sha256) ??
      new Agent({
        ca,
        cert: certificate.pem,
        key: certificate.key,
        keepAlive: true,
        maxSockets: 256,
      })
    agents.set(certificate.sha256, agent)
    return agent
  }
  const ask = (
    { method = 'GET', path = anywhere, headers = {}, body, door = 'tls' }: Asked,
    agent = plain,
  ): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const { gateway, gatewayMtls } = world.ports[cell]
      const described =
        body === undefined
          ? {}
          : {
              'content-type': 'application/json',
              'content-length': String(Buffer.byteLength(body)),
            }
      const request = httpsRequest(
        {
          host: 'localhost',
          port: door === 'mtls' ? gatewayMtls : gateway,
          agent,
          method,
          path,
          headers: { ...described, ...headers },
        },
        (response) => {
          read(response).then((text) => {
            const json = text === '' ? {} : JsonObject.parse(JSON.parse(text))
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
          }, reject)
        },
      )
      request.once('error', reject)
      request.end(body)
    })

  let nonce = ''
  const proof = (
    holder: Holder,
    accessToken: string,
    asked: Asked,
    change: Change = unchanged,
    header: { typ?: string; jwk?: JWK } = {},
    key: SigningKey = holder.dpop,
  ) =>
    signJws(
      change({
        jti: uuidv7(),
        htm: asked.method ?? 'GET',
        htu: `${origin}${(asked.path ?? anywhere).split('?')[0]}`,
        iat: Math.floor(Date.now() / 1000),
        ath: sha256url(accessToken),
        nonce,
      }),
      key,
      { typ: 'dpop+jwt', jwk: holder.dpopJwk, ...header },
    )
  /** As an ordinary DPoP client: takes the nonce that it is given, and tries again when it is challenged. */
  const call = async (
    holder: Holder,
    accessToken: string,
    asked: Asked = {},
  ): Promise<Answered> => {
    for (let tries = 0; ; tries++) {
      const dpop = await proof(holder, accessToken, asked)
      const answered = await ask({
        ...asked,
        headers: { authorization: `DPoP ${accessToken}`, dpop, ...asked.headers },
      })
      const given = answered.headers['dpop-nonce']
      if (typeof given === 'string') nonce = given
      if (tries > 0 || !answered.headers['www-authenticate']?.includes('use_dpop_nonce'))
        return answered
    }
  }
  const callMtls = (holder: Holder, accessToken: string, asked: Asked = {}): Promise<Answered> =>
    ask(
      {
        ...asked,
        door: 'mtls',
        headers: { authorization: `Bearer ${accessToken}`, ...asked.headers },
      },
      agentOf(holder),
    )
  const hangUp = () => {
    plain.destroy()
    agents.forEach((agent) => agent.destroy())
  }
  return { agentOf, ask, proof, call, callMtls, hangUp }
}
