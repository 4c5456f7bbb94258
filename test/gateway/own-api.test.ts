/** The bank brings an API of its own: from its document to a partner's call, over the real offices, link and gateway. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import * as approvals from '#control/approvals/routes.ts'
import * as bringing from '#control/catalogue/bring-routes.ts'
import { appliers } from '#control/catalogue/index.ts'
import * as catalogue from '#control/catalogue/routes.ts'
import { PartnerId, requestApplication } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { startPublication } from '#control/publication/index.ts'
import { seedControl } from '#control/seed.ts'
import * as staff from '#control/staff/routes.ts'
import { startGateway } from '#gateway/gateway.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import { makeAuthority, makeServerCertificate } from '#platform/certificates.ts'
import { addressesOf, portsOf, readSettings } from '#platform/config.ts'
import {
  importSigningKey,
  importVerifyKey,
  type JWK,
  newSigningJwk,
  publicJwk,
  sha256url,
  signJws,
  thumbprint,
  verifyJws,
} from '#platform/jose.ts'
import { makeRandomKey, makeSigningKey, makeSigningKeySet } from '#platform/keys.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { freshDatabase } from '#test/world.ts'
import { newCertificate } from './partner.ts'
import { read } from './played.ts'

const data = mkdtempSync(join(tmpdir(), 'own-api-'))
after(() => rmSync(data, { recursive: true, force: true }))
const layout = layoutOf(data)
const files = layout.cell('sandbox')

/** The bank's own system: TLS of an authority that only it has, and a certificate asked of whoever comes. */
const serverAuthority = await makeAuthority(
  { certificate: join(data, 'score-ca.pem'), key: join(data, 'score-ca.key') },
  'score servers',
)
const clientAuthority = await makeAuthority(
  { certificate: join(data, 'clients-ca.pem'), key: join(data, 'clients-ca.key') },
  'score clients',
)
const strangerAuthority = await makeAuthority(
  { certificate: join(data, 'other-ca.pem'), key: join(data, 'other-ca.key') },
  'others',
)
const served = { certificate: join(data, 'score.pem'), key: join(data, 'score.key') }
await makeServerCertificate(serverAuthority, served, 'score')

interface Heard {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
const heard: Heard[] = []
let play: (one: Heard, response: ServerResponse) => void = () => {}
const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
const system = createServer(
  {
    cert: readFileSync(served.certificate),
    key: readFileSync(served.key),
    ca: clientAuthority.certificatePem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
  },
  (request, response) => {
    void read(request).then((body) => {
      const { method = '', url = '', headers } = request
      const one = { method, path: url, headers, body }
      heard.push(one)
      play(one, response)
    })
  },
)
await new Promise<void>((resolve) => system.listen(0, resolve))
after(() => {
  system.closeAllConnections()
  system.close()
})
const { port } = z
  .object({ port: z.number() })
  .parse(system.address() satisfies AddressInfo | string | null)
const address = `https://localhost:${port}/internal`

/** OpenAPI 3.0 as a credit bureau's team would write it: no words of ours, words of others, answers left open. */
const document = `
openapi: 3.0.3
info: { title: Credit scores, version: 4.2.1 }
servers: [{ url: https://scores.bank.example/internal }]
paths:
  /scores/{personId}:
    get:
      operationId: getScore
      summary: The score of a person
      parameters:
        - { name: personId, in: path, required: true, schema: { type: string, maxLength: 40 } }
      responses:
        '200':
          description: The score
          content:
            application/json: { schema: { $ref: '#/components/schemas/Score' } }
        '404': { description: Nobody }
        default: { description: Whatever }
  /scores:
    post:
      operationId: askScore
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [amount]
              properties:
                amount: { type: integer, minimum: 0, exclusiveMinimum: true }
                note: { type: string, nullable: true }
      responses:
        '201':
          description: The score
          content:
            application/json: { schema: { $ref: '#/components/schemas/Score' } }
components:
  schemas:
    Base:
      type: object
      required: [score]
      properties:
        score: { type: integer, format: int32 }
    Score:
      x-team: scoring
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          properties:
            band: { type: string, nullable: true, enum: [A, B], example: A }
`

const offices = await openTestOffices(
  {
    portal: [catalogue.portalRoutes, partners.portalRoutes],
    console: [
      staff.consoleRoutes,
      approvals.consoleRoutes,
      catalogue.consoleRoutes,
      bringing.consoleRoutes,
    ],
  },
  new Map(Object.entries(appliers)),
  {
    now: Temporal.Now.instant(),
    settings: {
      PORTICO_DATA: data,
      PORTICO_PORT_BASE: '19850',
      PORTICO_UPSTREAM_ALLOW: `localhost:${port}`,
    },
  },
)
const { db } = offices
await seedControl(db, Temporal.Now.instant(), { documents: bankDocuments() })
const [product, engineering] = await Promise.all(
  ['product', 'engineering'].map((login) => offices.staff(login)),
)
assert.ok(product && engineering)

const Change = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })
const approve = async (by: Visitor, body: unknown) => {
  const { id, hash } = Change.parse(body).change
  return by('POST', `/api/approvals/${id}/decision`, { decision: 'approve', hash, reason: 'seen' })
}

