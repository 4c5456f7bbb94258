/** Detached signatures of requests and answers where the contract asks (O12), from the attacker's side. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { flattenedVerify, FlattenedSign, importJWK } from 'jose'
import { z } from 'zod'
import {
  importSigningKey,
  type JWK,
  newSigningJwk,
  publicJwk,
  type SigningAlgorithm,
  signDetached,
} from '#platform/jose.ts'
import { type Answered, openCell, refused } from '#test/gateway/cell.ts'
import { day } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import { compileProduct } from './documents/operation.ts'
import { SnapshotProduct } from './snapshot.ts'

/** A product whose own document says what is signed: what it certifies, and what it is told to do. */
const operation = (operationId: string, more: object) => ({
  operationId,
  'x-permission': 'accounts.read',
  'x-scope': 'accounts',
  'x-consent': 'none',
  'x-upstream': 'bank',
  'x-class': 'accounts',
  'x-risk': 'reference',
  responses: {
    200: {
      description: 'Said.',
      content: {
        'application/json': {
          schema: {
            type: 'object',
            additionalProperties: false,
            properties: { rate: { type: 'string', 'x-data-class': 'public' } },
          },
        },
      },
    },
  },
  ...more,
})
const offers = (paths: object) =>
  SnapshotProduct.parse({
    id: 'offers',
    version: day,
    versions: [day],
    openapi: { openapi: '3.1.0', paths },
  })
const product = offers({
  '/offers/v1/quote': {
    get: operation('getQuote', { 'x-signature': 'answer', 'x-cache': { seconds: 60 } }),
  },
  '/offers/v1/deal': {
    post: operation('makeDeal', {
      'x-signature': 'required',
      'x-idempotency': 'required',
      requestBody: {
        required: true,
        content: {
          'application/json': {
            schema: {
              type: 'object',
              additionalProperties: false,
              properties: { reason: { type: 'string' } },
            },
          },
        },
      },
    }),
  },
})
const cell = await openCell({}, [product])
after(() => cell.close())
const holder = await cell.addHolder('mtls')
const keys = new Map<SigningAlgorithm, JWK>()
for (const alg of ['PS256', 'ES256', 'EdDSA'] as const) keys.set(alg, await newSigningJwk(alg))
const keyOf = (alg: SigningAlgorithm): JWK => {
  const key = keys.get(alg)
  assert.ok(key)
  return key
}
Object.assign(holder.application, { signingKeys: [...keys.values()].map(publicJwk) })
Object.assign(holder.partner.contract ?? {}, { signatures: 'required' })
const free = await cell.addHolder('mtls')
Object.assign(free.application, { signingKeys: [publicJwk(keyOf('EdDSA'))] })
Object.assign(free.partner.contract ?? {}, { products: ['payments', 'offers'] })
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, leg))

const path = `/payments/v1/split-payments/split_${'0'.repeat(32)}/legs/all/release`
const body = '{"reason":"DELIVERED"}'
const uzs = (amount: string) => ({ amount, currency: 'UZS' })
const leg = {
  legId: 'all',
  destination: {
    schemeName: 'UZ.AccountNumber',
    identification: '20208000500000007002',
    bankCode: '09998',
    name: 'Rishton Pottery',
  },
  role: 'seller',
  releaseCondition: 'manual',
  status: 'PAID',
  amount: uzs('250000.00'),
  paidAmount: uzs('250000.00'),
  heldAmount: uzs('0.00'),
  reversedAmount: uzs('0.00'),
}

type Said = Record<string, string | number>
const said = (key: string, change: Said = {}): Said => ({
  iat: Math.floor(Date.now() / 1000),
  iss: holder.applicationId,
  htm: 'POST',
  htu: `${cell.addresses.gatewayMtls}${path}`,
  jti: key,
  ...change,
})
const signed = async (key: string, change: Said = {}, jwk = keyOf('ES256'), text = body) =>
  signDetached(Buffer.from(text), await importSigningKey(jwk), said(key, change))

