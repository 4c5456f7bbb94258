/**
 * The way from a call to its invoice as processes that can be killed: the real gateway, the real control, PostgreSQL, and
 * whoever drafts invoices. The bank behind the gateway is played here: it is the one who counts what was done.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { Agent, request } from 'node:https'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { playUpstream } from '#test/gateway/played.ts'
import type { PlayedBank } from '#test/gateway/crashing.ts'
import { bankDocuments } from '#test/documents.ts'
import { uuidv7 } from '#kernel/id.ts'
import { portsOf, readSettings, addressesOf } from '#platform/config.ts'
import { prepareDatabases } from '#platform/databases.ts'
import { openPostgres } from '#platform/db.ts'
import { importSigningKey, signJws } from '#platform/jose.ts'
import { makeSigningKeySet, readRandomKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { type EmbeddedPostgres, startPostgres } from '#platform/postgres-server.ts'
import { databaseSettings, makeKeys, makeRolePasswords } from '../../src/supervisor/installation.ts'
import { seedControl } from '#control/seed.ts'
import { sellingPartner } from './selling-partner.ts'

const root = resolve(import.meta.dirname, '../..')
const main = join(root, 'src', 'main.ts')
const PATH = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`
const ZONE = 'Asia/Tashkent'

/** Whom a kill may hit. */
export const victims = ['gateway', 'control', 'billing', 'postgres'] as const
export type Victim = (typeof victims)[number]

/** A process that is begun again whenever it ends, as the supervisor does it, but at once. */
const keepRunning = (words: readonly string[], env: Record<string, string>) => {
  let child: ChildProcess | undefined
  let over = false
  const start = () => {
    child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...words], {
      cwd: root,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    child.once('exit', () => {
      if (!over) start()
    })
  }
  start()
  const kill = async () => {
    const killed = child
    if (!killed || killed.exitCode !== null || killed.signalCode !== null) return
    const gone = new Promise((done) => killed.once('exit', done))
    killed.kill('SIGKILL')
    await gone
  }
  const end = async () => {
    over = true
    await kill()
  }
  return { kill, end }
}

const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export const openKillHouse = async (bank: PlayedBank, portBase: number) => {
  // The server runs as an unprivileged user: it needs a folder that it may enter.
  const home = join(root, '.portico-drill')
  mkdirSync(home, { recursive: true })
  const data = mkdtempSync(join(home, 'kills-'))
  const layout = layoutOf(data)
  const common = {
    PORTICO_DATA: data,
    PORTICO_PORT_BASE: String(portBase),
    PORTICO_BANK_ZONE: ZONE,
    PORTICO_LOG_LEVEL: 'silent',
    // Kills are tried here, not how busy the machine is.
    PORTICO_EDGE_LOOP_DELAY_MS: '10000',
    PORTICO_LIMITS_PATIENCE_MS: '20000',
  }
  const settings = readSettings(common)
  const ports = portsOf(settings)
  const log = openLog({ process: 'drill' }, 'silent')
  const world = { settings, layout, ports, log, now: () => Temporal.Now.instant() }
  await makeKeys(layout)
  const files = layout.cell('production')
  const passwords = makeRolePasswords(layout)
  const begin = () =>
    startPostgres({
      folder: layout.postgres,
      port: ports.postgres,
      password: passwords.superuser,
      log: join(data, 'postgres.log'),
    })
  let server: EmbeddedPostgres = await begin()
  await prepareDatabases(server, passwords.roles, join(root, 'migrations'))
  const urlOf = databaseSettings(server.url, passwords.roles)
  const controlUrl = urlOf('control')['PORTICO_DATABASE_URL_CONTROL'] ?? ''
  const db = openPostgres(server.url(server.superuser.role, passwords.superuser, 'control'), {
    name: 'drill',
    max: 4,
  })
  await seedControl(db, world.now().round('microsecond'), { documents: bankDocuments() })
  const partner = await sellingPartner(db, world)

  const upstreams = await Promise.all(
    (['bank', 'vault'] as const).map((peer) =>
      playUpstream(files.socket(peer), readRandomKey(files.callerKey(peer)), bank.play),
    ),
  )
  const start = ['start']
  const running = {
    control: keepRunning([main, ...start, 'control'], { ...common, ...urlOf('control') }),
    gateway: keepRunning([main, ...start, 'gateway', '--cell', 'production'], {
      ...common,
      ...urlOf('gateway', 'production'),
    }),
    billing: keepRunning([join(import.meta.dirname, 'billing-process.ts')], {
      DRILL_URL: controlUrl,
      DRILL_PARTNER: partner.partnerId,
      DRILL_ZONE: ZONE,
    }),
  }

  const agent = new Agent({
    ca: readFileSync(layout.serverCa.certificate),
    cert: partner.certificate.pem,
    key: partner.key,
    keepAlive: true,
    maxSockets: 64,
  })
  const [issuerJwk] = await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  assert.ok(issuerJwk)
  const issuerKey = await importSigningKey(issuerJwk)
  const { issuer, audience } = addressesOf(ports, 'production')
  const token = () => {
    const iat = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: issuer,
      aud: audience,
      sub: partner.applicationId,
      client_id: partner.applicationId,
      scope: 'payments:split',
      jti: uuidv7(),
      iat,
      exp: iat + 300,
      env: 'production',
      partner_id: partner.partnerId,
      cnf: { 'x5t#S256': partner.certificate.sha256 },
    }
    return signJws(claims, issuerKey, { typ: 'at+jwt' })
  }
  /** One attempt of a write; answers its status, or undefined where nobody answered. */
  const attempt = async (key: string): Promise<{ status: number; text: string } | undefined> => {
    const body = JSON.stringify({ reason: 'DELIVERED' })
    const headers = {
      authorization: `Bearer ${await token()}`,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'idempotency-key': key,
    }
    return new Promise((done) => {
      const asked = request(
        {
          host: 'localhost',
          port: ports.production.gatewayMtls,
          method: 'POST',
          path: PATH,
          agent,
          headers,
        },
        (answer) => {
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (chunk: string) => (text += chunk))
          answer.once('error', () => done(undefined))
          answer.once('end', () => done({ status: answer.statusCode ?? 0, text }))
        },
      )
      asked.setTimeout(30_000, () => asked.destroy())
      asked.once('error', () => done(undefined))
      asked.end(body)
    })
  }
  const killServer = async () => {
    const [pid] = readFileSync(join(layout.postgres, 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), 'SIGKILL')
    while (isThere(Number(pid))) await sleep(20)
    // Its own children notice within moments, and hold the memory that the next one asks for until then.
    for (let tries = 0; ; tries++)
      try {
        server = await begin()
        return
      } catch (cause) {
        if (tries > 300) throw cause
        await sleep(100)
      }
  }
  const isReady = () =>
    new Promise<boolean>((done) => {
      get(
        { socketPath: files.socket('gateway'), path: '/internal/ready', agent: false },
        (answer) => {
          answer.resume()
          done(answer.statusCode === 200)
        },
      ).once('error', () => done(false))
    })
  return {
    db,
    zone: ZONE,
    partner,
    attempt,
    isReady,
    kill: (victim: Victim) => (victim === 'postgres' ? killServer() : running[victim].kill()),
    endBilling: () => running.billing.end(),
    close: async () => {
      agent.destroy()
      await Promise.all(Object.values(running).map((one) => one.end()))
      for (const upstream of upstreams) {
        upstream.closeAllConnections()
        upstream.close()
      }
      await db.close()
      await server.stop()
      rmSync(data, { recursive: true, force: true })
    },
  }
}
