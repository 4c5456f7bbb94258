/** The TypeScript client before a bank that answers what each test puts in its mouth. */
import assert from 'node:assert/strict'
import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { z } from 'zod'
import { openPortico, Refusal } from '../../sdk/typescript/index.ts'
import { openClient, type OperationPlace } from '../../sdk/typescript/client.ts'
import type { Accounts } from '../../sdk/typescript/documents/accounts.ts'
import { accounts } from '../../sdk/typescript/documents/accounts.ts'
import { type Events, events } from '../../sdk/typescript/documents/events.ts'
import { openProver } from '../../sdk/typescript/dpop.ts'
import { openTransport } from '../../sdk/typescript/transport.ts'

interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}
interface Said {
  readonly status: number
  readonly headers?: Record<string, string>
  readonly body?: unknown
  /** The line breaks before an answer. */
  readonly breaks?: boolean
}

/** A bank for one test: it answers in order, and the last answer again and again. */
const bank = async (answer: (heard: Heard, n: number) => Said) => {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(Buffer.from(part))
      const one = {
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(parts).toString('utf8'),
      }
      heard.push(one)
      const said = answer(one, heard.length)
      if (said.breaks) return request.socket.destroy()
      response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers })
      if (said.body instanceof Uint8Array) response.end(said.body)
      else response.end(said.body === undefined ? '' : JSON.stringify(said.body))
    })()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  after(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { heard, origin: `http://127.0.0.1:${port}` }
}

const operations: Readonly<Record<string, OperationPlace>> = accounts
const counting = () => {
  let issued = 0
  let held: string | undefined
  return {
    get: async () => (held ??= `token-${(issued += 1)}`),
    forget: () => (held = undefined),
  }
}
const clientOf = (gateway: string, waits: number[] = [], prover?: ReturnType<typeof openProver>) =>
  openClient<Accounts>({
    gateway,
    operations,
    transport: openTransport(),
    prover,
    wait: async (ms) => void waits.push(ms),
  })

const verification = {
  account: { schemeName: 'UZ.AccountNumber', identification: '2020', bankCode: '09998' },
  name: 'Dilnoza',
  purpose: 'CONTRACT',
  legalReference: 'case 1',
} as const
const problem = (code: string, retryable = false) => ({
  type: 'https://portico.example/problems/x',
  title: 'x',
  status: 503,
  detail: 'later',
  code,
  retryable,
})

test('a write keeps its Idempotency-Key over all attempts, and waits as long as the bank asks', async () => {
  const { heard, origin } = await bank((_, n) =>
    n < 3
      ? { status: 503, headers: { 'retry-after': '2' }, body: problem('core/busy') }
      : { status: 200, body: { result: 'MATCH' } },
  )
  const waits: number[] = []
  const answer = await clientOf(origin, waits).call('verifyOwnership', {
    tokens: counting(),
    body: verification,
  })

  assert.deepEqual(answer, { result: 'MATCH' })
  assert.deepEqual(waits, [2_000, 2_000])
  const keys = new Set(heard.map(({ headers }) => headers['idempotency-key']))
  assert.equal(heard.length, 3)
  assert.equal(keys.size, 1)
  assert.match([...keys][0] as string, /^[0-9a-f-]{36}$/)
})

test('a broken line is asked again for a read and for a write with its key, and the attempts have an end', async () => {
  const { heard, origin } = await bank(() => ({ status: 200, breaks: true }))
  await assert.rejects(clientOf(origin).call('listAccounts', { tokens: counting() }))
  assert.equal(heard.length, 4)
})

test('what is refused for good is refused at once, with the words of the bank', async () => {
  const { heard, origin } = await bank(() => ({
    status: 403,
    headers: { 'x-fapi-interaction-id': 'abc' },
    body: { ...problem('licences/missing'), gate: 'bank', hint: 'apply for it' },
  }))
  const refused = clientOf(origin).call('listAccounts', { tokens: counting() })

  await assert.rejects(refused, (error) => {
    assert.ok(error instanceof Refusal)
    const { status, code, gate, hint, interactionId } = error
    assert.deepEqual(
      { status, code, gate, hint, interactionId },
      {
        status: 403,
        code: 'licences/missing',
        gate: 'bank',
        hint: 'apply for it',
        interactionId: 'abc',
      },
    )
    return true
  })
  assert.equal(heard.length, 1)
})