const send = async (
  key: string,
  signature: string | undefined,
  { text = body, who = holder, at = path } = {},
): Promise<Answered> =>
  cell.callMtls(who, await cell.token(who), {
    method: 'POST',
    path: at,
    body: text,
    headers: {
      'idempotency-key': key,
      ...(signature !== undefined && { 'x-jws-signature': signature }),
    },
  })
const newKey = () => crypto.randomUUID()

/** The answer's signature as a partner checks it: by the published keys, knowing nothing else of us. */
const provenBy = async (answered: Answered): Promise<Record<string, unknown>> => {
  const published = await cell.ask({ path: '/.well-known/jwks.json' })
  assert.equal(published.status, 200)
  const { keys: offered } = z
    .object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string() })) })
    .parse(published.json)
  assert.ok(offered.every((k) => !('d' in k)))
  const [head = '', , signature = ''] = String(answered.headers['x-jws-signature']).split('.')
  const { kid } = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string }
  const jwk = offered.find((k) => k.kid === kid)
  assert.ok(jwk)
  const { protectedHeader } = await flattenedVerify(
    { protected: head, payload: Buffer.from(answered.text), signature },
    await importJWK(jwk as JWK, 'ES256'),
    { crit: { iat: true, iss: true, aud: true, jti: true, status: true } },
  )
  assert.ok(protectedHeader)
  return protectedHeader
}

test('RFC 7797: a request signed by each kind of registered key is served, and its answer is signed to the application', async () => {
  for (const alg of ['PS256', 'ES256', 'EdDSA'] as const) {
    const key = newKey()
    const answered = await send(key, await signed(key, {}, keyOf(alg)))
    assert.equal(answered.status, 200, answered.text)
    const header = await provenBy(answered)
    assert.equal(header['aud'], holder.applicationId)
    assert.equal(header['iss'], cell.addresses.audience)
    assert.equal(header['jti'], answered.headers['x-fapi-interaction-id'])
    assert.equal(header['status'], 200)
  }
})

test('an answer that was changed on its way does not verify', async () => {
  const key = newKey()
  const answered = await send(key, await signed(key))
  await assert.rejects(provenBy({ ...answered, text: answered.text.replace('PAID', 'HELD') }))
})

test('a stripped signature is refused before the bank hears of it, and the refusal is signed', async () => {
  const before = cell.heard.length
  const answered = await send(newKey(), undefined)
  refused(answered, 400, 'gateway/signature-missing')
  assert.equal((await provenBy(answered))['status'], 400)
  assert.equal(cell.heard.length, before)
})

test('what was signed is this body, method, address, key, application and minute, or it is refused', async () => {
  const before = cell.heard.length
  const now = Math.floor(Date.now() / 1000)
  for (const change of [
    { iss: free.applicationId },
    { htm: 'PUT' },
    { htu: `${cell.addresses.gatewayMtls}${path}x` },
    { htu: `${cell.addresses.gateway}${path}` },
    { jti: newKey() },
    { iat: now - 90 },
    { iat: now + 60 },
  ] as Said[]) {
    const key = newKey()
    refused(await send(key, await signed(key, change)), 400, 'gateway/signature-invalid')
  }
  const key = newKey()
  const changed = await send(key, await signed(key), { text: '{"reason":"AGREED"}' })
  refused(changed, 400, 'gateway/signature-invalid')
  const spaced = await send(key, await signed(key), { text: '{"reason": "DELIVERED"}' })
  refused(spaced, 400, 'gateway/signature-invalid')
  assert.equal(cell.heard.length, before)
})

test('a signature that was heard before does nothing again: under its key it is a replay, under another it is refused', async () => {
  const key = newKey()
  const signature = await signed(key)
  const before = cell.heard.length
  assert.equal((await send(key, signature)).status, 200)
  const again = await send(key, signature)
  assert.equal(again.headers['idempotent-replayed'], 'true')
  await provenBy(again)
  refused(await send(newKey(), signature), 400, 'gateway/signature-invalid')
  assert.equal(cell.heard.length, before + 1)
})