/** What the gateway shows its system. */
const shown = await newCertificate(clientAuthority, {
  cell: 'sandbox',
  partnerId: 'bank',
  applicationId: 'gateway',
  days: 30,
})
const registration = {
  id: 'credit-bureau',
  cell: 'sandbox',
  address,
  ca: serverAuthority.certificatePem,
  certificate: shown.pem,
  key: shown.key,
}

test('S27: a system at an address of this machine, of its link or of a cloud’s metadata is refused with its place', async () => {
  for (const wrong of [
    'https://127.0.0.1:9443',
    'https://localhost:8500',
    'https://169.254.169.254/latest',
    'https://[::1]:9443',
    'https://[::ffff:127.0.0.1]:9443',
    'https://[fe80::1]',
    'https://0.0.0.0',
    'https://100.100.100.200',
    `https://localhost:19860`,
    'http://scores.bank.example',
    'https://user:secret@scores.bank.example',
    'https://scores.bank.example/a?b=c',
    'ftp://scores.bank.example',
  ]) {
    const { ca: _, certificate: __, key: ___, ...bare } = registration
    const answered = await product('POST', '/api/catalogue/upstreams', {
      ...bare,
      address: wrong,
      reason: 'test',
    })
    assert.equal(answered.status, 422, wrong)
    assert.match(JSON.stringify(answered.body['errors']), /"\/address"/, wrong)
  }
})

test('a system is proposed with a certificate that fits its key, and stands once a second person agrees', async () => {
  const wrongKey = await product('POST', '/api/catalogue/upstreams', {
    ...registration,
    key: readFileSync(served.key, 'utf8'),
    reason: 'test',
  })
  assert.match(JSON.stringify(wrongKey.body), /"\/key","code":"mismatch"/)

  const probed = await product('POST', '/api/catalogue/upstream-probes', registration)
  assert.equal(probed.body['reachable'], true, JSON.stringify(probed.body))
  assert.match(String(probed.body['certificateUntil']), /^20\d\d-/)
  const stranger = await newCertificate(strangerAuthority, {
    cell: 'sandbox',
    partnerId: 'bank',
    applicationId: 'gateway',
    days: 30,
  })
  const refused = await product('POST', '/api/catalogue/upstream-probes', {
    ...registration,
    certificate: stranger.pem,
    key: stranger.key,
  })
  assert.equal(refused.body['reachable'], false, 'with a certificate of another authority')
  const unknown = await product('POST', '/api/catalogue/upstream-probes', {
    ...registration,
    ca: strangerAuthority.certificatePem,
  })
  assert.equal(unknown.body['reachable'], false, 'whose own certificate is another authority’s')

  const proposed = await product('POST', '/api/catalogue/upstreams', {
    ...registration,
    reason: 'credit scores',
  })
  assert.equal(proposed.status, 202, JSON.stringify(proposed.body))
  assert.doesNotMatch(JSON.stringify(proposed.body), /PRIVATE KEY/)
  assert.equal((await approve(product, proposed.body)).status, 403)
  assert.equal((await approve(engineering, proposed.body)).status, 200)

  const other = await product('POST', '/api/catalogue/upstreams', {
    ...registration,
    cell: 'production',
    reason: 'the same system',
  })
  assert.equal(other.body['code'], 'catalogue/upstream-of-other-cell')
})