test('a bank that asks to wait longer than one is ready to is not waited for', async () => {
  const { heard, origin } = await bank(() => ({
    status: 429,
    headers: { 'retry-after': '3600' },
    body: problem('contracts/quota-exhausted', true),
  }))
  await assert.rejects(
    clientOf(origin).call('listAccounts', { tokens: counting() }),
    (error) => error instanceof Refusal && error.retryAfterMs === 3_600_000,
  )
  assert.equal(heard.length, 1)
})

test('a token that the bank does not take any more is asked for anew, once', async () => {
  const { heard, origin } = await bank(({ headers }) =>
    headers.authorization === 'Bearer token-1'
      ? { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
      : { status: 200, body: { data: [], next: null } },
  )
  await clientOf(origin).call('listAccounts', { tokens: counting() })
  assert.deepEqual(
    heard.map(({ headers }) => headers.authorization),
    ['Bearer token-1', 'Bearer token-2'],
  )
})

test('where no other token is to be had, the words of the bank are heard at once', async () => {
  const { heard, origin } = await bank(() => ({
    status: 401,
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    body: { ...problem('consents/revoked'), status: 401 },
  }))
  const waits: number[] = []
  let spent = false
  const tokens = {
    get: async () => {
      if (spent) throw new Refusal(401, new Headers(), { error: 'invalid_grant' })
      return 'token-1'
    },
    forget: () => void (spent = true),
  }
  await assert.rejects(
    clientOf(origin, waits).call('listAccounts', { tokens }),
    (error) => error instanceof Refusal && error.code === 'consents/revoked',
  )
  assert.deepEqual([heard.length, waits], [1, []])
})

test('every call asks for the version that the program was written for, and one call may ask for another', async () => {
  const { heard, origin } = await bank(() => ({ status: 200, body: { data: [], next: null } }))
  const transport = openTransport()
  const client = openClient<Accounts>({
    gateway: origin,
    operations,
    transport,
    version: '2026-11-22',
  })
  await client.call('listAccounts', { tokens: counting() })
  await client.call('listAccounts', { tokens: counting(), version: '2026-12-01' })
  assert.deepEqual(
    heard.map(({ headers }) => headers['api-version']),
    ['2026-11-22', '2026-12-01'],
  )
})

test('a file comes as the bytes that the bank sent', async () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n)
  const { origin } = await bank(() => ({
    status: 200,
    headers: { 'content-type': 'application/pdf' },
    body: bytes,
  }))
  const file: Uint8Array = await clientOf(origin).call('getStatementFile', {
    tokens: counting(),
    path: { accountId: 'acc_1', statementId: 'statement_1' },
    query: { format: 'pdf' },
  })
  assert.deepEqual(file, bytes)
})

test('a list is read to its end, page by page, with the same filter', async () => {
  const pages: Readonly<Record<string, { data: object[]; next: string | null }>> = {
    '': { data: [{ transactionId: 'a' }, { transactionId: 'b' }], next: 'p2' },
    p2: { data: [], next: 'p3' },
    p3: { data: [{ transactionId: 'c' }], next: null },
  }
  const { heard, origin } = await bank(({ url }) => ({
    status: 200,
    body: pages[new URL(url, 'http://x').searchParams.get('cursor') ?? ''],
  }))
  const found: string[] = []
  const asked = {
    tokens: counting(),
    path: { accountId: 'acc_1' },
    query: { creditDebitIndicator: 'Debit' as const },
  }
  for await (const { transactionId } of clientOf(origin).each('listTransactions', asked))
    found.push(transactionId)

  assert.deepEqual(found, ['a', 'b', 'c'])
  assert.equal(heard.length, 3)
  assert.ok(heard.every(({ url }) => url.includes('creditDebitIndicator=Debit')))
})

test('a feed is read until nothing more has happened, though it always says where it goes on', async () => {
  const { heard, origin } = await bank((_, n) => ({
    status: 200,
    body: { data: n === 1 ? [{ id: 'event_1' }] : [], next: `p${n}` },
  }))
  const client = openClient<Events>({
    gateway: origin,
    operations: events,
    transport: openTransport(),
  })
  const found = await Array.fromAsync(client.each('listEvents', { tokens: counting() }))

  assert.deepEqual(
    found.map(({ id }) => id),
    ['event_1'],
  )
  assert.equal(heard.length, 2)
})

