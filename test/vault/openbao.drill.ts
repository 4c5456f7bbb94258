/**
 * The vault's key service beside a real OpenBao: `bao` (or `vault`) on the PATH is started with a transit engine and
 * certificate sign-in, and judged by the contract of every key service. Without the program it says so and is skipped.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { keyServiceContract } from '#vault/key-service.contract.ts'
import { transitCertificates } from '#vault/trial.ts'
import { transitKeyService } from '#vault/transit-key-service.ts'

const program = ['bao', 'vault'].find((name) => spawnSync(name, ['version']).status === 0)
const ROLE = 'portico-sandbox'

/** What a bank gives the vault, and no more: the policy of `docs/operate/vault.md`. */
const policy = `
path "transit/encrypt/${ROLE}" { capabilities = ["update"] }
path "transit/decrypt/${ROLE}" { capabilities = ["update"] }
path "transit/keys/${ROLE}" { capabilities = ["read"] }
path "transit/keys/${ROLE}/rotate" { capabilities = ["update"] }
path "transit/keys/${ROLE}/config" { capabilities = ["update"] }
path "transit/keys/${ROLE}/trim" { capabilities = ["update"] }
`

const freePort = async (): Promise<number> => {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

const Initialised = z.object({ unseal_keys_b64: z.array(z.string()), root_token: z.string() })

const startOpenBao = async (command: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'openbao-'))
  const certificates = await transitCertificates(folder)
  const client = await certificates.client(ROLE)
  const port = await freePort()
  const config = join(folder, 'server.hcl')
  writeFileSync(
    config,
    `storage "inmem" {}
     disable_mlock = true
     listener "tcp" {
       address = "127.0.0.1:${port}"
       tls_cert_file = "${certificates.server.certificate}"
       tls_key_file = "${certificates.server.key}"
     }`,
  )
  const server: ChildProcess = spawn(command, ['server', `-config=${config}`], { stdio: 'ignore' })
  after(() => void server.kill('SIGKILL'))
  const url = `https://localhost:${port}`
  const environment: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    BAO_ADDR: url,
    BAO_CACERT: certificates.ca,
    VAULT_ADDR: url,
    VAULT_CACERT: certificates.ca,
  }
  const run = (...words: string[]) =>
    execFileSync(command, words, { env: environment, encoding: 'utf8', stdio: 'pipe' })
  const initialised = async () => {
    for (let tries = 0; tries < 120; tries++)
      try {
        return run('operator', 'init', '-key-shares=1', '-key-threshold=1', '-format=json')
      } catch {
        await sleep(500)
      }
    return assert.fail('it does not start')
  }
  const { unseal_keys_b64, root_token } = Initialised.parse(JSON.parse(await initialised()))
  run('operator', 'unseal', unseal_keys_b64[0] ?? '')
  Object.assign(environment, { BAO_TOKEN: root_token, VAULT_TOKEN: root_token })
  const policyFile = join(folder, 'policy.hcl')
  writeFileSync(policyFile, policy)
  run('policy', 'write', ROLE, policyFile)
  run('secrets', 'enable', 'transit')
  run('auth', 'enable', 'cert')
  const role = [`certificate=${readFileSync(certificates.ca, 'utf8')}`, `policies=${ROLE}`]
  run('write', `auth/cert/certs/${ROLE}`, ...role, `allowed_common_names=${ROLE}`)
  let keys = 0
  /** Each question of the contract has a key of its own behind the same name. */
  const open = async () => {
    if (keys++ > 0) {
      run('write', `transit/keys/${ROLE}/config`, 'deletion_allowed=true')
      run('delete', `transit/keys/${ROLE}`)
    }
    run('write', '-f', `transit/keys/${ROLE}`)
    const service = transitKeyService({
      ...client,
      url,
      name: ROLE,
      mount: 'transit',
      ca: certificates.ca,
    })
    after(service.close)
    return service
  }
  return { run, open }
}

if (!program) test('OpenBao is not on the PATH', { skip: 'put `bao` or `vault` there' }, () => {})
else {
  const bao = await startOpenBao(program)
  keyServiceContract('OpenBao', bao.open)

  test('OpenBao: a key that could be taken out, or binds no place, is refused', async () => {
    const service = await bao.open()
    bao.run('write', `transit/keys/${ROLE}/config`, 'exportable=true')
    await assert.rejects(service.current(), { code: 'vault/keys-refused' })
  })
}
