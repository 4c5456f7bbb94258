/** Attacks on who calls, by the clause that forbids them: real TLS, real PostgreSQL, a played bank. */
import assert from 'node:assert/strict'
import { createHmac, createPublicKey } from 'node:crypto'
import { Agent } from 'node:https'
import { after, test } from 'node:test'
import { connect } from 'node:tls'
import { importSigningKey, newSigningJwk, publicJwk } from '#platform/jose.ts'
import { type Asked, openCell, refused, type TestCell } from '#test/gateway/cell.ts'
import { newCertificate, without } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('dpop')
const certified = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))

const cards: Asked = { path: '/cards/v1/cards' }
/** Asks with a fresh nonce and a proof that may be bent. */
const withProof = async (
  accessToken: string,
  bend: Parameters<TestCell['proof']>[3] = (c) => c,
  header = {},
  key = holder.dpop,
) => {
  const good = await cell.call(holder, await cell.token(holder), cards)
  assert.equal(good.status, 200, good.text)
  return cell.ask({
    ...cards,
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: await cell.proof(holder, accessToken, cards, bend, header, key),
    },
  })
}

test('RFC 9449 §8: a proof without a nonce is challenged, and the nonce that comes with it is accepted', async () => {
  const accessToken = await cell.token(holder)
  const first = await cell.ask({
    ...cards,
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: await cell.proof(holder, accessToken, cards, without('nonce')),
    },
  })

  refused(first, 401, 'gateway/sender-unproven')
  assert.match(
    String(first.headers['www-authenticate']),
    /^DPoP error="use_dpop_nonce".*algs="PS256 ES256 EdDSA"$/,
  )
  const second = await cell.call(holder, accessToken, cards)
  assert.equal(second.status, 200)
  assert.equal(second.headers['dpop-nonce'], first.headers['dpop-nonce'])
})

test('RFC 9449 §4.3, §11.1: of one proof sent 200 times at once exactly one is accepted', async () => {
  const accessToken = await cell.token(holder)
  await cell.call(holder, accessToken, cards)
  const headers = {
    authorization: `DPoP ${accessToken}`,
    dpop: await cell.proof(holder, accessToken, cards),
  }
  const heardBefore = cell.heard.length
  const answers = await Promise.all(
    Array.from({ length: 200 }, () => cell.ask({ ...cards, headers })),
  )

  assert.equal(answers.filter((a) => a.status === 200).length, 1)
  assert.equal(answers.filter((a) => a.status === 401).length, 199)
  assert.equal(cell.heard.length, heardBefore + 1)
})

for (const [what, bend] of [
  ['for another address', (c) => ({ ...c, htu: `${cell.addresses.gateway}/cards/v1/other` })],
  [
    'for the same path at another host',
    (c) => ({ ...c, htu: 'https://elsewhere.example/cards/v1/cards' }),
  ],
  ['for another method', (c) => ({ ...c, htm: 'POST' })],
  ['of another token (ath)', (c) => ({ ...c, ath: 'x'.repeat(43) })],
  ['without ath', without('ath')],
  ['that is two minutes old', (c) => ({ ...c, iat: Number(c['iat']) - 120 })],
  ['from two minutes ahead', (c) => ({ ...c, iat: Number(c['iat']) + 120 })],
  ['without jti', without('jti')],
  ['whose nonce is made up', (c) => ({ ...c, nonce: 'made-up-nonce-made-up-no' })],
] as const satisfies [string, Parameters<TestCell['proof']>[3]][])
  test(`RFC 9449 §4.3: a proof ${what} is refused`, async () => {
    refused(await withProof(await cell.token(holder), bend), 401, 'gateway/sender-unproven')
  })

test('RFC 9449 §4.3: htu is compared without query and fragment, and with its host normalised', async () => {
  const answered = await withProof(await cell.token(holder), (c) => ({
    ...c,
    htu: `${cell.addresses.gateway.replace('localhost', 'LOCALHOST')}/cards/v1/cards?x=1#y`,
  }))
  assert.equal(answered.status, 200, answered.text)
})

test('RFC 9449 §4.3: typ, private keys and foreign algorithms in a proof’s header are refused', async () => {
  const accessToken = await cell.token(holder)
  const privateJwk = await newSigningJwk('ES256')
  refused(await withProof(accessToken, undefined, { typ: 'JWT' }), 401, 'gateway/sender-unproven')
  refused(
    await withProof(
      accessToken,
      undefined,
      { jwk: privateJwk },
      await importSigningKey(privateJwk),
    ),
    401,
    'gateway/sender-unproven',
  )
  refused(await withProof(accessToken, undefined, { jwk: {} }), 401, 'gateway/sender-unproven')
})

