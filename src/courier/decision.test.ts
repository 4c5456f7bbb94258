import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { newSigningJwk } from '#platform/jose.ts'
import { noon } from '#test/world.ts'
import { openDecisions } from './decision.ts'
import { outsideAddress, trustingToo } from './outside.ts'
import { signedHeaders, webhookKeyOf } from './webhook-signature.ts'

const at = mkdtempSync(join(tmpdir(), 'decision-'))
const file = (name: string) => join(at, name)
const ca = await makeAuthority({ certificate: file('ca.pem'), key: file('ca.key') }, 'Test CA')
await makeServerCertificate(ca, { certificate: file('tls.pem'), key: file('tls.key') }, 'localhost')

interface Heard {
  readonly headers: Record<string, unknown>
  readonly body: string
}
const heard: Heard[] = []
/** What the partner does with the next question. */
let behave: (respond: (status: number, body: string, headers?: object) => void) => void = () => {}
const partner: Server = createServer(
  { cert: readFileSync(file('tls.pem')), key: readFileSync(file('tls.key')) },
  (request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(parts).toString('utf8') })
      behave((status, body, headers) => {
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(body)
      })
    })
  },
)
await new Promise<void>((resolve) => partner.listen(0, '127.0.0.1', resolve))
after(() => partner.closeAllConnections())
after(() => partner.close())
const { port } = z.object({ port: z.number() }).parse(partner.address())
const url = `https://localhost:${port}/decide`

const key = webhookKeyOf(await newSigningJwk('EdDSA'))
const openFor = (allowed: readonly string[]) =>
  openDecisions({
    guard: { allowed: new Set(allowed), ownPorts: new Set([8410]), outward: true },
    key,
    now: () => noon,
    development: trustingToo(ca.certificatePem),
  })
const courier = openFor([`localhost:${port}`])
const question = { id: 'authorization_1', url, body: '{"type":"x"}', withinMs: 1_200 }

test('a partner that answers in time is heard, and can prove who asked', async () => {
  behave = (respond) => respond(200, '{"decision":"approve"}')
  const answer = await courier.decide(question)
  assert.ok(answer.heard === 'answer')
  assert.deepEqual([answer.status, answer.body], [200, '{"decision":"approve"}'])

  const { headers, body } = heard.at(-1) ?? { headers: {}, body: '' }
  const said = z.record(z.string(), z.unknown()).parse(headers)
  const timestamp = String(Math.floor(noon.epochMilliseconds / 1_000))
  assert.deepEqual(
    [said['webhook-id'], said['webhook-timestamp'], body],
    ['authorization_1', timestamp, question.body],
  )
  const { verificationKey } = await courier.inspect({ url })
  const raw = Buffer.from(verificationKey.replace('whpk_', ''), 'base64')
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
  const signature = Buffer.from(String(said['webhook-signature']).replace('v1a,', ''), 'base64')
  const proves = (content: string) =>
    verify(null, Buffer.from(content), createPublicKey({ key: jwk, format: 'jwk' }), signature)
  assert.equal(proves(`authorization_1.${timestamp}.${body}`), true)
  assert.equal(proves(`authorization_1.${timestamp}.${body} `), false)
})

test('the signature is that of the published vector of Standard Webhooks', () => {
  const secret = Buffer.from(
    '6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
    'base64',
  )
  const vector = webhookKeyOf({
    kty: 'OKP',
    crv: 'Ed25519',
    d: secret.subarray(0, 32).toString('base64url'),
    x: secret.subarray(32).toString('base64url'),
  })
  assert.equal(vector.verificationKey, 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=')
  const headers = signedHeaders(vector, {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    at: Temporal.Instant.fromEpochMilliseconds(1_614_265_330_000),
    body: '{"test": 2432232314}',
  })
  assert.equal(
    headers['webhook-signature'],
    'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  )
})

test('a partner that is late is late at the end of its time, whether it stalls before or within its answer', async () => {
  behave = () => {}
  assert.equal((await courier.decide({ ...question, withinMs: 150 })).heard, 'late')
  behave = (respond) => setTimeout(() => respond(200, '{"decision":"approve"}'), 20_000).unref()
  assert.equal((await courier.decide({ ...question, withinMs: 150 })).heard, 'late')
})

test('a redirect is not followed, and too long an answer is none', async () => {
  const asked = heard.length
  behave = (respond) => respond(307, '', { location: url })
  const answer = await courier.decide(question)
  assert.ok(answer.heard === 'answer' && answer.status === 307)
  assert.equal(heard.length, asked + 1)
  behave = (respond) => respond(200, 'x'.repeat(100_000))
  assert.equal((await courier.decide(question)).heard, 'nothing')
})

test('no address of ours, of this machine or of a network behind a door is ever asked', async () => {
  const strict = openFor([])
  const asked = heard.length
  for (const inside of [
    url,
    `https://127.0.0.1:${port}/`,
    'https://localhost/',
    'https://10.0.0.1/',
    'https://[::1]/',
    'https://[fd12::1]/',
    'https://169.254.169.254/latest',
    'https://0x7f.1/',
    'https://partner.internal/',
    'https://partner.example:22/',
    'http://partner.example/',
    'https://user:secret@partner.example/',
    'https://partner.example/#here',
    'nothing',
  ]) {
    await assert.rejects(
      strict.inspect({ url: inside }),
      { code: 'platform/address-refused' },
      inside,
    )
    assert.equal((await strict.decide({ ...question, url: inside })).heard, 'nothing')
  }
  assert.equal(heard.length, asked)
  const guard = { allowed: new Set<string>(), ownPorts: new Set<number>(), outward: true }
  assert.equal(outsideAddress(guard, 'https://Partner.Example/a?b').host, 'partner.example')
})

test('a certificate of nobody that is trusted ends the call', async () => {
  const untrusting = openDecisions({
    guard: { allowed: new Set([`localhost:${port}`]), ownPorts: new Set(), outward: true },
    key,
    now: () => noon,
    development: null,
  })
  const asked = heard.length
  assert.equal((await untrusting.decide(question)).heard, 'nothing')
  assert.equal(heard.length, asked)
})
