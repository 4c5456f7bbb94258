/** What a proven caller may do, see and spend: entitlement, limits, consent, validation, release, record. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
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

const cell = await openCell()
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
    [404, 404, 'gateway/not-found', 'gateway/not-found'],
    [404, 502, 'platform/not-found', 'gateway/upstream-failed'],
    [401, 502, 'bank/caller-unproven', 'gateway/upstream-failed'],
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
  const bare = ({ json: { instance: _, decisionId: __, ...rest } }: Answered) =>
    JSON.stringify(rest)

  assert.equal(missing.status, 404)
  assert.equal(bare(missing), bare(outside))
})

test('the first missing gate is named, with who can give it', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  const denied = (code: string, gate: 'bank' | 'partner') => ({
    granted: false as const,
    code,
    detail: 'because',
    gate,
  })
  const cards = { path: '/cards/v1/cards' }
  for (const [change, status, code, gate] of [
    [{ status: 'suspended' as const }, 403, 'partners/suspended', 'bank'],
    [{ permissions: {} }, 403, 'licences/missing', 'partner'],
    [
      { permissions: { 'cards.issue': denied('licences/attestation-missing', 'partner') } },
      403,
      'licences/attestation-missing',
      'partner',
    ],
    [
      { permissions: { 'cards.issue': denied('contracts/inactive', 'bank') } },
      403,
      'contracts/inactive',
      'bank',
    ],
    [
      { permissions: { 'cards.issue': denied('a/new-code', 'bank') } },
      403,
      'licences/missing',
      'bank',
    ],
    [
      {
        permissions: {
          'cards.issue': { granted: true as const, until: '2020-01-01T00:00:00Z', limit: null },
        },
      },
      403,
      'licences/expired',
      'partner',
    ],
  ] as const) {
    const other = await cell.addHolder('mtls', change)
    await cell.publishAndWait()
    const answered = await ask(cards, undefined, other)
    refused(answered, status, code)
    assert.equal(answered.json['gate'], gate)
  }
  const without = await ask(cards, (c) => ({ ...c, scope: 'accounts' }))
  refused(without, 403, 'gateway/scope-missing')
  assert.match(String(without.headers['www-authenticate']), /insufficient_scope.*cards:read/)
})

test('O43: an operation that needs a consent is never served without one that covers it', async () => {
  const read: Asked = { path: balances, headers: present }
  refused(await ask(read), 403, 'consents/missing')
  refused(
    await ask(read, withConsent(consentId(), { type: 'urn:bank:payment:v1' })),
    403,
    'consents/exceeded',
  )
  refused(
    await ask(read, withAccounts({ permissions: ['ReadAccountsBasic'] })),
    403,
    'consents/exceeded',
  )
  refused(
    await ask(read, withAccounts({ expirationDateTime: '2020-01-01T00:00:00Z' })),
    403,
    'consents/expired',
  )
  refused(
    await ask(read, withAccounts({ expirationDateTime: 'whenever' })),
    403,
    'consents/expired',
  )
  refused(await ask(read, withAccounts({ accounts: [otherAcc] })), 404, 'gateway/not-found')
  assert.equal(
    (await ask(read, withAccounts({ expirationDateTime: '2100-01-01T00:00:00Z' }))).status,
    200,
  )
})

test('RTS Art. 36(5)(b): the fifth unattended access in a day is refused, the customer’s own is not', async () => {
  const change = withAccounts()
  for (let i = 0; i < 4; i++) assert.equal((await ask({ path: balances }, change)).status, 200)
  const fifth = await ask({ path: balances }, change)
  refused(fifth, 429, 'consents/frequency-exceeded')
  assert.ok(Number(fifth.headers['retry-after']) > 86_000)

  assert.equal((await ask({ path: balances, headers: present }, change)).status, 200)
  refused(
    await ask({ path: balances, headers: { 'x-fapi-customer-ip-address': '1.2.3' } }, change),
    429,
    'consents/frequency-exceeded',
  )
  assert.equal((await ask({ path: '/accounts/v1/accounts' }, change)).status, 200)
})

test('a budget of its own ends harvesting, and says when to come back', async () => {
  const body = JSON.stringify({
    account: { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001' },
    name: 'Dilnoza Karimova',
    purpose: 'PAYEE_CHECK',
    legalReference: 'contract 7',
  })
  const question: Asked = { method: 'POST', path: '/accounts/v1/ownership-verifications', body }
  const other = await cell.addHolder('mtls')
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { result: 'NO_MATCH' }))
  refused(await ask({ ...question, body: '{}' }, undefined, other), 400, 'gateway/request-invalid')
  const answers = []
  for (let i = 0; i < 4; i++) answers.push(await ask(question, undefined, other))

  assert.deepEqual(
    answers.map((a) => a.status),
    [200, 200, 200, 429],
    'the refused one was not charged',
  )
  assert.match(String(answers[0]?.headers['ratelimit']), /"ownership-verifications";r=2;t=10/)
  assert.match(
    String(answers[0]?.headers['ratelimit-policy']),
    /"ownership-verifications";q=3;w=30/,
  )
  assert.ok(Number(answers[3]?.headers['retry-after']) >= 8)
  assert.equal(answers[3]?.json['retryable'], true)
})

test('more calls at once than the contract allows are refused, and the others are not disturbed', async () => {
  const other = await cell.addHolder('mtls')
  const { limits } = other.partner
  cell.holders.splice(cell.holders.indexOf(other), 1, {
    ...other,
    partner: { ...other.partner, limits: { ...limits, concurrency: 2 } },
  })
  await cell.publishAndWait()
  cell.setPlay(async (_, response) => {
    await sleep(300)
    answerJson(response, 200, empty)
  })
  const statuses = (
    await Promise.all([1, 2, 3, 4].map(() => ask({ path: '/cards/v1/cards' }, undefined, other)))
  ).map((a) => a.status)
  assert.deepEqual(statuses.toSorted(), [200, 200, 429, 429])
  assert.equal((await ask({ path: '/cards/v1/cards' }, undefined, other)).status, 200)
})

test('a version that the product does not have is refused; the pinned one is echoed', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, empty))
  refused(
    await ask({ path: '/cards/v1/cards', headers: { 'api-version': '2020-01-01' } }),
    400,
    'gateway/version-unknown',
  )
  assert.equal((await ask({ path: '/cards/v1/cards' })).headers['api-version'], day)
})

const payment = {
  instructedAmount: { amount: '1000000.00', currency: 'UZS' },
  creditorAccount: {
    schemeName: 'UZ.AccountNumber',
    identification: '20208000700000007001',
    bankCode: '09998',
  },
  creditorName: 'Bozor Market',
}
const pay = (body: string): Asked => ({
  method: 'POST',
  path: '/payments/v1/payments',
  body,
  headers: { 'idempotency-key': crypto.randomUUID() },
})
const withPayment = () =>
  withConsent(consentId(), { type: 'urn:bank:payment:v1', ...payment, accounts: [acc] })

test('PSD2 RTS Art. 5: a payment that is not the one that was approved never reaches the bank', async () => {
  const before = cell.heard.length
  for (const [pointer, other] of [
    ['/instructedAmount', { instructedAmount: { amount: '1000000.01', currency: 'UZS' } }],
    [
      '/creditorAccount',
      { creditorAccount: { ...payment.creditorAccount, identification: '20208000700000007002' } },
    ],
    ['/creditorName', { creditorName: 'Bozor Market 2' }],
  ] as const) {
    const answered = await ask(pay(JSON.stringify({ ...payment, ...other })), withPayment())
    refused(answered, 400, 'payments/differs-from-consent')
    assert.deepEqual(answered.json['errors'], [
      { pointer, code: 'differs', detail: 'is not what the customer approved' },
    ])
  }
  assert.equal(cell.heard.length, before)
})

test('G13: bodies with two readings, foreign types or undeclared members never reach the bank', async () => {
  const before = cell.heard.length
  const text = JSON.stringify(payment)
  const deep = `${'['.repeat(40)}${']'.repeat(40)}`
  for (const body of [
    text.replace('{', '{"creditorName":"Other",'),
    text.replace('"creditorName"', '"creditor\\u004eame":"Other","creditorName"'),
    text.replace('{', '{"__proto__":{},'),
    text.replace('{', '{"x":1,'),
    text.replace('{', `{"x":${deep},`),
    text.replace('"1000000.00"', '1000000.00'),
    text.replace('"1000000.00"', '9007199254740993'),
    text.slice(0, -1),
    `${text} {}`,
    `\uFEFF${text}`,
    text.replace('Bozor Market', '4111 1111 1111 1111'),
  ])
    refused(
      await ask(pay(body), withPayment()),
      400,
      body.includes('4111') ? 'gateway/card-number-refused' : 'gateway/request-invalid',
    )
  refused(
    await ask(
      {
        ...pay(text),
        headers: { 'content-type': 'text/json', 'idempotency-key': crypto.randomUUID() },
      },
      withPayment(),
    ),
    415,
    'gateway/media-type-unsupported',
  )
  refused(
    await ask(
      {
        ...pay(text),
        headers: {
          'content-type': 'application/json; charset=utf-16',
          'idempotency-key': crypto.randomUUID(),
        },
      },
      withPayment(),
    ),
    415,
    'gateway/media-type-unsupported',
  )
  assert.equal(cell.heard.length, before)
})

test('unknown, repeated and misshapen parameters are named with their places', async () => {
  const answered = await ask(
    {
      path: `/accounts/v1/accounts/${acc}/transactions?limit=ten&limit=2&sort=asc&fromBookingDateTime=yesterday`,
      headers: present,
    },
    withAccounts(),
  )
  refused(answered, 400, 'gateway/request-invalid')
  const pointers = (answered.json['errors'] as { pointer: string }[]).map((e) => e.pointer)
  assert.deepEqual(
    new Set(pointers),
    new Set(['/query/limit', '/query/sort', '/query/fromBookingDateTime']),
  )
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
        'client-cert': 'x',
        cookie: 'a=b',
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
    'connection',
    'host',
    'portico-caller',
    'x-fapi-customer-ip-address',
    'x-fapi-interaction-id',
  ])
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
    tries < 100 && cell.usage.filter((u) => u.partnerId === other.partnerId).length < 2;
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

test('S31: no token, name, account or body stands in the log', () => {
  const log = cell.printed.join('')
  for (const secret of ['CANARY', 'eyJ', 'Dilnoza', 'Bozor', '20208000', '4111', '192.0.2.1', acc])
    assert.ok(!log.includes(secret), secret)
  assert.ok(log.includes('"operation":"getBalances"'))
})
