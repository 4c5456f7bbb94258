/** The authorization server of a cell: whose application it is, whose consent it has, and tokens that say both. */
import { createHmac } from 'node:crypto'
import type { Server as HttpsServer } from 'node:https'
import { bankContract } from '#bank/contract.ts'
import { answerEach } from '#platform/ask-line.ts'
import { addressesOf, settingWrong } from '#platform/config.ts'
import { linkTo } from '#platform/control-doors.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { listenOnSocket, openServer, type Server } from '#platform/http.ts'
import { publicJwk } from '#platform/jose.ts'
import { makeRandomKey, readJwk } from '#platform/keys.ts'
import { followPublication } from '#platform/link.ts'
import { type Nats, natsFamilies, openNats } from '#platform/nats.ts'
import { pooling } from '#platform/pooling.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { rpcClient, serveContract } from '#platform/rpc.ts'
import { Secret } from '#platform/secret.ts'
import { countAnswers, startTelemetry } from '#platform/telemetry.ts'
import { openAbuse } from './abuse.ts'
import { accessProver } from './access.ts'
import { type Clients, openClients, type Served } from './clients/index.ts'
import {
  askedOnce,
  bankDoor,
  consentsDesk,
  consentsDeskContract,
  followUses,
  scopes,
} from './consents/index.ts'
import { authorizationContract } from './contract.ts'
import { closeDoor, openDoor, renewDoor } from './doors.ts'
import type { Door } from './edge.ts'
import { readCellKeys } from './guard.ts'
import { handlerFor, renderLibraryError } from './handler.ts'
import { sweepExpired } from './oauth/index.ts'
import { type House, lintelOf, loadAssets } from './pages/index.ts'
import { isWelcome, openIssuer, servedTypes } from './provider/index.ts'
import { openDesk, readAnchors, statementReader } from './registration/index.ts'
import { Registry } from './registry.ts'
import { takenTeller } from './taken.ts'
import { openMeans, slowedMeans } from './sign-in/index.ts'
import { startIssuer } from './running-issuer.ts'

const POOL_MAX = 4
const SWEEP_MS = 60_000

/** One secret per use, from one file. */
const derived = (key: Buffer, use: string): Buffer => createHmac('sha256', key).update(use).digest()

const databaseOf = ({ settings, cell }: CellWorld): Postgres => {
  const url = settings.PORTICO_DATABASE_URL_AUTHORIZATION
  if (!url)
    throw settingWrong(
      'PORTICO_DATABASE_URL_AUTHORIZATION is missing: it names the cell’s database',
    )
  return openPostgres(url, {
    name: `${cell}-authorization`,
    max: POOL_MAX,
    ...pooling(settings, 'AUTHORIZATION'),
  })
}

const followRegistry = (world: CellWorld, clients: Clients, nats: Nats | undefined) => {
  const { layout, cell, log } = world
  const files = layout.cell(cell)
  return followPublication({
    link: linkTo(world),
    nats,
    audience: 'authorization',
    publicKey: readJwk(layout.control.snapshotPublicKey),
    content: Registry,
    folder: files.snapshots,
    log,
    onDocument: (registry, epoch, { compiledAt, sha256 }) =>
      clients.hold(registry, Temporal.Instant.from(compiledAt), { epoch, sha256 }),
    onRevocation: (revocation) => clients.deny(revocation),
  })
}

/** What the cell's own processes and the supervisor reach. */
const openInside = async (
  world: CellWorld,
  postgres: Postgres,
  epoch: () => number,
): Promise<Server> => {
  const server = openServer(world.log)
  server.get('/internal/ready', async (_request, reply) => {
    await postgres.run`select 1`
    const ready = epoch() > 0
    return reply.code(ready ? 200 : 503).send({ ready, epoch: epoch() })
  })
  serveContract(server, authorizationContract, bankDoor(postgres, world.now))
  await listenOnSocket(server, world.layout.cell(world.cell).socket('authorization'))
  return server
}

/** Control asks for consents of partners, for their pages and the console's: no person, no account. */
const answerConsents = (world: CellWorld, postgres: Postgres, clients: Clients): Running => {
  const { layout, cell, log, now } = world
  return answerEach(linkTo(world), consentsDeskContract, consentsDesk({ postgres, clients, now }), {
    log,
    of: 'authorization',
    key: new Secret(makeRandomKey(layout.cell(cell).askKey('authorization'))),
  })
}

/** Forgets what ended ten minutes ago. Nothing depends on it: readers compare times themselves. */
const sweepNowAndThen = ({ log, now }: CellWorld, postgres: Postgres) => {
  const sweep = () =>
    sweepExpired(postgres, now().subtract({ minutes: 10 })).catch((cause: unknown) =>
      log.warn({ cause }, 'what has ended could not be forgotten; it is tried again'),
    )
  const timer = setInterval(() => void sweep(), SWEEP_MS)
  return { stop: () => clearInterval(timer) }
}