test('a list that names a page twice is not read for ever, and a place in a path is never more than a place', async () => {
  const { heard, origin } = await bank(() => ({ status: 200, body: { data: [], next: 'same' } }))
  const client = clientOf(origin)
  const all = client.each('listTransactions', {
    tokens: counting(),
    path: { accountId: '../../payments/v1/payments?x=' },
    query: {},
  })
  await assert.rejects(Array.fromAsync(all), /goes in a circle/)
  assert.ok(heard[0]?.url.startsWith('/accounts/v1/accounts/..%2F..%2Fpayments'))
})

const ProofHead = z.object({
  typ: z.literal('dpop+jwt'),
  alg: z.literal('ES256'),
  jwk: z.strictObject({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string() }),
})
const ProofBody = z.object({
  jti: z.string(),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string(),
  nonce: z.string().optional(),
})
const opened = (proof: string) => {
  const [head = '', body = '', signature = ''] = proof.split('.')
  const read = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
  const header = ProofHead.parse(read(head))
  const key = createPublicKey({ key: header.jwk, format: 'jwk' })
  const holds = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  assert.ok(holds, 'the signature of the proof holds')
  return ProofBody.parse(read(body))
}

test('RFC 9449: every attempt has a proof of its own, for this call and this token, with the nonce that was asked for', async () => {
  const { heard, origin } = await bank(({ headers }) =>
    opened(String(headers['dpop'])).nonce === 'n1'
      ? { status: 200, body: { data: [], next: null } }
      : {
          status: 401,
          headers: { 'www-authenticate': 'DPoP error="use_dpop_nonce"', 'dpop-nonce': 'n1' },
        },
  )
  const prover = openProver(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, Date.now)
  const client = clientOf(origin, [], prover)
  await client.call('listAccounts', { tokens: counting() })
  await client.call('listAccounts', { tokens: counting() })

  const proofs = heard.map(({ headers }) => opened(String(headers['dpop'])))
  assert.deepEqual(
    proofs.map(({ nonce }) => nonce),
    [undefined, 'n1', 'n1'],
  )
  assert.equal(new Set(proofs.map(({ jti }) => jti)).size, 3)
  assert.ok(proofs.every(({ htm }) => htm === 'GET'))
  assert.ok(proofs.every(({ htu }) => htu === `${origin}/accounts/v1/accounts`))
  const ath = createHash('sha256').update('token-1').digest('base64url')
  assert.ok(proofs.every((proof) => proof.ath === ath))
  assert.equal(heard[0]?.headers.authorization, 'DPoP token-1')
})

test('private_key_jwt is for the issuer alone, and calls of one moment share one token', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const forms: URLSearchParams[] = []
  const { heard, origin } = await bank(({ url, body }) => {
    if (url.endsWith('openid-configuration'))
      return {
        status: 200,
        body: {
          issuer: origin,
          token_endpoint: `${origin}/token`,
          pushed_authorization_request_endpoint: `${origin}/par`,
          authorization_endpoint: `${origin}/auth`,
          revocation_endpoint: `${origin}/revoke`,
        },
      }
    if (url === '/token') {
      forms.push(new URLSearchParams(body))
      return { status: 200, body: { access_token: 't', expires_in: 300, token_type: 'DPoP' } }
    }
    return { status: 200, body: { data: [], next: null } }
  })
  const portico = openPortico({
    environment: { issuer: origin, gateway: origin, gatewayMtls: origin },
    clientId: 'application_1',
    authentication: { method: 'private_key_jwt', key: privateKey, kid: 'k' },
    dpop: true,
  })
  after(() => portico.close())
  const tokens = portico.issuer.own('accounts')
  await Promise.all([1, 2, 3].map(() => portico.call('listAccounts', { tokens })))

  assert.equal(forms.length, 1)
  const [, claims = ''] = (forms[0]?.get('client_assertion') ?? '').split('.')
  const said = z
    .object({ iss: z.string(), sub: z.string(), aud: z.string(), exp: z.number(), iat: z.number() })
    .parse(JSON.parse(Buffer.from(claims, 'base64url').toString()))
  assert.deepEqual([said.iss, said.sub, said.aud], ['application_1', 'application_1', origin])
  assert.ok(said.exp - said.iat <= 60)
  assert.equal(heard.filter(({ url }) => url === '/accounts/v1/accounts').length, 3)
})