const Finding = z.object({ pointer: z.string(), code: z.string(), detail: z.string() })
const findingsOf = (body: Record<string, unknown>) => z.array(Finding).parse(body['findings'])

const said = { 'x-permission': 'products.credit', 'x-scope': 'credit', 'x-consent': 'none' }
const kind = { 'x-class': 'accounts', 'x-risk': 'personal' }
const overlay = [
  { target: '/paths/~1credit~1v1~1scores~1{personId}/get', update: { ...said, ...kind } },
  {
    target: '/paths/~1credit~1v1~1scores/post',
    update: { ...said, ...kind, 'x-idempotency': 'required' },
  },
]
const classes = [
  {
    target: '/components/schemas/Score/properties/score',
    update: { 'x-data-class': 'financial' },
  },
  { target: '/components/schemas/Score/properties/band', update: { 'x-data-class': 'financial' } },
  { target: '/components/schemas/Base/properties/score', update: { 'x-data-class': 'financial' } },
]

test('a 3.0 document is taken in, every place that lacks a word is named, and none is published unclassified', async () => {
  const handedIn = await product('POST', '/api/catalogue/drafts', {
    product: 'credit',
    upstream: 'credit-bureau',
    version: '2026-11-22',
    source: document,
  })
  assert.equal(handedIn.status, 200, JSON.stringify(handedIn.body))
  const missing = findingsOf(handedIn.body).map((f) => f.pointer)
  assert.ok(missing.includes('/paths/~1credit~1v1~1scores~1{personId}/get/x-permission'))
  assert.equal(
    (await product('POST', '/api/catalogue/drafts/credit/proposal', { reason: 'x' })).body['code'],
    'catalogue/document-refused',
  )

  const next = await product('POST', '/api/catalogue/drafts/credit/annotations', { overlay })
  const unclassified = findingsOf(next.body)
  assert.deepEqual([...new Set(unclassified.map((f) => f.code))], ['no-data-class'])
  assert.ok(
    unclassified.some(
      (f) => f.pointer === '/components/schemas/Score/properties/score/x-data-class',
    ),
  )
  assert.deepEqual(next.body['suggestions'], [
    { target: '/components/schemas/Score/properties/score', dataClass: 'financial' },
  ])

  const whole = await product('POST', '/api/catalogue/drafts/credit/annotations', {
    overlay: classes,
  })
  assert.deepEqual(whole.body['findings'], [])
  const body = z.record(z.string(), z.json()).parse(whole.body['document'])
  assert.match(
    JSON.stringify(body),
    /"amount":\{"type":"integer","exclusiveMinimum":0\},"note":\{"type":\["string","null"\]\}/,
  )
})

test('handed in again, the document keeps what was said of it, and shows what is new and what is gone', async () => {
  const renamed = document
    .replace('band: {', 'grade: {')
    .replace('score: { type: integer, format: int32 }', 'score: { type: integer }')
  const again = await product('POST', '/api/catalogue/drafts', {
    product: 'credit',
    upstream: 'credit-bureau',
    version: '2026-11-22',
    source: renamed,
  })
  const band = '/components/schemas/Score/properties/band'
  assert.deepEqual(again.body['gone'], [band])
  assert.deepEqual(again.body['news'], {
    added: [band.replace('band', 'grade')],
    removed: [band],
  })
  assert.deepEqual(
    findingsOf(again.body).map((f) => f.pointer),
    [`${band.replace('band', 'grade')}/x-data-class`],
  )
  const back = await product('POST', '/api/catalogue/drafts', {
    product: 'credit',
    upstream: 'credit-bureau',
    version: '2026-11-22',
    source: document,
  })
  assert.deepEqual(back.body['findings'], [])
})

