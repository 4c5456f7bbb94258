/** Tyk’s gateway by the path of its binary: `npm run bench -- --peer tyk=PATH`. It needs a Redis server at 6379. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLoaded } from '../machine.ts'
import { type Peer, type Rung, stopping, type Surroundings, untilListening } from './peer.ts'

const settings = (at: Surroundings) => ({
  listen_address: '127.0.0.1',
  listen_port: at.port,
  secret: 'bench',
  app_path: join(at.folder, 'apps'),
  policies: { policy_source: 'file', policy_record_name: join(at.folder, 'policies.json') },
  storage: { type: 'redis', host: '127.0.0.1', port: 6379 },
  enable_analytics: false,
  http_server_options: {
    use_ssl: true,
    certificates: [{ domain_name: 'localhost', cert_file: at.certificate, key_file: at.key }],
  },
})

/** Classic API definition: tokens by the issuer's public key, policy by a fixed name. */
const api = (rung: Rung, at: Surroundings) => ({
  name: 'accounts',
  api_id: 'accounts',
  org_id: 'bench',
  active: true,
  proxy: { listen_path: '/', target_url: `http://127.0.0.1:${at.upstream.port}/` },
  version_data: { not_versioned: true, versions: { Default: { name: 'Default' } } },
  ...(rung === 'T1'
    ? { use_keyless: true }
    : {
        enable_jwt: true,
        auth_configs: { jwt: { auth_header_name: 'Authorization' } },
        // Tyk verifies PS256 under the name of its key's family.
        jwt_signing_method: 'rsa',
        jwt_source: Buffer.from(readFileSync(at.issuer.publicKey)).toString('base64'),
        jwt_identity_base_field: 'client_id',
        jwt_default_policies: ['bench'],
      }),
})

const policies = {
  bench: {
    id: 'bench',
    active: true,
    org_id: 'bench',
    rate: 1_000_000,
    per: 1,
    quota_max: -1,
    access_rights: {
      accounts: { api_id: 'accounts', api_name: 'accounts', versions: ['Default'] },
    },
  },
}

export const tyk = (binary: string): Peer => ({
  name: 'tyk',
  compiled: true,
  rungs: {
    T1: { weaker: 'no edge policy beyond its parser, asks for no client certificate' },
    T3: {
      weaker:
        'asks for no client certificate, no sender constraint, no revocation; limit of its default, eventually shared',
    },
  },
  prepare: async () => void execFileSync(binary, ['--version'], { stdio: 'ignore' }),
  version: () =>
    /v?(\d+\.\d+\.\d+)/.exec(execFileSync(binary, ['--version'], { encoding: 'utf8' }))?.[1] ?? '',
  start: async (rung, at) => {
    mkdirSync(join(at.folder, 'apps'), { recursive: true })
    writeFileSync(join(at.folder, 'tyk.json'), JSON.stringify(settings(at)))
    writeFileSync(join(at.folder, 'policies.json'), JSON.stringify(policies))
    writeFileSync(join(at.folder, 'apps', 'accounts.json'), JSON.stringify(api(rung, at)))
    const child = startLoaded(binary, ['--conf', join(at.folder, 'tyk.json')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: at.folder,
      env: { ...process.env, GOMAXPROCS: '1' },
    })
    await untilListening(at.port, child)
    return stopping(child)
  },
})