test('FAPI 2.0 Attacker Model A3: a stolen token without its key is worth nothing', async () => {
  const stolen = await cell.token(holder)
  const thief = await newSigningJwk('ES256')
  const key = await importSigningKey(thief)

  refused(
    await withProof(stolen, undefined, { jwk: publicJwk(thief) }, key),
    401,
    'gateway/sender-unproven',
  )
  refused(await withProof(stolen, undefined, {}, key), 401, 'gateway/sender-unproven')
  refused(
    await cell.ask({ ...cards, headers: { authorization: `DPoP ${stolen}` } }),
    401,
    'gateway/sender-unproven',
  )
})

test('RFC 9449 §7.2: a DPoP-bound token as Bearer is refused, with and without a proof', async () => {
  const accessToken = await cell.token(holder)
  await cell.call(holder, accessToken, cards)
  const dpop = await cell.proof(holder, accessToken, cards)
  refused(
    await cell.ask({ ...cards, headers: { authorization: `Bearer ${accessToken}` } }),
    401,
    'gateway/sender-unproven',
  )
  refused(
    await cell.ask({ ...cards, headers: { authorization: `Bearer ${accessToken}`, dpop } }),
    401,
    'gateway/sender-unproven',
  )
})

const now = () => Math.floor(Date.now() / 1000)
for (const [what, change, code] of [
  [
    'for another audience',
    (c) => ({ ...c, aud: 'https://elsewhere.example' }),
    'gateway/token-invalid',
  ],
  [
    'for two audiences',
    (c) => ({ ...c, aud: [c['aud'], 'https://elsewhere.example'] }),
    'gateway/token-invalid',
  ],
  [
    'of another issuer',
    (c) => ({ ...c, iss: 'https://elsewhere.example' }),
    'gateway/token-invalid',
  ],
  [
    'of the sandbox',
    (c) => ({ ...c, iss: 'https://localhost:8412', env: 'sandbox' }),
    'gateway/wrong-environment',
  ],
  [
    'of our issuer that says sandbox',
    (c) => ({ ...c, env: 'sandbox' }),
    'gateway/wrong-environment',
  ],
  ['without an environment', without('env'), 'gateway/token-invalid'],
  [
    'that has expired',
    (c) => ({ ...c, iat: now() - 400, exp: now() - 100 }),
    'gateway/token-invalid',
  ],
  ['that lives for an hour', (c) => ({ ...c, exp: now() + 3600 }), 'gateway/token-invalid'],
  [
    'from the future',
    (c) => ({ ...c, iat: now() + 60, exp: now() + 300 }),
    'gateway/token-invalid',
  ],
  ['that is bound to nothing', without('cnf'), 'gateway/sender-unproven'],
  [
    'that is bound to two keys',
    (c) => ({ ...c, cnf: { jkt: 'a', 'x5t#S256': 'b' } }),
    'gateway/token-invalid',
  ],
  [
    'of an unknown application',
    (c) => ({ ...c, client_id: `application_${'0'.repeat(32)}` }),
    'gateway/token-invalid',
  ],
  [
    'of another partner’s application',
    (c) => ({ ...c, client_id: certified.applicationId }),
    'gateway/token-invalid',
  ],
] as const satisfies [string, (c: Record<string, unknown>) => Record<string, unknown>, string][])
  test(`RFC 9068 §4: a token ${what} is refused`, async () => {
    const answered = await cell.call(holder, await cell.token(holder, change), cards)
    refused(answered, 401, code)
    assert.match(String(answered.headers['www-authenticate']), /^DPoP error="invalid_token"/)
  })

test('RFC 8725 §2.1, §3.1: the algorithm is our key’s, whatever the header says', async () => {
  const good = await cell.token(holder)
  const [head = '', body = '', signature = ''] = good.split('.')
  const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>
  const spell = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const publicPem = createPublicKey({
    key: publicJwk(cell.issuerJwk) as never,
    format: 'jwk',
  }).export({ type: 'spki', format: 'pem' })
  const keyed = `${spell({ ...header, alg: 'HS256' })}.${body}`
  const foreign = await newSigningJwk('ES256')
  const forgeries = [
    `${spell({ ...header, alg: 'none' })}.${body}.`,
    `${spell({ ...header, alg: 'none' })}.${body}.${signature}`,
    `${keyed}.${createHmac('sha256', publicPem).update(keyed).digest('base64url')}`,
    `${spell({ ...header, alg: 'RS256' })}.${body}.${signature}`,
    await cell.token(
      holder,
      undefined,
      { kid: cell.issuerJwk.kid },
      await importSigningKey({ ...foreign, kid: String(cell.issuerJwk.kid) }),
    ),
    await cell.token(
      holder,
      undefined,
      { jwk: publicJwk(foreign) },
      await importSigningKey(foreign),
    ),
    `${spell({ ...header, crit: ['exp'] })}.${body}.${signature}`,
    `${head}.${spell({ ...(JSON.parse(Buffer.from(body, 'base64url').toString()) as object), scope: 'everything' })}.${signature}`,
  ]
  for (const forged of forgeries)
    refused(await cell.call(holder, forged, cards), 401, 'gateway/token-invalid')
  refused(
    await cell.call(holder, await cell.token(holder, undefined, { typ: 'JWT' }), cards),
    401,
    'gateway/token-invalid',
  )
})

