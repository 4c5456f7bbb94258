import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as partners from '#control/partners/routes.ts'
import { listStaff, openStaffSession } from '#control/staff/index.ts'
import { readEntries } from '#journal/index.ts'
import { openGivenConsents } from '#test/given-consents.ts'
import { openTestOffices, type TestPartner } from '#test/offices.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { doing, noon } from '#test/world.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const consents = await openGivenConsents()
const offices = await openTestOffices({
  portal: [partners.portalRoutes, portalRoutes(consents.servers)],
  console: [consoleRoutes(consents.servers)],
})
const purpose = {
  'x-portico-purpose': 'support',
  'x-portico-purpose-said': encodeURIComponent('The customer rang about ticket 4711'),
}
const reason = { reason: 'The customer rang' }
const acts = ['suspension', 'resumption', 'revocation'] as const

const applicationOf = async ({ visit }: TestPartner): Promise<string> => {
  const { status, body } = await visit('POST', '/api/applications', {
    cell: 'sandbox',
    name: 'Wallet',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
    redirectUris: ['https://wallet.example/back'],
    grantTypes: ['authorization_code'],
    products: ['accounts'],
  })
  assert.ok(status < 300, JSON.stringify(body))
  return (body['application'] as { id: string }).id
}
const given = async () => {
  const partner = await offices.partner()
  const applicationId = await applicationOf(partner)
  return { partner, applicationId, id: await consents.giveTo(partner, applicationId) }
}
const anor = await given()
const nok = await given()
const at = (consent: string, partner: string, act = '') =>
  `/api/consents/sandbox/${consent}${act}?partner=${partner}`
const idsOf = (body: Record<string, unknown>) =>
  (body['data'] as { consentId: string }[]).map(({ consentId }) => consentId)
const readings = async (subject: string) =>
  (await readEntries(offices.db, 0n, 5_000)).filter(
    (line) => line.event === 'staff.personal-data-read' && line.subject === subject,
  ).length

test('a partner lists what was given to it, and another’s not even by its application or its customer', async () => {
  for (const [mine, theirs] of [
    [anor, nok],
    [nok, anor],
  ] as const) {
    const { visit } = mine.partner
    assert.deepEqual(idsOf((await visit('GET', '/api/consents/sandbox')).body), [mine.id])
    for (const narrowed of [
      `application=${theirs.applicationId}`,
      `before=${theirs.id}&application=${theirs.applicationId}`,
      `partner=${theirs.partner.id}&application=${theirs.applicationId}`,
    ]) {
      const { body } = await visit('GET', `/api/consents/sandbox?${narrowed}`)
      assert.ok(!idsOf(body).includes(theirs.id), narrowed)
    }
    assert.deepEqual(idsOf((await visit('GET', '/api/consents/production')).body), [])
    assert.equal((await visit('GET', at(mine.id, mine.partner.id))).status, 404)
  }
})

test('consents of production are told to nobody who has no second factor', async () => {
  const { visit } = await offices.newcomer()
  assert.equal((await visit('GET', '/api/consents/sandbox')).status, 200)
  const refused = await visit('GET', '/api/consents/production')
  assert.deepEqual([refused.status, refused.body['code']], [403, 'sign-in/email-unproven'])
})

test('a consent is read at its own partner’s address alone', async () => {
  const success = await offices.staff('success')
  const read = await success('GET', at(anor.id, anor.partner.id), undefined, purpose)
  assert.equal(read.body['subject'], `sub_${anor.partner.id}`)

  const elsewhere = await success('GET', at(anor.id, nok.partner.id), undefined, purpose)
  assert.deepEqual([elsewhere.status, elsewhere.body['code']], [404, 'consents/not-found'])
  assert.ok(!JSON.stringify(elsewhere.body).includes('sub_'))
  const nowhere = await success('GET', `/api/consents/sandbox/${anor.id}`, undefined, purpose)
  assert.equal(nowhere.status, 400)
})

test('nothing is done to a consent under the address of another partner', async () => {
  const success = await offices.staff('success')
  for (const act of acts) {
    const refused = await success('POST', at(anor.id, nok.partner.id, `/${act}`), reason)
    assert.deepEqual([act, refused.status, refused.body['code']], [act, 404, 'consents/not-found'])
    assert.equal(
      (await success('POST', `/api/consents/sandbox/${anor.id}/${act}`, reason)).status,
      400,
    )
  }
  const after = await success('GET', at(anor.id, anor.partner.id), undefined, purpose)
  assert.equal(after.body['status'], 'AUTHORISED')
})

test('one consent is shown for a purpose that is said, and each reading is a line; a list shows no customer', async () => {
  const compliance = await offices.staff('compliance')
  const before = await readings(nok.id)
  for (const headers of [{}, { ...purpose, 'x-portico-purpose': 'curiosity' }]) {
    const refused = await compliance('GET', at(nok.id, nok.partner.id), undefined, headers)
    assert.deepEqual([refused.status, refused.body['code']], [403, 'staff/purpose-asked'])
  }
  assert.equal(await readings(nok.id), before)
  const shown = await compliance('GET', at(nok.id, nok.partner.id), undefined, purpose)
  assert.equal(shown.status, 200)
  assert.equal(await readings(nok.id), before + 1)

  const list = await compliance('GET', `/api/consents/sandbox?partner=${nok.partner.id}`)
  assert.deepEqual(idsOf(list.body), [nok.id])
  assert.ok(!JSON.stringify(list.body).includes('sub_'))
})

test('who does not look after customers holds and ends no consent', async () => {
  const { partner, applicationId } = anor
  const id = await consents.giveTo(partner, applicationId)
  for (const login of ['product', 'engineering', 'relations', 'finance', 'auditor'])
    for (const act of acts) {
      const refused = await (
        await offices.staff(login)
      )('POST', at(id, partner.id, `/${act}`), reason)
      assert.deepEqual(
        [login, refused.status, refused.body['code']],
        [login, 403, 'staff/role-missing'],
      )
    }
  for (const [act, login, status] of [
    ['suspension', 'success', 'SUSPENDED'],
    ['resumption', 'head', 'AUTHORISED'],
    ['revocation', 'compliance', 'REVOKED'],
  ] as const) {
    const done = await (await offices.staff(login))('POST', at(id, partner.id, `/${act}`), reason)
    assert.deepEqual([act, done.status, done.body['status']], [act, 200, status])
  }
})

test('to hold or to end waits for no fresh second factor, to let go on asks for one', async () => {
  const { partner, applicationId } = anor
  const id = await consents.giveTo(partner, applicationId)
  const success = (await listStaff(offices.db)).find(({ email }) => email.startsWith('success@'))
  assert.ok(success)
  const factorAt = noon.subtract({ minutes: 6 })
  const secret = await doing(offices.db)((w) => openStaffSession(w, success.id, { factorAt }))
  const answers: unknown[] = []
  for (const act of acts) {
    const { statusCode, body } = await offices.console.inject({
      method: 'POST',
      url: at(id, partner.id, `/${act}`),
      headers: {
        host: `localhost:${offices.context.world.ports.console}`,
        'x-portico-csrf': '1',
        cookie: `portico_console=${secret}`,
      },
      payload: reason,
    })
    answers.push([act, statusCode, JSON.parse(body).code])
  }
  assert.deepEqual(answers, [
    ['suspension', 200, undefined],
    ['resumption', 403, 'sign-in/factor-stale'],
    ['revocation', 200, undefined],
  ])
})
