import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { uuidv7 } from '#kernel/id.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { askConsent, authoriseConsent, consentsDesk, consentsDeskContract } from './index.ts'

const database = await freshDatabase('cell')
const db = database.as('authorization')
const type = 'urn:bank:accounts:v1' as const

/** An application that the registry serves, at a moment of the test's choosing. */
const deskAt = (now: Temporal.Instant, served = true) =>
  consentsDesk({
    postgres: db,
    clients: { find: () => (served ? { authorizationDetailsTypes: [type] } : undefined) },
    now: () => now,
  })

const partnerId = `partner_${uuidv7()}`
const ask = (applicationId: string, subject = 'sub_of_dilnoza') =>
  doing(db)((w) =>
    askConsent(
      w,
      {
        partnerId,
        partnerName: 'Anor Telecom',
        applicationId,
        applicationName: 'Anor application',
        customerId: 'customer_of_the_bank',
        subject,
        detail: { type, permissions: ['ReadAccountsBasic', 'ReadBalances'] },
        scopes: ['accounts'],
        matrix: '2026-11-22',
      },
      createHash('sha256').update(randomUUID()).digest(),
    ),
  )
const give = (id: string) =>
  doing(db)((w) =>
    authoriseConsent(w, id, {
      customerId: 'customer_of_the_bank',
      accounts: ['acc_1'],
      authenticatedAt: noon,
    }),
  )
const staffId = `staff_${uuidv7()}`
const application = () => `application_${uuidv7()}`

test('consents of the applications that are asked for, newest first, page by page, and of no other', async () => {
  const [mine, also, other] = [application(), application(), application()]
  const first = await ask(mine)
  await ask(other)
  const second = await ask(also)
  const third = await ask(mine)

  const desk = deskAt(noon)
  const page = await desk.list({ applicationIds: [mine, also], limit: 2 })
  assert.deepEqual(
    page.data.map(({ consentId }) => consentId),
    [third.id, second.id],
  )
  const rest = await desk.list({
    applicationIds: [mine, also],
    before: page.next ?? '',
    limit: 2,
  })
  assert.deepEqual(
    rest.data.map(({ consentId }) => consentId),
    [first.id],
  )
  assert.equal(rest.next, null)
})

test('a list says what a consent opens and how many accounts, and nothing of the person', async () => {
  const mine = application()
  await give((await ask(mine)).id)

  const { data } = await deskAt(noon).list({ applicationIds: [mine], limit: 10 })
  assert.deepEqual(data[0]?.permissions, ['ReadAccountsBasic', 'ReadBalances'])
  assert.equal(data[0]?.accounts, 1)
  const told = JSON.stringify(consentsDeskContract.list.output.encode({ data, next: null }))
  for (const secret of ['customer_of_the_bank', 'acc_1', 'sub_of_dilnoza'])
    assert.ok(!told.includes(secret), secret)
})

test('what nobody answered in a day, and what passed its end, is among the ended ones', async () => {
  const mine = application()
  const waiting = await ask(mine)
  const live = await give((await ask(mine)).id)
  const idsAt = async (now: Temporal.Instant, state: 'waiting' | 'live' | 'ended') =>
    (await deskAt(now).list({ applicationIds: [mine], state, limit: 10 })).data.map(
      ({ consentId }) => consentId,
    )

  assert.deepEqual(await idsAt(noon, 'waiting'), [waiting.id])
  assert.deepEqual(await idsAt(noon, 'live'), [live.id])
  assert.deepEqual(await idsAt(noon, 'ended'), [])
  const dayAfter = noon.add({ hours: 25 })
  assert.deepEqual(await idsAt(dayAfter, 'ended'), [waiting.id])
  assert.deepEqual(await idsAt(live.expiresAt, 'live'), [])
  assert.deepEqual(await idsAt(live.expiresAt, 'ended'), [live.id, waiting.id])
})

test('a consent whose application is served no more is shown as held', async () => {
  const mine = application()
  await give((await ask(mine)).id)
  const { data } = await deskAt(noon, false).list({ applicationIds: [mine], limit: 1 })
  assert.equal(data[0]?.status, 'SUSPENDED')
})

test('who looks at one sees the partner’s name for the customer, and each move by kind of actor', async () => {
  const mine = application()
  const { id } = await give((await ask(mine)).id)
  const desk = deskAt(noon)
  await desk.suspend({ partnerId, consentId: id, staffId, reason: 'The customer called' })
  await desk.resume({ partnerId, consentId: id, staffId, reason: 'It was a mistake' })
  await desk.revoke({ partnerId, consentId: id, staffId, reason: 'The customer called again' })

  const one = await desk.one({ partnerId, consentId: id })
  assert.equal(one.subject, 'sub_of_dilnoza')
  assert.equal(one.status, 'REVOKED')
  assert.equal(one.endedBy, 'bank')
  assert.deepEqual(
    one.history.slice(-3).map(({ by, status }) => [by, status]),
    [
      [`staff:${staffId}`, 'SUSPENDED'],
      [`staff:${staffId}`, 'AUTHORISED'],
      [`staff:${staffId}`, 'REVOKED'],
    ],
  )
  assert.ok(!JSON.stringify(one.history).includes('customer_of_the_bank'))
  await assert.rejects(desk.resume({ partnerId, consentId: id, staffId, reason: 'too late' }), {
    code: 'consents/closed',
  })
  await assert.rejects(desk.one({ partnerId, consentId: `consent_${uuidv7()}` }), {
    code: 'consents/not-found',
  })
})

test('a consent is looked at, held, let go on and ended as this partner’s alone', async () => {
  const { id } = await give((await ask(application())).id)
  const desk = deskAt(noon)
  const elsewhere = { partnerId: `partner_${uuidv7()}`, consentId: id }
  const act = { ...elsewhere, staffId, reason: 'The wrong partner is open' }
  for (const asked of [
    () => desk.one(elsewhere),
    () => desk.suspend(act),
    () => desk.resume(act),
    () => desk.revoke(act),
  ])
    await assert.rejects(asked, { code: 'consents/not-found' })
  assert.equal((await desk.one({ partnerId, consentId: id })).status, 'AUTHORISED')
})

test('a customer is found by the name that the partner has for them', async () => {
  const mine = application()
  await ask(mine)
  const theirs = await ask(mine, 'sub_of_jasur')
  const { data } = await deskAt(noon).list({
    applicationIds: [mine],
    subject: 'sub_of_jasur',
    limit: 10,
  })
  assert.deepEqual(
    data.map(({ consentId }) => consentId),
    [theirs.id],
  )
})
