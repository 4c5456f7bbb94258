import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices } from '#test/offices.ts'
import { doing } from '#test/world.ts'
import { work } from '#journal/index.ts'
import { Problem } from '#kernel/problem.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { currentMatrix, seedMatrix } from '#control/licences/index.ts'
import {
  endVisits,
  findApplication,
  findPartner,
  findPerson,
  PartnerId,
  PersonId,
  revokeApplication,
} from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { readOperation } from '#control/reference/index.ts'
import { heldClient, makeClient } from './client.ts'
import { callOf, detailOf } from './request.ts'
import { portalRoutes } from './routes.ts'

const offices = await openTestOffices({
  portal: [partners.portalRoutes, portalRoutes],
  console: [partners.consoleRoutes],
})
const { db, context } = offices
await doing(db)((w) => seedCatalogue(w, bankDocuments()))
await doing(db)((w) => seedMatrix(w))

const nothing = { path: {}, query: {}, headers: {} }
const placesOf = (ask: () => unknown): readonly string[] => {
  try {
    ask()
  } catch (error) {
    assert.ok(error instanceof Problem)
    return (error.particulars.errors ?? []).map(({ pointer, code }) => `${pointer} ${code}`)
  }
  return []
}

const Visited = z.object({ partnerId: PartnerId })
const Me = z.object({
  person: z.object({ id: PersonId, roles: z.array(z.string()), name: z.string() }),
  partner: z.object({ id: PartnerId, organisation: z.string() }),
  visitEndsAt: z.string().nullable(),
})

/** A stranger with a browser of their own, who keeps both cookies. */
const stranger = async () => {
  const visit = offices.visitor('portal')
  const begun = await visit('POST', '/api/visits')
  assert.equal(begun.status, 201, JSON.stringify(begun.body))
  const cookies = [begun.headers['set-cookie']].flat().map((line) => String(line).split(';')[0])
  const session = cookies.find((pair) => pair?.startsWith('portico_portal='))
  const kept = cookies.find((pair) => pair?.startsWith('portico_visit='))
  assert.ok(session && kept)
  const { partnerId } = Visited.parse(begun.body)
  const as = (method: 'GET' | 'POST', path: string, body?: object, cookie = session) =>
    visit(method, path, body, { cookie })
  return { partnerId, kept, as, me: async () => Me.parse((await as('GET', '/api/me')).body) }
}

test('a value that would lead elsewhere stays a value: no path, no host, no header of ours', async () => {
  const model = await readOperation(db, 'accounts', 'getBalances')
  const ask = (over: Partial<typeof nothing>) => () => callOf(model, { ...nothing, ...over }, 'key')

  const call = callOf(model, { ...nothing, path: { accountId: '../../x?y#z' } }, 'key')

  assert.equal(call.path, '/accounts/v1/accounts/..%2F..%2Fx%3Fy%23z/balances')
  assert.deepEqual(placesOf(ask({ path: { accountId: '..' } })), ['/path/accountId required'])
  assert.deepEqual(placesOf(ask({ path: { accountId: 'a' }, headers: { Authorization: 'x' } })), [
    '/headers/Authorization unknown',
  ])
  assert.deepEqual(placesOf(ask({ path: { accountId: 'a' }, query: { url: 'x' } })), [
    '/query/url unknown',
  ])
})

test('a scenario that the operation does not play is refused before anything is sent', async () => {
  const model = await readOperation(db, 'accounts', 'getBalances')
  const filled = { ...nothing, path: { accountId: 'a' } }

  assert.deepEqual(
    placesOf(() => callOf(model, { ...filled, scenario: 'insufficient_funds' }, 'key')),
    ['/scenario unknown'],
  )
  const played = callOf(model, { ...filled, scenario: 'latency;delay=100' }, 'key')
  assert.equal(played.headers['sandbox-scenario'], 'latency;delay=100')
})

test('the customer is asked for what the call repeats, and for every permission of the type', () => {
  const type = {
    type: 'urn:bank:payment:v1',
    scopes: ['payments'],
    schema: {
      properties: { type: {}, consentId: {}, instructedAmount: {}, creditorName: {} },
      required: ['type', 'instructedAmount'],
    },
  }
  const body = JSON.stringify({
    instructedAmount: { amount: '1.00', currency: 'UZS' },
    consentId: 'consent_of_another',
    remittance: 'stays with the call',
  })
  assert.deepEqual(detailOf(type, body), {
    type: 'urn:bank:payment:v1',
    instructedAmount: { amount: '1.00', currency: 'UZS' },
  })
  const listed = {
    ...type,
    schema: { properties: { permissions: { items: { enum: ['A', 'B'] } } }, required: [] },
  }
  assert.deepEqual(detailOf(listed, undefined), {
    type: 'urn:bank:payment:v1',
    permissions: ['A', 'B'],
  })
})

