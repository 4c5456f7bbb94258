/** The vault process: the only one with card numbers. It reaches its database and nothing else. */
import type { Cell } from '#kernel/cell.ts'
import { callerVerifier } from '#platform/caller.ts'
import { addressesOf, settingWrong } from '#platform/config.ts'
import { keepEvidence } from '#journal/index.ts'
import { openPostgres } from '#platform/db.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import { readRandomKey } from '#platform/keys.ts'
import { pooling } from '#platform/pooling.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { countRequests, startTelemetry } from '#platform/telemetry.ts'
import { fileKeyService, type KeyService, movedKeyService } from './key-service.ts'
import { openKeyring } from './keyring.ts'
import { openRevealDoor } from './reveal-door.ts'
import { openRotations } from './rotating.ts'
import { serveBank, serveOperator, servePartners } from './routes.ts'
import { transitKeyService } from './transit-key-service.ts'

/** Display only: the page says where people and cards are synthetic. */
const syntheticIn: Readonly<Record<Cell, boolean>> = { sandbox: true, production: false }

/** Far more than a reveal or an issue can need. */
const BODY_BYTES_MAX = 8_192

export const startVault = async (world: CellWorld): Promise<Running> => {
  const { settings, log, now } = world
  const url = settings.PORTICO_DATABASE_URL_VAULT
  if (!url)
    throw settingWrong('PORTICO_DATABASE_URL_VAULT is missing: the vault has a database of its own')
  const files = world.layout.cell(world.cell)
  const pooled = pooling(settings, 'VAULT')
  const db = openPostgres(url, { name: `${world.cell}-vault`, max: 3, ...pooled })
  const keyDb = openPostgres(url, { name: `${world.cell}-vault-keys`, max: 1, ...pooled })
  const { service, closeService } = openKeyService(world)
  const room = {
    keyring: await openKeyring(files.vault, keyDb, {
      service,
      lifeMs: settings.PORTICO_DATA_KEY_SECONDS * 1_000,
    }),
    zone: settings.PORTICO_BANK_ZONE,
    origin: addressesOf(world.ports, world.cell).vault,
  }
  // Of its own pool: a rotation waits for nobody's reveal, and no reveal for it.
  const rotationDb = openPostgres(url, { name: `${world.cell}-vault-rotation`, max: 1, ...pooled })
  const rotations = openRotations({ db: rotationDb, keyring: room.keyring, now }, log)
  const evidence = await keepEvidence(db, world, {
    database: `${world.cell}_vault`,
    keys: `${world.cell}/vault`,
  })
  const verifyCaller = callerVerifier(readRandomKey(files.callerKey('vault')))

  const server = openServer(log, { bodyLimit: BODY_BYTES_MAX, trustInteractionId: true })
  const telemetry = await startTelemetry(world, 'vault')
  countRequests(server, telemetry, 'inside')
  const doors = { server, db, room, rotations, verifyCaller, now }
  serveBank(doors)
  serveOperator(doors)
  servePartners(doors)
  server.get('/internal/ready', async () => {
    await db.run`select 1`
    return { ready: true }
  })
  const revealDoor = await openRevealDoor({
    cell: world.cell,
    db,
    room,
    log,
    now,
    host: world.ports.listen,
    port: world.ports[world.cell].vault,
    tls: files.tls('vault'),
    frame: { bank: settings.PORTICO_BANK_NAME, synthetic: syntheticIn[world.cell] },
  })
  await listenOnSocket(server, files.socket('vault'))
  log.info('vault is open')
  return {
    stop: async () => {
      await Promise.all([server.close(), revealDoor.stop(), telemetry.stop()])
      await Promise.all([rotations.stop(), evidence.stop()])
      await Promise.all([db.close(), keyDb.close(), rotationDb.close(), closeService()])
    },
  }
}

/** The bank's key service where it is set, and the file for what was wrapped before; else the file alone. */
const openKeyService = ({
  settings,
  layout,
  cell,
}: CellWorld): { service: KeyService; closeService: () => Promise<void> } => {
  const files = layout.cell(cell).vault
  const file = fileKeyService(files.kek)
  const url = settings.PORTICO_KEY_SERVICE_URL
  if (!url) return { service: file, closeService: async () => {} }
  const ca = settings.PORTICO_KEY_SERVICE_CA_FILE
  if (!ca) throw settingWrong('PORTICO_KEY_SERVICE_URL needs PORTICO_KEY_SERVICE_CA_FILE beside it')
  const transit = transitKeyService({
    ...files.keyService,
    url: new URL(url).origin,
    // Each cell has a role and a key of its own there: no certificate opens the other's.
    name: `portico-${cell}`,
    mount: settings.PORTICO_KEY_SERVICE_MOUNT,
    ca,
  })
  return { service: movedKeyService(transit, file), closeService: transit.close }
}