/** One partner with an application of the sandbox, and the keys that it calls with. */
const openPartner = async (issuerJwk: JWK) => {
  const partner = await offices.partner()
  const partnerId = PartnerId.parse(partner.id)
  const { x, y, kid } = publicJwk(await newSigningJwk('ES256'))
  assert.ok(x && y && kid)
  const key = { kty: 'EC' as const, crv: 'P-256', x, y, kid, alg: 'ES256', use: 'sig' as const }
  const { application } = await work(db, 'system', Temporal.Now.instant(), (w) =>
    requestApplication(
      w,
      offices.context.authorities,
      partnerId,
      {
        cell: 'sandbox',
        name: 'Lender',
        authentication: 'private_key_jwt',
        senderConstraint: 'dpop',
        jwks: { keys: [key] },
        redirectUris: [],
        grantTypes: ['client_credentials'],
        products: ['credit'],
        rehearsal: false,
      },
      ['credit'],
    ),
  )
  const dpopJwk = await newSigningJwk('ES256')
  const dpop = await importSigningKey(dpopJwk)
  const settings = readSettings({ PORTICO_DATA: data, PORTICO_PORT_BASE: '19850' })
  const { gateway, audience, issuer } = addressesOf(portsOf(settings), 'sandbox')
  const now = Math.floor(Date.now() / 1000)
  const token = await signJws(
    {
      iss: issuer,
      aud: audience,
      sub: application.id,
      client_id: application.id,
      scope: 'credit',
      jti: uuidv7(),
      iat: now,
      exp: now + 300,
      env: 'sandbox',
      partner_id: partner.id,
      cnf: { jkt: await thumbprint(publicJwk(dpopJwk)) },
    },
    await importSigningKey(issuerJwk),
    { typ: 'at+jwt' },
  )
  let nonce = ''
  const once = async (method: string, path: string, body?: string) => {
    const proof = await signJws(
      {
        jti: uuidv7(),
        htm: method,
        htu: gateway + path.split('?')[0],
        iat: Math.floor(Date.now() / 1000),
        ath: sha256url(token),
        nonce,
      },
      dpop,
      { typ: 'dpop+jwt', jwk: publicJwk(dpopJwk) },
    )
    return ask(gateway + path, method, body, {
      authorization: `DPoP ${token}`,
      dpop: proof,
      'x-anything': 'of the partner',
      ...(body !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(body)),
        'idempotency-key': 'a-key-of-the-partner-1',
      }),
    })
  }
  const call = async (method: string, path: string, body?: string) => {
    const first = await once(method, path, body)
    const given = first.headers['dpop-nonce']
    if (typeof given === 'string') nonce = given
    return first.status === 401 ? once(method, path, body) : first
  }
  return { id: partner.id, applicationId: application.id, call, token }
}

const ask = (url: string, method: string, body?: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; text: string; headers: IncomingMessage['headers'] }>(
    (resolve, reject) => {
      const request = httpsRequest(
        url,
        { method, headers, ca: readFileSync(layout.serverCa.certificate) },
        (response) => {
          read(response).then(
            (text) =>
              resolve({ status: response.statusCode ?? 0, text, headers: response.headers }),
            reject,
          )
        },
      )
      request.once('error', reject)
      request.end(body)
    },
  )

