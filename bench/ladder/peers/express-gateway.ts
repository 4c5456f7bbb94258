/** express-gateway, the last one of Node’s own; nobody keeps it any more. Installed apart, never among our dependencies. */
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoaded } from '../machine.ts'
import { type Peer, type Rung, stopping, type Surroundings, untilListening } from './peer.ts'

const VERSION = '1.16.11'
const home = join(import.meta.dirname, '../../../node_modules/.cache/portico/express-gateway')
const installed = join(home, 'node_modules/express-gateway')

const configOf = (rung: Rung, at: Surroundings) => ({
  https: {
    port: at.port,
    hostname: '127.0.0.1',
    tls: { default: { key: at.key, cert: at.certificate, ca: [at.clientAuthority] } },
    options: { requestCert: true, rejectUnauthorized: true },
  },
  apiEndpoints: { all: { host: '*', paths: '/*' } },
  serviceEndpoints: { bank: { url: `http://127.0.0.1:${at.upstream.port}` } },
  policies: ['proxy', 'jwt', 'rate-limit'],
  pipelines: {
    all: {
      apiEndpoints: ['all'],
      policies: [
        ...(rung === 'T1'
          ? []
          : [
              {
                jwt: [
                  {
                    action: {
                      secretOrPublicKeyFile: at.issuer.publicKey,
                      audience: at.issuer.audience,
                      issuer: at.issuer.issuer,
                      checkCredentialExistence: false,
                    },
                  },
                ],
              },
            ]),
        ...(rung === 'T3'
          ? [
              {
                'rate-limit': [
                  {
                    action: {
                      max: 1_000_000,
                      windowMs: 1000,
                      delayAfter: 0,
                      rateLimitBy: '${consumer.client_id}',
                    },
                  },
                ],
              },
            ]
          : []),
        { proxy: [{ action: { serviceEndpoint: 'bank' } }] },
      ],
    },
  },
})

const system = {
  db: { redis: { emulate: true, namespace: 'EG' } },
  crypto: { cipherKey: 'bench', algorithm: 'aes256', saltRounds: 10 },
  session: { secret: 'bench', resave: false, saveUninitialized: false },
  accessTokens: { timeToExpiry: 7_200_000 },
  refreshTokens: { timeToExpiry: 7_200_000 },
  authorizationCodes: { timeToExpiry: 300_000 },
}

export const expressGateway: Peer = {
  name: 'express-gateway',
  compiled: false,
  rungs: {
    T1: { weaker: 'no edge policy beyond Node’s parser' },
    // Its configuration cannot name PS256 as the one algorithm: any that fits the key passes.
    T2: { weaker: 'no fixed algorithm, no sender constraint, no revocation' },
    T3: {
      weaker:
        'counts in memory of one process, no fixed algorithm, no sender constraint, no revocation',
    },
  },
  prepare: async () => {
    if (existsSync(installed)) return
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), '{ "private": true }')
    const command = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', home]
    execFileSync('npm', [...command, `express-gateway@${VERSION}`], { stdio: 'ignore' })
  },
  version: () => VERSION,
  start: async (rung, at) => {
    cpSync(join(installed, 'lib/config/models'), join(at.folder, 'models'), { recursive: true })
    writeFileSync(join(at.folder, 'gateway.config.json'), JSON.stringify(configOf(rung, at)))
    writeFileSync(join(at.folder, 'system.config.json'), JSON.stringify(system))
    const program = `require(${JSON.stringify(installed)})().load(${JSON.stringify(at.folder)}).run()`
    const path = join(at.folder, 'gateway.log')
    const log = openSync(path, 'a')
    const child = startLoaded(process.execPath, ['-e', program], {
      stdio: ['ignore', log, log],
      env: { ...process.env, LOG_LEVEL: 'error' },
    })
    closeSync(log)
    await untilListening(at.port, child, path)
    return stopping(child)
  },
}
