/** What leaves, to the partner, to the bank, to the record and to the log, and what never does. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SnapshotProduct } from '../snapshot.ts'
import { type Answered, type Asked, openCell, refused } from '#test/gateway/cell.ts'
import {
  acc,
  accountsDetail,
  type Change,
  day,
  type Holder,
  otherAcc,
  withConsent,
} from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'

/** A product whose answers may be kept, are partly masked, and hold text that nobody looked at. */
const rates = SnapshotProduct.parse({
  id: 'rates',
  version: day,
  versions: [day],
  openapi: {
    openapi: '3.1.0',
    paths: {
      '/rates/v1/desks': {
        get: {
          operationId: 'listDesks',
          'x-permission': 'accounts.read',
          'x-scope': 'accounts',
          'x-consent': 'none',
          'x-upstream': 'bank',
          'x-class': 'accounts',
          'x-risk': 'reference',
          'x-cache': {},
          responses: {
            200: {
              description: 'The desks.',
              content: {
                'application/json': {
                  schema: {
                    type: 'object',
                    additionalProperties: false,
                    properties: {
                      rate: { type: 'string', 'x-data-class': 'public' },
                      dealer: {
                        type: 'string',
                        'x-data-class': 'personal',
                        'x-release': [{ action: 'mask', form: 'name' }],
                      },
                      hidden: {
                        type: 'string',
                        'x-data-class': 'secret',
                        'x-release': [{ action: 'drop' }],
                      },
                    },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
})

const cell = await openCell({}, [rates])
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
await cell.publishAndWait()
const empty = { data: [], next: null }
cell.setPlay((_, response) => answerJson(response, 200, empty))

const consentId = () => `consent_${crypto.randomUUID().replaceAll('-', '')}`
const present = { 'x-fapi-customer-ip-address': '192.0.2.1' }
const balances = `/accounts/v1/accounts/${acc}/balances`
const ask = async (asked: Asked, change?: Change, who: Holder = holder): Promise<Answered> =>
  cell.callMtls(who, await cell.token(who, change), asked)
const withAccounts = (more: Record<string, unknown> = {}) =>
  withConsent(consentId(), accountsDetail(more))

test('an answer holds what the document declares and the consent permits, and nothing else', async () => {
  const account = {
    accountId: acc,
    status: 'Enabled',
    currency: 'UZS',
    accountTypeCode: 'CACC',
    nickname: 'Everyday',
    canary: 'CANARY-undeclared',
    account: [
      {
        schemeName: 'UZ.AccountNumber',
        identification: '20208000900000001001',
        name: 'CANARY-owner',
      },
    ],
    KOD_FIL: '00444',
  }
  cell.setPlay((_, response) => {
    response.setHeader('etag', '"CANARY-etag"').setHeader('x-core', 'CANARY-header')
    answerJson(response, 200, { data: [account], next: null, debug: { sql: 'CANARY-debug' } })
  })
  const basic = await ask({ path: '/accounts/v1/accounts', headers: present }, withAccounts())
  assert.deepEqual(basic.json, {
    data: [
      {
        accountId: acc,
        status: 'Enabled',
        currency: 'UZS',
        accountTypeCode: 'CACC',
        nickname: 'Everyday',
      },
    ],
    next: null,
  })
  assert.ok(!JSON.stringify([basic.headers, basic.text]).includes('CANARY'))

  const detailed = await ask(
    { path: '/accounts/v1/accounts', headers: present },
    withAccounts({ permissions: ['ReadAccountsDetail'] }),
  )
  assert.ok(detailed.text.includes('CANARY-owner'))
  assert.ok(!detailed.text.includes('CANARY-undeclared'))
})

test('what the contract leaves out is there for nobody of that partner, whatever is consented to, and for others it stays', async () => {
  const account = {
    accountId: acc,
    status: 'Enabled',
    currency: 'UZS',
    accountTypeCode: 'CACC',
    nickname: 'Everyday',
    account: [
      { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001', name: 'Owner' },
    ],
  }
  const without = await cell.addHolder('mtls', {
    withheld: {
      listAccounts: ['/data/*/account/*/name', '/data/*/nickname'],
      getBalances: ['/data/*/type'],
    },
  })
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [account], next: null }))
  const detailed = withAccounts({ permissions: ['ReadAccountsDetail'] })
  const all = { path: '/accounts/v1/accounts', headers: present }
  const theirs = await ask(all, detailed, without)
  const ours = await ask(all, detailed)

  assert.equal(theirs.status, 200, theirs.text)
  const { nickname: _, ...rest } = account
  const [number] = account.account
  assert.deepEqual(theirs.json['data'], [
    {
      ...rest,
      account: [{ schemeName: number?.schemeName, identification: number?.identification }],
    },
  ])
  assert.deepEqual(ours.json['data'], [account])
})

for (const [what, status, body, type] of [
  ['of an undeclared status', 202, empty],
  ['with an undeclared media type', 200, empty, 'text/html'],
  ['that is not JSON', 200, undefined, 'application/json'],
  ['with a required member missing', 200, { data: [] }],
  ['with a member of the wrong type', 200, { data: [], next: 7 }],
  [
    'with a value that is none of the declared ones',
    200,
    {
      data: [
        {
          accountId: acc,
          type: 'XXXX',
          creditDebitIndicator: 'Credit',
          amount: { amount: '1.00', currency: 'UZS' },
          dateTime: day,
        },
      ],
      next: null,
    },
  ],
  ['that holds a card number', 200, { data: [], next: 'card 4111 1111 1111 1111' }],
  [
    'that holds a card number in other digits',
    200,
    { data: [], next: '４１１１１１１１１１１１１１１１' },
  ],
] as const)
  test(`G53: an answer ${what} is withheld, and says nothing of itself`, async () => {
    cell.setPlay((_, response) => answerJson(response, status, body, type))
    const answered = await ask({ path: balances, headers: present }, withAccounts())
    refused(answered, 502, 'gateway/answer-withheld')
    assert.ok(!answered.text.includes('4111'))
  })

test('a refusal of the bank passes in our shape; its own members and its platform’s codes do not', async () => {
  const problem = (code: string, status: number) => ({
    code,
    status,
    title: 'T',
    detail: 'D',
    type: 'x',
    secret: 'CANARY',
    stack: 'CANARY',
  })
  for (const [sent, status, code, expected] of [
    [400, 400, 'accounts/filter-refused', 'accounts/filter-refused'],
    [400, 400, 'bank/cursor-invalid', 'bank/cursor-invalid'],
    [404, 404, 'gateway/not-found', 'gateway/not-found'],
    [404, 502, 'platform/not-found', 'gateway/upstream-failed'],
    [401, 502, 'bank/caller-unproven', 'gateway/upstream-failed'],
    [401, 504, 'bank/caller-late', 'gateway/deadline'],
    [418, 502, 'accounts/teapot', 'gateway/upstream-failed'],
    [503, 503, 'core/closed', 'core/closed'],
    [503, 503, 'platform/peer-unavailable', 'gateway/core-protected'],
    [500, 502, 'platform/bug', 'gateway/upstream-failed'],
  ] as const) {
    cell.setPlay((_, response) =>
      answerJson(response, sent, problem(code, sent), 'application/problem+json'),
    )
    const answered = await ask({ path: balances, headers: present }, withAccounts())
    refused(answered, status, expected)
    assert.ok(!answered.text.includes('CANARY'))
  }
})

test('G57: missing, foreign and not in the consent answer the same bytes, but for the ids', async () => {
  cell.setPlay((_, response) =>
    answerJson(
      response,
      404,
      {
        code: 'gateway/not-found',
        status: 404,
        title: 'No such resource',
        detail: 'it is another partner’s',
      },
      'application/problem+json',
    ),
  )
  const missing = await ask({ path: balances, headers: present }, withAccounts())
  const outside = await ask(
    { path: balances.replace(acc, otherAcc), headers: present },
    withAccounts(),
  )
  const bare = ({ json }: Answered) => JSON.stringify({ ...json, instance: '', decisionId: '' })

  assert.equal(missing.status, 404)
  assert.equal(bare(missing), bare(outside))
  // Byte by byte: where ids are equally long, so is everything.
  const bytes = ({ text, json }: Answered) =>
    text.replace(String(json['instance']), 'i').replace(String(json['decisionId']), 'd')
  assert.equal(bytes(missing), bytes(outside))
  const names = ({ headers }: Answered) => Object.keys(headers).toSorted()
  assert.deepEqual(names(missing), names(outside))
})

test('G55: a validator covers what was released, and says nothing of what is hidden', async () => {
  const answering = (body: unknown) =>
    cell.setPlay((_, response) => {
      response.setHeader('etag', '"of-the-bank"')
      answerJson(response, 200, body)
    })
  const path = '/rates/v1/desks'
  answering({ rate: '12 650', dealer: 'Dilnoza Karimova', hidden: 'CANARY-1' })
  const first = await ask({ path })
  const etag = String(first.headers['etag'])
  assert.deepEqual(first.json, { rate: '12 650', dealer: 'D*** K***' })
  assert.equal(first.headers['cache-control'], 'no-store')

  answering({ rate: '12 650', dealer: 'Davron Komilov', hidden: 'CANARY-2' })
  const again = await ask({ path, headers: { 'if-none-match': `"x", W/${etag}` } })
  assert.deepEqual([again.status, again.text, again.headers['etag']], [304, '', etag])

  answering({ rate: '12 700', dealer: 'Davron Komilov', hidden: 'CANARY-2' })
  const changed = await ask({ path, headers: { 'if-none-match': etag } })
  assert.equal(changed.status, 200)
  assert.notEqual(changed.headers['etag'], etag)
})

for (const [what, rate] of [
  ['a token', 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'],
  ['a private key', '-----BEGIN PRIVATE KEY----- MIIE'],
  ['a card number in pieces', '4111\t1111\n1111/1111'],
] as const)
  test(`S45: an answer that quotes ${what} is withheld, and the alarm does not repeat it`, async () => {
    cell.setPlay((_, response) => answerJson(response, 200, { rate }))
    refused(await ask({ path: '/rates/v1/desks' }), 502, 'gateway/answer-withheld')
    assert.ok(!cell.printed.join('').includes(rate.slice(0, 20)))
  })

test('TH10: the bank hears only our words about the caller, whatever the caller says', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  const change = withAccounts()
  const answered = await ask(
    {
      path: balances,
      headers: {
        ...present,
        'portico-caller': 'forged',
        'x-forwarded-for': '10.0.0.1',
        forwarded: 'for=1',
        cookie: 'a=b',
        traceparent: `00-${'f'.repeat(32)}-${'f'.repeat(16)}-01`,
        'x-fapi-interaction-id': '0193f5fe-7a10-7c44-8f53-1e0b6a6f2c11',
      },
    },
    change,
  )
  const heard = cell.heard.at(-1)

  assert.equal(answered.status, 200)
  assert.equal(answered.headers['x-fapi-interaction-id'], '0193f5fe-7a10-7c44-8f53-1e0b6a6f2c11')
  assert.deepEqual(Object.keys(heard?.headers ?? {}).toSorted(), [
    'accept',
    'api-version',
    'host',
    'portico-call',
    'portico-caller',
    'traceparent',
    'x-fapi-customer-ip-address',
    'x-fapi-interaction-id',
  ])
  // The trace is ours: the caller's is linked, never gone on with.
  assert.doesNotMatch(String(heard?.headers['traceparent']), /f{32}/)
  const caller = heard?.caller
  assert.equal(caller?.partnerId, holder.partnerId)
  assert.equal(caller?.operation, 'getBalances')
  assert.equal(caller?.subject, 'sub_1')
  assert.deepEqual(
    caller?.details.map((d) => d.type),
    ['urn:bank:accounts:v1'],
  )
})

test('every call of a proven caller reaches control once, with its unit and whether it is billed, and no body', async () => {
  const other = await cell.addHolder('mtls')
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  const change = withAccounts()
  const ids = [
    await ask({ path: balances, headers: present }, change, other),
    await ask({ path: balances.replace(acc, otherAcc), headers: present }, change, other),
    await ask({ path: '/accounts/v1/accounts' }, (c) => ({ ...c, exp: 1, iat: 0 }), other),
  ].map((a) => String(a.headers['x-fapi-interaction-id']).replaceAll('-', ''))
  for (
    let tries = 0;
    tries < 1_200 && cell.usage.filter((u) => u.partnerId === other.partnerId).length < 2;
    tries++
  )
    await sleep(50)
  const records = cell.usage.filter((u) => u.partnerId === other.partnerId)

  assert.deepEqual(
    records.map((r) => [r.callId, r.operation, r.status, r.code, r.billable, r.units]),
    [
      [ids[0], 'getBalances', 200, null, true, 1],
      [ids[1], 'getBalances', 404, 'gateway/not-found', false, 1],
    ],
  )
  const seqs = cell.usage.map((u) => u.seq)
  assert.deepEqual(
    seqs,
    seqs.map((_, i) => i + 1),
    'sequence numbers have no gap',
  )
})

test('S31: no token, name, account, address or body stands in the log', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { result: 'MATCH' }))
  const account = { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001' }
  const question = {
    account,
    name: 'Dilnoza Karimova',
    purpose: 'PAYEE_CHECK',
    legalReference: 'contract 7',
  }
  const asked: Asked = { method: 'POST', path: '/accounts/v1/ownership-verifications' }
  assert.equal((await ask({ ...asked, body: JSON.stringify(question) })).status, 200)
  refused(
    await ask({ ...asked, body: JSON.stringify({ ...question, more: 'Bozor' }) }),
    400,
    'gateway/request-invalid',
  )
  // Lines of calls are written many at a time.
  while (!cell.printed.join('').includes('"operation":"verifyOwnership"')) await sleep(10)
  const log = cell.printed.join('')

  for (const secret of ['CANARY', 'eyJ', 'Dilnoza', 'Bozor', '20208000', '4111', '192.0.2.1', acc])
    assert.ok(!log.includes(secret), secret)
})