test('RFC 8725 §3.1: the algorithm is that of the registered key, and what the header says of it opens nothing', async () => {
  const before = cell.heard.length
  const stranger = { ...(await newSigningJwk('ES256')), kid: String(keyOf('ES256').kid) }
  const key = newKey()
  refused(await send(key, await signed(key, {}, stranger)), 400, 'gateway/signature-invalid')

  const bent = async (head: Record<string, unknown>, secret: Uint8Array | JWK, alg: string) => {
    const { protected: p, signature } = await new FlattenedSign(Buffer.from(body))
      .setProtectedHeader({ alg, b64: false, crit: ['b64'], ...head })
      .sign(secret instanceof Uint8Array ? secret : await importJWK(secret, alg), {
        crit: Object.fromEntries(Object.keys(said(key)).map((n) => [n, true])),
      })
    return `${p}..${signature}`
  }
  const kid = keyOf('PS256').kid
  const crit = ['b64', ...Object.keys(said(key))]
  const publicText = new TextEncoder().encode(JSON.stringify(publicJwk(keyOf('PS256'))))
  const none = Buffer.from(
    JSON.stringify({ alg: 'none', kid, b64: false, crit, ...said(key) }),
  ).toString('base64url')
  const good = await signed(key)
  for (const signature of [
    await bent({ kid, crit, ...said(key) }, publicText, 'HS256'),
    await bent({ kid, crit, ...said(key) }, keyOf('PS256'), 'RS256'),
    await bent({ kid, ...said(key) }, keyOf('PS256'), 'PS256'),
    await bent({ crit, ...said(key), kid: 'nobody' }, keyOf('PS256'), 'PS256'),
    `${none}..`,
    `${none}..AA`,
    good.replace('..', `.${Buffer.from(body).toString('base64url')}.`),
    `${good}=`,
    good.slice(0, -4),
    'x',
    '',
  ])
    refused(await send(key, signature), 400, 'gateway/signature-invalid')
  assert.equal(cell.heard.length, before)
})

test('who need not sign may leave it; a signature that does not hold is refused all the same', async () => {
  const unsigned = await send(newKey(), undefined, { who: free })
  assert.equal(unsigned.status, 200)
  assert.equal(unsigned.headers['x-jws-signature'], undefined)
  const key = newKey()
  const foreign = await signed(key, { iss: free.applicationId })
  refused(await send(key, foreign, { who: free }), 400, 'gateway/signature-invalid')
})

test('an operation may ask for signed answers: each is, fetched or kept or refused, to the application that asked', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { rate: '12650.00' }))
  const token = await cell.token(free)
  const quote = () => cell.callMtls(free, token, { path: '/offers/v1/quote' })
  const before = cell.heard.length
  for (const answered of [await quote(), await quote()]) {
    assert.equal(answered.status, 200, answered.text)
    const header = await provenBy(answered)
    assert.deepEqual([header['aud'], header['status']], [free.applicationId, 200])
    await assert.rejects(provenBy({ ...answered, text: answered.text.replace('12650', '12651') }))
  }
  assert.equal(cell.heard.length, before + 1, 'the second is kept, and signed for itself')
  const unknown = await cell.callMtls(free, token, { path: '/offers/v1/quote?x=1' })
  refused(unknown, 400, 'gateway/request-invalid')
  assert.equal((await provenBy(unknown))['status'], 400)
})

test('an operation may ask for signed requests, of partners too whose contract does not', async () => {
  const at = '/offers/v1/deal'
  const before = cell.heard.length
  const bare = await send(newKey(), undefined, { who: free, at })
  refused(bare, 400, 'gateway/signature-missing')
  assert.match(String(bare.json['detail']), /the operation asks/)
  await provenBy(bare)
  assert.equal(cell.heard.length, before)

  cell.setPlay((_, response) => answerJson(response, 200, { rate: '1' }))
  const key = newKey()
  const change = { iss: free.applicationId, htu: `${cell.addresses.gatewayMtls}${at}` }
  const signature = await signed(key, change, keyOf('EdDSA'))
  const done = await send(key, signature, { who: free, at })
  assert.equal(done.status, 200, done.text)
  await provenBy(done)
})

test('what nobody sends in a body cannot be asked to be signed', () => {
  const read = { get: operation('getX', { 'x-signature': 'required' }) }
  assert.throws(() => compileProduct(offers({ '/offers/v1/x': read })), /only a POST is signed/)
})