test('an organisation has one application to try with; its key opens with the sealing key alone', async () => {
  const { partnerId } = await stranger()
  const keeping = {
    authorities: context.authorities,
    offeredProducts: await context.offeredProducts(),
    sealingKey: context.factorKey,
  }
  const make = () =>
    work(db, 'system', context.world.now(), (w) => makeClient(w, partnerId, keeping))

  const made = await Promise.all([make(), make()])

  assert.equal(made[0].id, made[1].id)
  const application = await findApplication(db, made[0].id)
  assert.equal(application?.cell, 'sandbox')
  assert.equal(application?.senderConstraint, 'dpop')
  assert.ok(!JSON.stringify(application).includes(String(made[0].key['d'])))
  await assert.rejects(heldClient(db, partnerId, { ...keeping, sealingKey: randomBytes(32) }))

  await doing(db)((w) => revokeApplication(w, { applicationId: made[0].id }))
  assert.equal(await heldClient(db, partnerId, keeping), undefined)
  assert.notEqual((await make()).id, made[0].id, 'one that was stopped is replaced')
})

test('a stranger is a developer of an organisation without a name, and may not bring people in', async () => {
  const { as, me } = await stranger()

  const { person, visitEndsAt } = await me()

  assert.deepEqual(person.roles, ['developer'])
  assert.ok(visitEndsAt)
  const invited = await as('POST', '/api/invitations', {
    email: 'a@b.example',
    roles: ['developer'],
  })
  assert.equal(invited.status, 403)
  const { statuses, rules } = await currentMatrix(db)
  const { partner } = await me()
  const declared = (await findPartner(db, partner.id))?.declaredStatuses ?? []
  assert.equal(declared.length, statuses.length - rules.exclusive.length)
})

test('a stranger comes back with what their browser keeps, and gets the same sandbox', async () => {
  const { as, kept, partnerId } = await stranger()

  const again = await as('POST', '/api/visits', {}, kept)

  assert.equal(Visited.parse(again.body).partnerId, partnerId)
  const forged = await as('POST', '/api/visits', {}, `portico_visit=${'A'.repeat(43)}`)
  assert.notEqual(Visited.parse(forged.body).partnerId, partnerId)
})

test('whoever registers keeps what they tried; the session of the stranger is over', async () => {
  const { as, partnerId, me } = await stranger()
  const before = await me()
  const registration = {
    organisation: 'Anor Telecom',
    country: 'UZ',
    declaredStatuses: ['aisp'],
    person: {
      name: 'Rustam Qodirov',
      email: `${crypto.randomUUID()}@anor.example`,
      password: 'a calm pass phrase',
    },
  }

  const registered = await as('POST', '/api/registrations', registration)

  assert.equal(registered.status, 201, JSON.stringify(registered.body))
  const { partner, person } = Me.partial().parse(registered.body)
  assert.equal(partner?.id, partnerId)
  assert.equal(person?.id, before.person.id)
  assert.ok(person?.roles.includes('owner'))
  assert.equal((await findPartner(db, partnerId))?.organisation, 'Anor Telecom')
  assert.equal((await as('GET', '/api/me')).status, 401)
  const signIn = await offices.visitor('portal')('POST', '/api/sessions', registration.person)
  assert.notEqual(signIn.status, 401)
})

test('a day that nobody claimed is over with its applications, and cannot be claimed any more', async () => {
  const { as, partnerId, me, kept } = await stranger()
  const { person } = await me()
  const client = await work(db, 'system', context.world.now(), async (w) =>
    makeClient(w, partnerId, {
      authorities: context.authorities,
      offeredProducts: await context.offeredProducts(),
      sealingKey: context.factorKey,
    }),
  )

  offices.pass({ hours: 25 })
  await work(db, 'system', context.world.now(), endVisits)

  assert.equal((await findApplication(db, client.id))?.status, 'revoked')
  assert.equal((await findPerson(db, person.id))?.status, 'left')
  assert.equal((await as('GET', '/api/me')).status, 401)
  const again = await as('POST', '/api/visits', {}, kept)
  assert.notEqual(Visited.parse(again.body).partnerId, partnerId)
})