test('two people later a partner calls it: routed, proven to the system, checked, and answered anew', async () => {
  const database = await freshDatabase('cell')
  const settings = readSettings({
    PORTICO_DATA: data,
    PORTICO_PORT_BASE: '19850',
    PORTICO_UPSTREAM_ALLOW: `localhost:${port}`,
    PORTICO_DATABASE_URL_GATEWAY: database.url('gateway'),
    PORTICO_EDGE_DRAIN_SECONDS: '0',
  })
  const serverCa = await makeAuthority(layout.serverCa, 'servers')
  await makeServerCertificate(serverCa, files.tls('gateway'), 'gateway')
  await makeSigningKey(layout.control.snapshotKey, layout.control.snapshotPublicKey, 'EdDSA')
  for (const cell of ['sandbox', 'production'] as const) {
    const keys = layout.cell(cell)
    await makeAuthority(keys.partnerCa, 'partners')
    makeRandomKey(keys.linkKey)
    for (const own of ['bank', 'vault'] as const) makeRandomKey(keys.callerKey(own))
    await makeSigningKeySet(keys.issuerKeys, keys.issuerPublicKeys, 'PS256')
  }
  const [issuerJwk] = await makeSigningKeySet(files.issuerKeys, files.issuerPublicKeys, 'PS256')
  assert.ok(issuerJwk)

  const proposed = await product('POST', '/api/catalogue/drafts/credit/proposal', {
    reason: 'scores for lenders',
  })
  assert.equal(proposed.status, 202, JSON.stringify(proposed.body))
  const decided = await approve(engineering, proposed.body)
  assert.equal(decided.status, 200, JSON.stringify(decided.body))
  const listed = await offices.visitor('portal')('GET', '/api/products')
  assert.match(JSON.stringify(listed.body['data']), /"id":"credit".*"versions":\["2026-11-22"\]/)

  const partner = await openPartner(issuerJwk)
  const log = openLog({ process: 'test' }, 'fatal')
  const world = {
    settings,
    layout,
    ports: portsOf(settings),
    log,
    now: () => Temporal.Now.instant(),
  }
  const publication = await startPublication({ db, world, log })
  const gateway = await startGateway({ ...world, cell: 'sandbox' })
  try {
    play = (_, response) =>
      json(response, 200, { internal: 'S-1', score: 712, band: null, owner: 'Dilnoza' })
    let answered = await partner.call('GET', '/credit/v1/scores/p-1')
    for (let i = 0; i < 1_200 && answered.status !== 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      answered = await partner.call('GET', '/credit/v1/scores/p-1')
    }
    assert.equal(answered.status, 200, answered.text)
    assert.deepEqual(JSON.parse(answered.text), { score: 712, band: null })

    const one = heard.at(-1)
    assert.equal(one?.path, '/internal/scores/p-1')
    assert.equal(one?.headers['authorization'], undefined)
    assert.equal(one?.headers['x-anything'], undefined)
    assert.doesNotMatch(JSON.stringify(one?.headers), new RegExp(partner.token.slice(0, 40)))
    const keys = await ask(
      `https://localhost:${world.ports.sandbox.gateway}/.well-known/jwks.json`,
      'GET',
    )
    const [jwk] = z
      .object({ keys: z.array(z.looseObject({ kid: z.string() })) })
      .parse(JSON.parse(keys.text)).keys
    assert.ok(jwk)
    const claims = await proven(String(one?.headers['portico-assertion']), jwk as JWK)
    assert.equal(claims['partner_id'], partner.id)
    assert.equal(claims['client_id'], partner.applicationId)
    assert.equal(claims['aud'], `https://localhost:${port}`)
    assert.equal(claims['operation'], 'getScore')
    assert.equal(claims['jti'], one?.headers['portico-call'])

    const before = heard.length
    const refusals = [
      ['GET', '/credit/v1/nothing', undefined, 404],
      ['DELETE', '/credit/v1/scores', undefined, 405],
      ['POST', '/credit/v1/scores', '{"amount":0}', 400],
      ['POST', '/credit/v1/scores', '{"amount":1,"more":1}', 400],
    ] as const
    for (const [method, path, body, status] of refusals)
      assert.equal((await partner.call(method, path, body)).status, status, `${method} ${path}`)
    assert.equal(heard.length, before, 'none of them reached the system')

    play = (_, response) => json(response, 201, { score: 1, band: 'A' })
    const written = await partner.call('POST', '/credit/v1/scores', '{"amount":5,"note":null}')
    assert.equal(written.status, 201, written.text)
    assert.equal(heard.at(-1)?.headers['idempotency-key'], 'a-key-of-the-partner-1')
    assert.equal(
      (await partner.call('POST', '/credit/v1/scores', '{"amount":5,"note":null}')).text,
      written.text,
    )
    assert.equal(heard.length, before + 1, 'a write is done once')

    play = (_, response) => json(response, 404, { secret: 'table persons is empty' })
    const nobody = await partner.call('GET', '/credit/v1/scores/p-2')
    assert.equal(nobody.status, 404)
    assert.doesNotMatch(nobody.text, /persons/)
    play = (_, response) => json(response, 418, {})
    assert.equal((await partner.call('GET', '/credit/v1/scores/p-2')).status, 502)
    play = (_, response) => json(response, 200, { score: 'high' })
    assert.equal((await partner.call('GET', '/credit/v1/scores/p-3')).status, 502)
  } finally {
    await gateway.stop()
    await publication.stop()
  }
})

/** The claims of an assertion that the key has signed, and nobody else. */
const proven = async (assertion: string, jwk: JWK): Promise<Record<string, unknown>> => {
  const claims = await verifyJws(assertion, await importVerifyKey(jwk, 'ES256'))
  assert.ok(claims, 'the assertion holds under the key that the gateway publishes')
  return claims
}