test('S20: one token has one spelling; others of the same bytes are refused', async () => {
  const good = await cell.token(holder)
  const last = good.at(-1) ?? ''
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const sibling = alphabet[alphabet.indexOf(last) ^ 1] ?? ''
  for (const spelled of [`${good}=`, `${good}==`, good.slice(0, -1) + sibling, `${good}.`])
    refused(await cell.call(holder, spelled, cards), 401, 'gateway/token-invalid')
})

test('RFC 6750 §2: a token anywhere but in Authorization is refused, even beside a good one', async () => {
  const accessToken = await cell.token(holder)
  const answered = await cell.call(holder, accessToken, {
    path: `/cards/v1/cards?access_token=${accessToken.slice(0, 40)}`,
  })
  refused(answered, 400, 'gateway/request-invalid')
  refused(await cell.ask(cards), 401, 'gateway/token-invalid')
  refused(
    await cell.ask({ ...cards, headers: { authorization: 'Basic dGVzdA==' } }),
    401,
    'gateway/token-invalid',
  )
})

test('RFC 8705 §3: a token goes with its certificate and with no other', async () => {
  const accessToken = await cell.token(certified)
  assert.equal((await cell.callMtls(certified, accessToken, cards)).status, 200)

  const other = await cell.addHolder('mtls')
  await cell.publishAndWait()
  refused(
    await cell.ask(
      { ...cards, door: 'mtls', headers: { authorization: `Bearer ${accessToken}` } },
      cell.agentOf(other),
    ),
    401,
    'gateway/sender-unproven',
  )
  refused(
    await cell.ask({ ...cards, headers: { authorization: `Bearer ${accessToken}` } }),
    401,
    'gateway/sender-unproven',
  )
  refused(
    await cell.ask({
      ...cards,
      headers: {
        authorization: `Bearer ${accessToken}`,
        'client-cert': ':abc:',
        'x-forwarded-client-cert': 'abc',
      },
    }),
    400,
    'gateway/malformed',
  )
  refused(
    await cell.ask(
      { ...cards, door: 'mtls', headers: { authorization: `DPoP ${accessToken}` } },
      cell.agentOf(certified),
    ),
    401,
    'gateway/sender-unproven',
  )
})

test('S9: a certificate of our authority that the registry does not know proves nothing', async () => {
  const unknown = await newCertificate(cell.partnerCa, {
    cell: cell.cell,
    partnerId: certified.partnerId,
    applicationId: certified.applicationId,
    days: 30,
  })
  const agent = new Agent({ ca: cell.ca, cert: unknown.pem, key: unknown.key })
  const accessToken = await cell.token(certified, (c) => ({
    ...c,
    cnf: { 'x5t#S256': unknown.sha256 },
  }))
  refused(
    await cell.ask(
      { ...cards, door: 'mtls', headers: { authorization: `Bearer ${accessToken}` } },
      agent,
    ),
    401,
    'gateway/sender-unproven',
  )
})

test('S8: without a certificate there is no connection, and no session is resumed', async () => {
  const port = cell.world.ports.production.gatewayMtls
  const bare = new Agent({ ca: cell.ca })
  await assert.rejects(
    cell.ask({ ...cards, door: 'mtls' }, bare),
    /alert|ECONNRESET|EPIPE|socket hang up/,
  )

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const { pem, key } = certified.certificate
    const options = {
      host: 'localhost',
      port,
      ca: cell.ca,
      cert: pem,
      key,
      minVersion: version,
      maxVersion: version,
    }
    const handshake = (session?: Buffer) =>
      new Promise<{ reused: boolean; session: Buffer | undefined }>((resolve, reject) => {
        let given: Buffer | undefined
        const socket = connect({ ...options, ...(session && { session }) }, () => {
          setTimeout(() => {
            resolve({ reused: socket.isSessionReused(), session: given ?? socket.getSession() })
            socket.destroy()
          }, 100)
        })
        socket.on('session', (s: Buffer) => (given = s))
        socket.once('error', reject)
      })
    const first = await handshake()
    const second = await handshake(first.session)
    assert.equal(second.reused, false, version)
  }
})

test('G5: HTTP/2 is not negotiated', async () => {
  const socket = connect({
    host: 'localhost',
    port: cell.world.ports.production.gateway,
    ca: cell.ca,
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  await new Promise((resolve, reject) =>
    socket.once('secureConnect', resolve).once('error', reject),
  )
  assert.equal(socket.alpnProtocol, 'http/1.1')
  socket.destroy()
})
