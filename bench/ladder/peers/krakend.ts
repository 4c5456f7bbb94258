/** KrakenD CE by the path of its binary: `npm run bench -- --peer krakend=PATH`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { releasedAccountFields } from '../answer.ts'
import { startLoaded } from '../machine.ts'
import { type Peer, stopping, type Surroundings, type Rung, untilListening } from './peer.ts'

const validator = ({ issuer }: Surroundings) => ({
  'auth/validator': {
    alg: 'PS256',
    issuer: issuer.issuer,
    audience: [issuer.audience],
    jwk_local_path: issuer.jwks,
    cache: true,
    disable_jwk_security: true,
  },
})
const limit = {
  'qos/ratelimit/router': {
    client_max_rate: 1_000_000,
    strategy: 'header',
    key: 'Authorization',
    every: '1s',
  },
}

/** Endpoint configuration of krakend.io, version 3. */
const configOf = (rung: Rung, at: Surroundings) => ({
  version: 3,
  port: at.port,
  listen_ip: '127.0.0.1',
  tls: {
    keys: [{ public_key: at.certificate, private_key: at.key }],
    enable_mtls: true,
    ca_certs: [at.clientAuthority],
  },
  endpoints: [
    {
      endpoint: '/accounts/v1/accounts',
      input_headers: ['Authorization'],
      output_encoding: rung === 'T4' ? 'json' : 'no-op',
      backend: [
        {
          host: [`http://127.0.0.1:${at.upstream.port}`],
          url_pattern: '/accounts/v1/accounts',
          encoding: rung === 'T4' ? 'json' : 'no-op',
          ...(rung === 'T4' && {
            extra_config: {
              proxy: {
                flatmap_filter: ['account'].map((field) => ({
                  type: 'del',
                  args: [`data.*.${field}`],
                })),
              },
            },
          }),
        },
      ],
      extra_config: { ...(rung >= 'T2' && validator(at)), ...(rung >= 'T3' && limit) },
    },
  ],
})

export const krakend = (binary: string): Peer => ({
  name: 'krakend',
  compiled: true,
  rungs: {
    T1: { weaker: 'no edge policy beyond its parser' },
    T2: { weaker: 'no sender constraint, no revocation' },
    T3: { weaker: 'limit of one process, by the header instead of the client' },
    T4: {
      weaker: `takes out what is named, so that a new field passes; ${releasedAccountFields.length} fields were to pass`,
    },
  },
  prepare: async () => void execFileSync(binary, ['version'], { stdio: 'ignore' }),
  version: () =>
    /(\d+\.\d+\.\d+)/.exec(execFileSync(binary, ['version'], { encoding: 'utf8' }))?.[1] ?? '',
  start: async (rung, at) => {
    const path = join(at.folder, 'krakend.json')
    writeFileSync(path, JSON.stringify(configOf(rung, at)))
    const child = startLoaded(binary, ['run', '-c', path], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GOMAXPROCS: '1' },
    })
    await untilListening(at.port, child)
    return stopping(child)
  },
})
