import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, readSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { z } from 'zod'
import { CALLER_HEADER, callerSigner } from '#platform/caller.ts'
import { decryptWith, type JWK, publicJwk, sha256url } from '#platform/jose.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { makeRandomKey, makeSigningKey } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { rpcClient } from '#platform/rpc.ts'
import { freshDatabase } from '#test/world.ts'
import { vaultContract } from './contract.ts'

const database = await freshDatabase('vault')
const data = mkdtempSync(join(tmpdir(), 'vault-'))
const layout = layoutOf(data)
const files = layout.cell('sandbox')
for (const key of [files.vault.kek, files.vault.lookup]) makeRandomKey(key)
await makeSigningKey(files.vault.signing, files.vault.publicKey, 'ES256')
await makeServerCertificate(
  await makeAuthority(layout.serverCa, 'servers'),
  files.tls('vault'),
  'vault',
)
const signCaller = callerSigner(makeRandomKey(files.callerKey('vault')))

const main = join(import.meta.dirname, '..', 'main.ts')
const vault: ChildProcess = spawn(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', main, 'start', 'vault', '--cell', 'sandbox'],
  {
    env: {
      PATH: process.env['PATH'],
      PORTICO_DATA: data,
      PORTICO_DATABASE_URL_VAULT: database.url('vault'),
      PORTICO_LOG_LEVEL: 'silent',
      PORTICO_PORT_BASE: '19850',
    },
    stdio: 'ignore',
  },
)
const socket = new Agent({ connect: { socketPath: files.socket('vault') } })
const browser = new Agent({ connect: { ca: readFileSync(layout.serverCa.certificate) } })
const bank = rpcClient(vaultContract, files.socket('vault'))
after(async () => {
  await Promise.all([socket.close(), browser.close(), bank.close()])
  vault.kill('SIGTERM')
})

const untilReady = async () => {
  for (let tries = 0; tries < 1_200; tries++) {
    const answer = await request('http://vault/internal/ready', { dispatcher: socket }).catch(
      () => undefined,
    )
    await answer?.body.dump()
    if (answer?.statusCode === 200) return
    await sleep(100)
  }
  assert.fail('the vault does not open')
}

const partnerId = 'partner_memory'
const revealKey = async (): Promise<JWK> => {
  const { privateKey } = await crypto.subtle.generateKey(
    { name: 'ECDH', namedCurve: 'P-256' },
    true,
    ['deriveBits'],
  )
  const { crv = '', x = '', y = '', d = '' } = await crypto.subtle.exportKey('jwk', privateKey)
  return { kty: 'EC', crv, x, y, d, alg: 'ECDH-ES+A256KW' }
}

const Answer = z.object({ jwe: z.string().optional(), url: z.string().optional() })

const ask = async (cardId: string, key: JWK, mode: 'jwe' | 'hosted') => {
  const body = JSON.stringify({ mode })
  const header = signCaller({
    callId: 'call',
    interactionId: 'interaction',
    operation: 'revealCard',
    partnerId,
    applicationId: 'application_memory',
    subject: null,
    consentId: null,
    details: [],
    revealKey: { ...publicJwk(key), kty: 'EC' },
    idempotencyKey: null,
    epoch: 1,
    bodySha256: sha256url(body),
    at: Temporal.Now.instant(),
    withinMs: 25_000,
  })
  const answer = await request(`http://vault/cards/v1/cards/${cardId}/reveal`, {
    method: 'POST',
    dispatcher: socket,
    headers: { 'content-type': 'application/json', [CALLER_HEADER]: header },
    body,
  })
  return Answer.parse(await answer.body.json())
}

const numberOf = async (cardId: string, key: JWK): Promise<string> => {
  const { jwe = '' } = await ask(cardId, key, 'jwe')
  const [, claims = ''] = Buffer.from(await decryptWith(jwe, key))
    .toString('utf8')
    .split('.')
  return z
    .object({ pan: z.string() })
    .parse(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'))).pan
}

/** As the cardholder reads it: `9999 0912 3456 7897`. */
const pageOf = async (cardId: string, key: JWK): Promise<string> => {
  const { url = '' } = await ask(cardId, key, 'hosted')
  const answer = await request(url, { method: 'POST', dispatcher: browser })
  return /id="number">([\d ]+)</.exec(await answer.body.text())?.[1] ?? ''
}

/** Every writable page of a process, as it is at this moment. */
function* memoryOf(pid: number): Generator<Buffer> {
  const memory = openSync(`/proc/${pid}/mem`, 'r')
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      const [, from, to] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === undefined || to === undefined) continue
      const start = Number.parseInt(from, 16)
      const page = Buffer.alloc(Math.min(Number.parseInt(to, 16) - start, 64 << 20))
      try {
        yield page.subarray(0, readSync(memory, page, 0, page.length, start))
      } catch {
        // A region that is gone, or that the kernel keeps to itself.
      }
    }
  } finally {
    closeSync(memory)
  }
}

const occurrences = (pid: number, wanted: readonly Buffer[]): number[] => {
  const counts = wanted.map(() => 0)
  for (const page of memoryOf(pid))
    for (const [at, bytes] of wanted.entries())
      for (let found = page.indexOf(bytes); found >= 0; found = page.indexOf(bytes, found + 1))
        counts[at] = (counts[at] ?? 0) + 1
  return counts
}

const pid = vault.pid ?? 0
const skip = process.platform === 'linux' ? false : 'SKIPPED: only Linux shows a process its memory'

test(
  'S40: after issues, reveals and pages no card number is left anywhere in the memory of the vault',
  { skip },
  async () => {
    await untilReady()
    const key = await revealKey()
    const cardIds = Array.from({ length: 5 }, () => `card_${randomBytes(16).toString('hex')}`)
    const numbers: string[] = []
    for (const cardId of cardIds) {
      await bank.issue({ cardId, partnerId, bin: '999909', months: 36, cardholderName: 'CANARY' })
      const number = await numberOf(cardId, key)
      numbers.push(number, await pageOf(cardId, key))
      assert.equal(numbers.at(-1)?.replaceAll(' ', ''), number)
    }

    const spellings = numbers.flatMap((pan) => [
      Buffer.from(pan),
      Buffer.from(pan, 'utf16le'),
      // As the payload of the signed token spells it.
      Buffer.from(Buffer.from(`{"pan":"${pan}`).toString('base64url')),
    ])
    const [control = 0, ...found] = occurrences(pid, [Buffer.from(cardIds[0] ?? ''), ...spellings])
    assert.ok(control > 0, 'the memory was read: it holds what may be there')
    assert.deepEqual(
      found,
      spellings.map(() => 0),
    )
  },
)
