/** Who was let go is refused at once: both streams, on live connections, and again when they are cut. */
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect } from 'node:tls'
import { type Answered, type Asked, openCell, refused } from '#test/gateway/cell.ts'
import { acc, accountsDetail, type Holder, withConsent } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'

const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('dpop')
await cell.start()
await cell.publishAndWait()
cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))

const cards: Asked = { path: '/cards/v1/cards' }

/** Asks again and again on one live connection until a call is refused; how soon that is, `npm run bench` measures. */
const isRefused = async (ask: () => Promise<Answered>, code: string): Promise<void> => {
  const startedMs = performance.now()
  for (;;) {
    const answered = await ask()
    if (answered.status !== 200) {
      assert.equal(answered.json['code'], code)
      return
    }
    assert.ok(performance.now() - startedMs < 60_000, 'it is never refused')
  }
}

test('O55: a consent that was revoked is refused, on a live connection', async () => {
  const consentId = `consent_${'a'.repeat(32)}`
  const accessToken = await cell.token(holder, withConsent(consentId, accountsDetail()))
  const asked: Asked = {
    path: `/accounts/v1/accounts/${acc}/balances`,
    headers: { 'x-fapi-customer-ip-address': '192.0.2.1' },
  }
  assert.equal((await cell.call(holder, accessToken, asked)).status, 200)
  await cell.revokeInCell('consent', consentId)

  await isRefused(() => cell.call(holder, accessToken, asked), 'consents/revoked')
})

test('R8: tokens, keys, applications, partners and permissions are refused once they are revoked', async () => {
  const jti = crypto.randomUUID()
  for (const [revoke, code, change] of [
    [
      async () => cell.revokeInCell('token', jti),
      'gateway/token-invalid',
      (c: Record<string, unknown>) => ({ ...c, jti }),
    ],
    [async (h: Holder) => cell.revokeInCell('key', h.jkt), 'gateway/token-invalid'],
    [async (h: Holder) => cell.revokeInCell('client', h.applicationId), 'gateway/token-invalid'],
    [async (h: Holder) => cell.revoke('client', h.applicationId), 'gateway/token-invalid'],
    [async (h: Holder) => cell.revoke('partner', h.partnerId), 'partners/suspended'],
    [
      async (h: Holder) => cell.revoke('permission', `${h.partnerId} cards.issue`),
      'licences/suspended',
    ],
  ] as const) {
    const victim = await cell.addHolder('dpop')
    await cell.publishAndWait()
    const accessToken = await cell.token(victim, change)
    assert.equal((await cell.call(victim, accessToken, cards)).status, 200)
    await revoke(victim)
    await isRefused(() => cell.call(victim, accessToken, cards), code)
  }
})

test('a key of an application that was revoked takes the tokens of before with it, and none that come after', async () => {
  const victim = await cell.addHolder('dpop')
  await cell.publishAndWait()
  const before = await cell.token(victim)
  assert.equal((await cell.call(victim, before, cards)).status, 200)

  cell.revoke('key', `${victim.applicationId} some-key`)
  cell.revoke('key', victim.applicationId)

  await isRefused(() => cell.call(victim, before, cards), 'gateway/token-invalid')
  const later = Math.floor(Date.now() / 1000) + 1
  const after = await cell.token(victim, (c) => ({ ...c, iat: later }))
  assert.equal((await cell.call(victim, after, cards)).status, 200)
})

test('S10: a revoked certificate’s connections are ended, and new ones prove nothing', async () => {
  const victim = await cell.addHolder('mtls')
  await cell.publishAndWait()
  const accessToken = await cell.token(victim)
  assert.equal((await cell.callMtls(victim, accessToken, cards)).status, 200)
  const { pem, key, sha256 } = victim.certificate
  const live = connect({
    host: 'localhost',
    port: cell.world.ports.production.gatewayMtls,
    ca: cell.ca,
    cert: pem,
    key,
  })
  await new Promise((resolve) => live.once('secureConnect', resolve))
  live.on('error', () => {}).resume()
  const ended = new Promise((resolve) => live.once('close', resolve))
  // In TLS 1.3 the client is done before the server has seen its certificate.
  await sleep(100)
  cell.revoke('certificate', sha256)

  await Promise.race([ended, sleep(1_000).then(() => assert.fail('the connection lives on'))])
  refused(await cell.callMtls(victim, accessToken, cards), 401, 'gateway/sender-unproven')
})

