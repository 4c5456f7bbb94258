/** The authorization server of a cell: whose application it is, whose consent it has, and tokens that say both. */
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { bankContract } from '#bank/contract.ts'
import { addressesOf, settingWrong } from '#platform/config.ts'
import { openPostgres, type Postgres } from '#platform/db.ts'
import { listenOnSocket, openServer, type Server } from '#platform/http.ts'
import { publicJwk } from '#platform/jose.ts'
import { readJwk } from '#platform/keys.ts'
import { followPublication } from '#platform/link.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { rpcClient, serveContract } from '#platform/rpc.ts'
import { Secret } from '#platform/secret.ts'
import { accessProver } from './access.ts'
import { type Clients, openClients } from './clients/index.ts'
import { bankDoor, followUses, scopes } from './consents/index.ts'
import { authorizationContract } from './contract.ts'
import { closeDoor, openDoor } from './doors.ts'
import { readCellKeys } from './guard.ts'
import { handlerFor, renderLibraryError } from './handler.ts'
import { sweepExpired } from './oauth/index.ts'
import { type House, lintelOf, loadAssets } from './pages/index.ts'
import { openIssuer, servedTypes } from './provider/index.ts'
import { Registry } from './registry.ts'
import { openMeans } from './sign-in/index.ts'

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
  return openPostgres(url, { name: `${cell}-authorization`, max: POOL_MAX })
}

const followRegistry = (world: CellWorld, clients: Clients) => {
  const { layout, cell, log } = world
  const files = layout.cell(cell)
  const key = new Secret(readFileSync(files.linkKey, 'utf8').trim())
  return followPublication({
    link: { cell, socketPath: layout.control.socket, key },
    audience: 'authorization',
    publicKey: readJwk(layout.control.snapshotPublicKey),
    content: Registry,
    folder: files.snapshots,
    log,
    onDocument: (registry, _epoch, { compiledAt }) =>
      clients.hold(registry, Temporal.Instant.from(compiledAt)),
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

/** Forgets what ended ten minutes ago. Nothing depends on it: readers compare times themselves. */
const sweepNowAndThen = ({ log, now }: CellWorld, postgres: Postgres) => {
  const sweep = () =>
    sweepExpired(postgres, now().subtract({ minutes: 10 })).catch((cause: unknown) =>
      log.warn({ cause }, 'what has ended could not be forgotten; it is tried again'),
    )
  const timer = setInterval(() => void sweep(), SWEEP_MS)
  return { stop: () => clearInterval(timer) }
}

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
  const clients = openClients({ cell, issuer, scopes, consentTypes: servedTypes }, log)
  const registry = await followRegistry(world, clients)

  const provider = openIssuer({
    cell,
    issuer,
    issuerMtls,
    audience,
    keys: { keys: [...keys.issuer] },
    cookieKeys: [derived(keys.cookie, 'cookies').toString('base64url')],
    nonceSecret: keys.nonce,
    postgres,
    clients,
    now,
    log,
    renderError: renderLibraryError(house),
  })
  const doorHosts = {
    tls: `localhost:${ports[cell].authorization}`,
    mtls: `localhost:${ports[cell].authorizationMtls}`,
  }
  const prove = await accessProver({
    issuer,
    audience,
    keys: keys.issuer.map(publicJwk),
    originOf: (host) => `https://${host}`,
    clients,
    postgres,
    now,
  })
  const means = await openMeans({
    cell: world,
    issuer,
    postgres,
    bank,
    key: derived(keys.cookie, 'sign-in'),
  })
  const handler = handlerFor({
    cell,
    issuer,
    provider,
    postgres,
    bank,
    clients,
    prove,
    means,
    house,
    assets: loadAssets(),
    cookieKey: derived(keys.cookie, 'forms'),
    now,
    log,
  })
  const inside = await openInside(world, postgres, () => registry.epoch())
  const doors = await Promise.all(
    (['tls', 'mtls'] as const).map((kind) =>
      openDoor(kind, {
        files,
        port: kind === 'tls' ? ports[cell].authorization : ports[cell].authorizationMtls,
        log,
        handler: handler({ kind, host: doorHosts[kind] }),
      }),
    ),
  )
  const sweeper = sweepNowAndThen(world, postgres)
  const uses = await followUses(postgres, { now, log })
  log.info({ issuer, issuerMtls, epoch: registry.epoch() }, 'authorization is open')

  return {
    stop: async () => {
      sweeper.stop()
      await uses.stop()
      await Promise.all([...doors.map(closeDoor), inside.close(), registry.stop()])
      await Promise.all([bank.close(), postgres.close()])
    },
  }
}
