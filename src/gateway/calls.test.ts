/** What a proven caller may do and spend: entitlement, limits, consent, version, validation. */
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
  const lapsed = { granted: true as const, until: null, limit: null }
  const readOnly = await cell.addHolder('mtls', {
    permissions: { 'cards.issue': { ...lapsed, writesUntil: '2020-01-01T00:00:00Z' } },
  })
  await cell.publishAndWait()
  assert.equal((await ask(cards, undefined, readOnly)).status, 200)
  const written = await ask({ ...cards, method: 'POST', body: '{}' }, undefined, readOnly)
  refused(written, 403, 'licences/expired')
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
  assert.equal(fifth.json['allowed'], 4)
  assert.deepEqual(fifth.json['violated-policies'], ['unattended'])
  assert.match(String(fifth.headers['ratelimit']), /"rate";r=.*"unattended";r=0;t=86\d{3}/)
  assert.match(String(fifth.headers['ratelimit-policy']), /"unattended";q=4;w=86400/)
  assert.ok(Number(fifth.headers['retry-after']) > 86_000)

  assert.equal((await ask({ path: balances, headers: present }, change)).status, 200)
  refused(
    await ask({ path: balances, headers: { 'x-fapi-customer-ip-address': '1.2.3' } }, change),
    429,
    'consents/frequency-exceeded',
  )
  assert.equal((await ask({ path: '/accounts/v1/accounts' }, change)).status, 200)
})

test('RFC 9470: what moves money asks for two factors; a token without them is told how to get there', async () => {
  const bound = {
    type: 'urn:bank:payment:v1',
    instructedAmount: { amount: '1.00', currency: 'UZS' },
  }
  const weak: Change = (claims) => {
    const { acr: _, ...rest } = withConsent(consentId(), bound)(claims)
    return rest
  }
  const pay: Asked = { method: 'POST', path: '/payments/v1/payments', body: '{}' }
  const answered = await ask(pay, weak)
  refused(answered, 401, 'consents/authentication-insufficient')
  assert.match(
    String(answered.headers['www-authenticate']),
    /^Bearer error="insufficient_user_authentication".*acr_values="urn:bank:sca"/,
  )
  assert.notEqual((await ask(pay, withConsent(consentId(), bound))).status, 401)
  const reading: Change = (claims) => {
    const { acr: _, ...rest } = withAccounts()(claims)
    return rest
  }
  assert.equal((await ask({ path: balances, headers: present }, reading)).status, 200)
})

test('a consent may grant more unattended accesses than the law’s four, and never fewer', async () => {
  const six = withAccounts({ frequencyPerDay: 6 })
  for (let i = 0; i < 6; i++) assert.equal((await ask({ path: balances }, six)).status, 200)
  assert.equal((await ask({ path: balances }, six)).status, 429)
  const one = withAccounts({ frequencyPerDay: 1 })
  for (let i = 0; i < 4; i++) assert.equal((await ask({ path: balances }, one)).status, 200)
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
  assert.deepEqual(
    statuses.toSorted((a, b) => a - b),
    [200, 200, 429, 429],
  )
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
