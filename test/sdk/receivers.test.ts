/** The endpoints that partners copy, before what our courier signs and what an attacker sends. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { newSigningText, signerOf, webhookHeaders } from '#courier/webhook-signature.ts'
import { samples } from './samples.ts'

const freePort = async (): Promise<number> => {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  assert.ok(address && typeof address === 'object')
  return address.port
}

const [own, secret, stranger] = [
  newSigningText('v1a'),
  newSigningText('v1'),
  newSigningText('v1a'),
] as const
const bodyOf = (type: string, data: object) =>
  JSON.stringify({ type, timestamp: '2026-11-23T07:20:00Z', data })
const settled = bodyOf('payments.settled', { subject: 'payment_1', sequence: 1 })
const challenge = bodyOf('webhooks.challenge', { endpointId: 'endpoint_1', challenge: 'c-4711' })

/** `v1a`: whether it verifies Ed25519 here. */
const behaves = async (command: readonly [string, ...string[]], { v1a }: { v1a: boolean }) => {
  const port = await freePort()
  const [program, ...words] = command
  const keys = [secret.text, ...(v1a ? [own.public] : [])].join(' ')
  const child = spawn(program, words, {
    env: { ...process.env, PORT: String(port), PORTICO_WEBHOOK_KEYS: keys },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  after(() => child.kill())
  let said = ''
  let complained = ''
  child.stdout.on('data', (bytes: Buffer) => (said += bytes.toString('utf8')))
  child.stderr.on('data', (bytes: Buffer) => (complained += bytes.toString('utf8')))
  const send = async (
    text: string,
    { id = 'event_1', key = secret.text, ageSeconds = 0, sent = text } = {},
  ) => {
    const at = Temporal.Now.instant().subtract({ seconds: ageSeconds })
    const headers = webhookHeaders([signerOf(key)], { id, at, body: text })
    const answer = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body: sent })
    return { status: answer.status, text: await answer.text() }
  }
  const until = performance.now() + 60_000
  while (!(await send(settled, { key: stranger.text }).catch(() => undefined))) {
    assert.ok(performance.now() < until && child.exitCode === null, complained)
    await sleep(50)
  }

  assert.equal((await send(settled)).status, 204)
  assert.equal((await send(settled)).status, 204)
  if (v1a) assert.equal((await send(settled, { id: 'event_2', key: own.text })).status, 204)
  assert.deepEqual(JSON.parse((await send(challenge)).text), { challenge: 'c-4711' })
  for (const attack of [
    { key: stranger.text },
    { key: (own.public ?? '').replace('whpk_', 'whsec_') },
    { ageSeconds: 3_600 },
    { ageSeconds: -3_600 },
    { sent: settled.replace('payment_1', 'payment_2') },
  ])
    assert.equal((await send(settled, { id: 'event_3', ...attack })).status, 401)
  const lines = () => said.trim().split(/\r?\n/)
  const once = ['payments.settled event_1', ...(v1a ? ['payments.settled event_2'] : [])]
  const heardBy = performance.now() + 60_000
  while (lines().length < once.length && performance.now() < heardBy) await sleep(20)
  assert.deepEqual(lines(), once)
}

test('the endpoint in TypeScript hears the bank once, and nobody else', () =>
  behaves([process.execPath, join(samples, 'typescript', 'webhook.ts')], { v1a: true }))

const here = (program: string, ...words: string[]) =>
  spawnSync(program, words, { stdio: 'ignore' }).status === 0
test(
  'the endpoint in Python hears the bank once, and nobody else',
  {
    skip: !here('python3', '--version') && 'NO python3 HERE: the endpoint in Python did not run',
  },
  () =>
    behaves(['python3', join(samples, 'python', 'webhook.py')], {
      v1a: here('python3', '-c', 'import cryptography'),
    }),
)

test(
  'the endpoint in Go hears the bank once, and nobody else',
  {
    skip: !here('go', 'version') && 'NO go HERE: the endpoint in Go did not run',
  },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portico-receiver-'))
    after(() => rmSync(folder, { recursive: true, force: true }))
    const built = spawnSync('go', ['build', '-C', join(samples, 'go'), '-o', folder, './webhook'], {
      encoding: 'utf8',
    })
    assert.equal(built.status, 0, built.stderr)
    await behaves([join(folder, 'webhook')], { v1a: true })
  },
)