/** What has a line of its own among the figures; every other address shares one. */
const watchedRoutes: ReadonlySet<string> = new Set([
  '.well-known',
  'assets',
  'auth',
  'consents',
  'dashboard',
  'interaction',
  'jwks',
  'registration',
  'request',
  'token',
])

export const startAuthorization = async (world: CellWorld): Promise<Running> => {
  const { cell, layout, ports, settings, log, now } = world
  const files = layout.cell(cell)
  const addresses = addressesOf(ports, cell)
  const { issuer, issuerMtls, audience } = addresses
  const keys = readCellKeys(world)
  const house: House = {
    bank: settings.PORTICO_BANK_NAME,
    phone: settings.PORTICO_SUPPORT_PHONE,
    zone: settings.PORTICO_BANK_ZONE,
    lintel: lintelOf[cell],
  }
  const postgres = databaseOf(world)
  const bank = rpcClient(bankContract, files.socket('bank'))
  const served: Served = { cell, issuer, scopes, consentTypes: servedTypes }
  const clients = openClients(served, log)
  const nats = openNats(settings, `authorization ${cell}`, log)
  const taken = takenTeller(postgres, world)
  const telling: Clients = {
    ...clients,
    hold: (held, compiledAt, document) => {
      clients.hold(held, compiledAt, document)
      if (document) taken(document)
    },
  }
  const registry = await followRegistry(world, telling, nats)
  const desk = openDesk(linkTo(world))

  const anybodyIsReal = askedOnce(async () => (await bank.whoIsReal({})).anybody)
  const abuse = openAbuse(now)
  const open = new Map<Door, HttpsServer>()
  const issuing = await startIssuer({
    world,
    postgres,
    known: () => clients.issuerKeys(),
    make: async (privates, secrets, nonceSecret) => ({
      provider: openIssuer({
        cell,
        issuer,
        issuerMtls,
        audience,
        keys: { keys: [...privates] },
        publicKeys: privates.map(publicJwk),
        cookieKeys: secrets.cookie.map((key) => derived(key, 'cookies').toString('base64url')),
        nonceSecret,
        postgres,
        clients,
        abuse,
        now,
        log,
        anybodyIsReal,
        renderError: renderLibraryError(house),
      }),
      prove: await accessProver({
        issuer,
        audience,
        keys: privates.map(publicJwk),
        originOf: (host) => `https://${host}`,
        clients,
        postgres,
        now,
      }),
    }),
    onCertificates: () => {
      for (const [kind, server] of open) renewDoor(kind, server, files)
    },
  })
  const doorHosts = {
    tls: new URL(issuer).host,
    mtls: new URL(issuerMtls).host,
  }
  const means = slowedMeans(
    abuse,
    await openMeans({
      cell: world,
      issuer,
      postgres,
      bank,
      key: derived(keys.cookie[0] ?? Buffer.alloc(0), 'sign-in'),
    }),
  )
  const handler = handlerFor({
    cell,
    issuer,
    issuing,
    get provider() {
      return issuing.provider
    },
    postgres,
    bank,
    vault: addresses.vault,
    clients,
    prove: (exchange) => issuing.prove(exchange),
    anybodyIsReal,
    registration: {
      served,
      get provider() {
        return issuing.provider
      },
      clients,
      desk,
      readStatement: statementReader(readAnchors(settings.PORTICO_SOFTWARE_STATEMENT_ISSUERS), now),
      now,
    },
    means,
    abuse,
    house,
    assets: loadAssets(),
    cookieKey: derived(keys.cookie[0] ?? Buffer.alloc(0), 'forms'),
    now,
    log,
  })
  const telemetry = await startTelemetry(world, 'authorization')
  telemetry.metrics.add(...natsFamilies(nats))
  const inside = await openInside(world, postgres, () => registry.epoch())
  const first = settings.PORTICO_AUTHORIZATION_PORT
  const listensOn = {
    tls: first ?? ports[cell].authorization,
    mtls: first === undefined ? ports[cell].authorizationMtls : first + 1,
  }
  await Promise.all(
    (['tls', 'mtls'] as const).map(async (kind) => {
      const server = await openDoor(kind, {
        files,
        host: ports.listen,
        port: listensOn[kind],
        log,
        handler: handler({ kind, host: doorHosts[kind] }),
        welcome: (socket) => isWelcome(socket, clients, now()),
      })
      countAnswers(server, telemetry, kind, watchedRoutes)
      open.set(kind, server)
    }),
  )
  const sweeper = sweepNowAndThen(world, postgres)
  const uses = await followUses(postgres, { now, log })
  const answering = answerConsents(world, postgres, clients)
  log.info({ issuer, issuerMtls, epoch: registry.epoch() }, 'authorization is open')

  return {
    stop: async () => {
      sweeper.stop()
      await Promise.all([uses.stop(), answering.stop(), telemetry.stop()])
      await Promise.all([...open.values()].map(closeDoor))
      await Promise.all([inside.close(), registry.stop(), issuing.stop(), desk.close()])
      await nats?.close()
      await Promise.all([bank.close(), postgres.close()])
    },
  }
}