test('a partner that was suspended and reinstated calls again as soon as a newer snapshot says so', async () => {
  const partner = await cell.addHolder('dpop')
  await cell.publishAndWait()
  const accessToken = await cell.token(partner)
  cell.revoke('partner', partner.partnerId)
  await isRefused(() => cell.call(partner, accessToken, cards), 'partners/suspended')
  // A snapshot that may have been compiled before the suspension does not lift it.
  await cell.publishAndWait()
  refused(await cell.call(partner, accessToken, cards), 403, 'partners/suspended')
  await sleep(5_000)
  await cell.publishAndWait()
  assert.equal((await cell.call(partner, accessToken, cards)).status, 200)
})

test('G49: when control is not heard for five seconds, calls of high risk are refused and others are served', async () => {
  const accessToken = await cell.token(holder)
  const verify = { method: 'POST', path: '/accounts/v1/ownership-verifications' }
  const question = {
    account: { schemeName: 'UZ.AccountNumber', identification: '20208000900000001001' },
    name: 'Dilnoza Karimova',
    purpose: 'PAYEE_CHECK',
    legalReference: 'contract 7',
  }
  const card: Asked = {
    method: 'POST',
    path: `/cards/v1/cards/card_${'0'.repeat(32)}/status`,
    body: JSON.stringify({ action: 'suspend' }),
  }
  cell.setPlay(({ caller }, response) =>
    caller.operation === 'verifyOwnership'
      ? answerJson(response, 200, { result: 'MATCH' })
      : answerJson(response, 404, {}),
  )
  await cell.closeControl()
  await sleep(5_500)
  refused(await cell.call(holder, accessToken, card), 503, 'gateway/revocations-unheard')
  assert.equal(
    (await cell.call(holder, accessToken, { ...verify, body: JSON.stringify(question) })).status,
    200,
  )

  await cell.openControl()
  await sleep(1_500)
  const served = await cell.call(holder, accessToken, card)
  assert.notEqual(served.json['code'], 'gateway/revocations-unheard')
})

test('G45: a gateway starts again from the snapshot on its disk while control is away', async () => {
  cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
  await cell.closeControl()
  await cell.stop()
  await cell.start()
  assert.equal((await cell.health()).ready, true)
  assert.equal((await cell.call(holder, await cell.token(holder), cards)).status, 200)
  // It heard nothing since it began, and that is not yet five seconds: it knows no stops for all that.
  const suspend: Asked = {
    method: 'POST',
    path: `/cards/v1/cards/card_${'0'.repeat(32)}/status`,
    body: JSON.stringify({ action: 'suspend' }),
  }
  refused(
    await cell.call(holder, await cell.token(holder), suspend),
    503,
    'gateway/revocations-unheard',
  )
  await cell.openControl()
})

test('R8: a gateway that starts refuses by its first answer what was revoked while it was not there', async () => {
  const consentId = `consent_${'b'.repeat(32)}`
  const accessToken = await cell.token(holder, withConsent(consentId, accountsDetail()))
  await cell.stop()
  await cell.revokeInCell('consent', consentId)
  cell.revoke('client', `application_${'7'.repeat(32)}`)
  await cell.start()
  const asked: Asked = {
    path: `/accounts/v1/accounts/${acc}/balances`,
    headers: { 'x-fapi-customer-ip-address': '192.0.2.1' },
  }
  refused(await cell.call(holder, accessToken, asked), 403, 'consents/revoked')
})

test('a gateway that starts while control is away refuses what it knew as revoked, from its disk', async () => {
  const victim = await cell.addHolder('dpop')
  await cell.publishAndWait()
  cell.setPlay((_, response) => answerJson(response, 200, { data: [], next: null }))
  const accessToken = await cell.token(victim)
  assert.equal((await cell.call(victim, accessToken, cards)).status, 200)
  cell.revoke('client', victim.applicationId)
  await isRefused(() => cell.call(victim, accessToken, cards), 'gateway/token-invalid')
  await cell.closeControl()
  await cell.stop()
  await cell.start()

  refused(await cell.call(victim, accessToken, cards), 401, 'gateway/token-invalid')
  assert.equal((await cell.call(holder, await cell.token(holder), cards)).status, 200)
  await cell.openControl()
})

test('a gateway that starts while control is away, and does not know since when, shows no personal data', async () => {
  await cell.closeControl()
  await cell.stop()
  rmSync(join(cell.files.snapshots, 'denials.log'))
  await cell.start()
  const accessToken = await cell.token(holder)

  refused(await cell.call(holder, accessToken, cards), 503, 'gateway/revocations-unheard')

  await cell.openControl()
  const endMs = performance.now() + 60_000
  while ((await cell.call(holder, accessToken, cards)).status !== 200)
    assert.ok(performance.now() < endMs, 'personal data stay away')
})
