/** A cell's authorization server with real keys, certificates, database and listeners; only bank and control are ours. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { startAuthorization } from '#authorization/authorization.ts'
import type { RegistryClient } from '#authorization/registry.ts'
import type { Cell } from '#kernel/cell.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { addressesOf, portsOf, readSettings } from '#platform/config.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet, writeWhole } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { CellWorld, Running } from '#platform/process.ts'
import { freshDatabase, type TestDatabase } from '../world.ts'
import { openBank } from './bank.ts'
import { openControl } from './control.ts'

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: 'localhost' }, () => probe.close(() => resolve(true)))
  })

const freePortBase = async (): Promise<number> => {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 400) * 100
    const wanted = [12, 13, 22, 23].map((offset) => isFree(base + offset))
    if ((await Promise.all(wanted)).every(Boolean)) return base
  }
}

export interface House {
  readonly world: CellWorld
  readonly database: TestDatabase
  readonly issuer: string
  readonly issuerMtls: string
  readonly audience: string
  readonly ca: string
  /** The cell's authority of partner certificates. */
  readonly partnerCa: Awaited<ReturnType<typeof makeAuthority>>
  /** Adds applications to the registry and waits until they are served. */
  admit(...clients: RegistryClient[]): Promise<void>
  /** Epoch of the registry that is served now. */
  epoch(): Promise<number>
  revoke(kind: 'client' | 'partner' | 'certificate', id: string): void
  restart(): Promise<void>
  stopBank(): Promise<void>
  startBank(): Promise<void>
}

interface Shared {
  readonly data: string
  readonly database: TestDatabase
}

const Ready = z.object({ epoch: z.number() })

/** Epoch of the registry that the server holds, as its own socket says. */
const epochOf = async ({ layout, cell }: CellWorld): Promise<number> => {
  const dispatcher = new Agent({
    connect: { socketPath: layout.cell(cell).socket('authorization') },
  })
  const answer = await request('http://peer/internal/ready', { dispatcher })
  const { epoch } = Ready.parse(await answer.body.json())
  await dispatcher.close()
  return epoch
}

const worldOf = async (
  cell: Cell,
  { data, database }: Shared,
  more: Readonly<Record<string, string>>,
): Promise<CellWorld> => {
  const settings = readSettings({
    ...more,
    PORTICO_DATA: data,
    PORTICO_PORT_BASE: String(await freePortBase()),
    PORTICO_LOG_LEVEL: process.env['PORTICO_LOG_LEVEL'] ?? 'fatal',
    PORTICO_DATABASE_URL_AUTHORIZATION: database.url('authorization'),
  })
  return {
    cell,
    settings,
    layout: layoutOf(data),
    ports: portsOf(settings),
    log: openLog({ process: 'authorization', cell }, settings.PORTICO_LOG_LEVEL),
    now: () => Temporal.Now.instant(),
  }
}

const furnish = async ({ layout, cell }: CellWorld) => {
  const files = layout.cell(cell)
  const serverCa = await makeAuthority(layout.serverCa, 'Test servers')
  await makeServerCertificate(serverCa, files.tls('authorization'), 'localhost')
  const partnerCa = await makeAuthority(files.partnerCa, `Test ${cell} partners`)
  await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  makeRandomKey(files.cookieKey)
  makeRandomKey(files.nonceKey('authorization'))
  writeWhole(files.linkKey, randomBytes(32).toString('base64url'))
  const { snapshotKey, snapshotPublicKey } = layout.control
  const key = await makeSigningKey(snapshotKey, snapshotPublicKey, 'EdDSA')
  return { partnerCa, key }
}

/** Opens a cell, with settings beyond the usual ones. Everything ends after the tests of the file. */
export const openHouse = async (
  cell: Cell = 'sandbox',
  more: Readonly<Record<string, string>> = {},
): Promise<House> => {
  const shared = {
    data: mkdtempSync(join(tmpdir(), 'az-')),
    database: await freshDatabase('cell'),
  }
  const world = await worldOf(cell, shared, more)
  const { layout, log } = world
  const { partnerCa, key } = await furnish(world)
  const control = await openControl(layout.control.socket, key)
  let bank = await openBank(layout.cell(cell).socket('bank'), log)
  const addresses = addressesOf(world.ports, cell)
  const clients: RegistryClient[] = []
  control.publish({ cell, matrix: 'test', clients })
  let running: Running = await startAuthorization(world)
  after(async () => {
    await running.stop()
    await bank.close()
    await control.close()
  })

  const house: House = {
    world,
    database: shared.database,
    ca: readFileSync(layout.serverCa.certificate, 'utf8'),
    partnerCa,
    issuer: addresses.issuer,
    issuerMtls: addresses.issuerMtls,
    audience: addresses.audience,
    admit: async (...more) => {
      clients.push(...more)
      const epoch = control.publish({ cell, matrix: 'test', clients: [...clients] })
      while ((await epochOf(world)) < epoch) await sleep(20)
    },
    epoch: () => epochOf(world),
    revoke: control.revoke,
    restart: async () => {
      await running.stop()
      running = await startAuthorization(world)
    },
    stopBank: () => bank.close(),
    startBank: async () => {
      bank = await openBank(layout.cell(cell).socket('bank'), log)
    },
  }
  return house
}
