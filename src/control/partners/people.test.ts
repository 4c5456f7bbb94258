import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readEntries, seal } from '#journal/index.ts'
import { openTestOffices } from '#test/offices.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const offices = await openTestOffices({ portal: [portalRoutes], console: [consoleRoutes] })
const Id = z.object({ id: z.string() })

const newcomer = (roles: string[]) => ({
  name: 'Second Person',
  email: `second-${crypto.randomUUID()}@partner.example`,
  password: 'another long phrase',
  roles,
})
const signedIn = async ({ email, password }: { email: string; password: string }) => {
  const visit = offices.visitor('portal')
  assert.equal((await visit('POST', '/api/sessions', { email, password })).status, 201)
  return visit
}
const registration = (person: object) => ({
  organisation: 'Anor Telecom',
  country: 'UZ',
  declaredStatuses: ['aisp'],
  person,
})

test('an organisation registers by itself and is signed in', async () => {
  const { visit, id, email } = await offices.partner()

  const me = await visit('GET', '/api/me')

  assert.equal(me.status, 200)
  const { person, partner } = z
    .object({
      person: z.object({ email: z.string(), roles: z.array(z.string()) }),
      partner: z.object({ id: z.string(), status: z.string(), registeredAt: z.string() }),
    })
    .parse(me.body)
  assert.deepEqual([person.email, partner.id, partner.status], [email, id, 'active'])
  assert.ok(!JSON.stringify(me.body).includes('argon2'))
})

test('wrong fields of a registration are named one by one', async () => {
  const visit = offices.visitor('portal')
  const pointersOf = async (body: object) => {
    const answer = await visit('POST', '/api/registrations', body)
    assert.equal(answer.status, 400)
    return z
      .array(z.object({ pointer: z.string() }))
      .parse(answer.body['errors'])
      .map((e) => e.pointer)
  }
  const person = { name: 'A Person', email: 'a@b.example', password: 'quite long enough' }
  assert.deepEqual(await pointersOf(registration({ ...person, password: 'short' })), [
    '/person/password',
  ])
  assert.deepEqual(await pointersOf(registration({ ...person, email: 'nobody' })), [
    '/person/email',
  ])
  assert.deepEqual(await pointersOf({ ...registration(person), country: 'Uzbekistan' }), [
    '/country',
  ])
  assert.deepEqual(
    await pointersOf({ ...registration(person), declaredStatuses: ['aisp', 'king'] }),
    ['/declaredStatuses/1'],
  )
  assert.deepEqual(await pointersOf({ ...registration(person), status: 'active' }), [''])
})

test('an address belongs to one person, however it is written', async () => {
  const { email } = await offices.partner()
  const person = { name: 'A Person', email: email.toUpperCase(), password: 'quite long enough' }

  const answer = await offices.visitor('portal')('POST', '/api/registrations', registration(person))

  assert.deepEqual([answer.status, answer.body['code']], [409, 'partners/email-taken'])
})

test('people do what their roles allow, and no more', async () => {
  const owner = await offices.partner()
  const [developer, finance, auditor] = await Promise.all(
    ['developer', 'finance', 'auditor'].map(async (role) => {
      const ask = newcomer([role])
      assert.equal((await owner.visit('POST', '/api/people', ask)).status, 201)
      return signedIn(ask)
    }),
  )
  assert.ok(developer && finance && auditor)

  for (const visit of [finance, auditor]) {
    assert.equal((await visit('GET', '/api/applications')).status, 200)
    const answer = await visit('POST', '/api/applications', {})
    assert.deepEqual([answer.status, answer.body['code']], [403, 'partners/role-missing'])
  }
  assert.equal((await developer('POST', '/api/applications', {})).status, 400)
  assert.equal((await developer('POST', '/api/people', newcomer(['owner']))).status, 403)
})

test('an admin brings people in, but makes nobody owner or signatory', async () => {
  const owner = await offices.partner()
  const ask = newcomer(['admin'])
  await owner.visit('POST', '/api/people', ask)
  const admin = await signedIn(ask)

  assert.equal((await admin('POST', '/api/people', newcomer(['developer']))).status, 201)
  for (const role of ['owner', 'signatory'])
    assert.equal(
      (await admin('POST', '/api/people', newcomer(['developer', role]))).status,
      403,
      role,
    )
})

test('who leaves is out at once, and who gets other roles signs in again', async () => {
  const owner = await offices.partner()
  const ask = newcomer(['developer'])
  const { id } = Id.parse((await owner.visit('POST', '/api/people', ask)).body)
  const visit = await signedIn(ask)

  assert.equal(
    (await owner.visit('PUT', `/api/people/${id}/roles`, { roles: ['finance'] })).status,
    200,
  )
  assert.equal((await visit('GET', '/api/me')).status, 401)

  const again = await signedIn(ask)
  assert.equal((await owner.visit('POST', `/api/people/${id}/departure`)).status, 200)
  assert.equal((await again('GET', '/api/me')).status, 401)
  const refused = await offices.visitor('portal')('POST', '/api/sessions', {
    email: ask.email,
    password: ask.password,
  })
  assert.equal(refused.status, 401)
})

test('the last owner stays', async () => {
  const owner = await offices.partner()
  const { id } = z.object({ person: Id }).parse((await owner.visit('GET', '/api/me')).body).person

  for (const answer of [
    await owner.visit('POST', `/api/people/${id}/departure`),
    await owner.visit('PUT', `/api/people/${id}/roles`, { roles: ['admin'] }),
  ])
    assert.deepEqual([answer.status, answer.body['code']], [409, 'partners/last-owner'])
})

test('a person of another organisation cannot be changed', async () => {
  const [owner, other] = await Promise.all([offices.partner(), offices.partner()])
  const { id } = Id.parse((await other.visit('POST', '/api/people', newcomer(['developer']))).body)

  assert.equal((await owner.visit('POST', `/api/people/${id}/departure`)).status, 404)
  assert.equal(
    (await owner.visit('PUT', `/api/people/${id}/roles`, { roles: ['owner'] })).status,
    404,
  )
})

test('a new password needs the old one, and ends every other session', async () => {
  const owner = await offices.partner()
  const elsewhere = await signedIn(owner)
  const next = 'a completely new phrase'

  const wrong = await owner.visit('POST', '/api/me/password', { current: 'not the old one', next })
  assert.equal(wrong.status, 401)
  assert.equal((await elsewhere('GET', '/api/me')).status, 200)

  assert.equal(
    (await owner.visit('POST', '/api/me/password', { current: owner.password, next })).status,
    204,
  )
  assert.equal((await elsewhere('GET', '/api/me')).status, 401)
  assert.equal((await owner.visit('GET', '/api/me')).status, 200)
  await signedIn({ email: owner.email, password: next })
})

test('no name and no address of a person stands in the journal', async () => {
  const owner = await offices.partner()
  const ask = newcomer(['developer'])
  await owner.visit('POST', '/api/people', ask)
  await signedIn(ask)
  await seal(offices.db)

  const text = JSON.stringify((await readEntries(offices.db, 0n, 10_000)).map((e) => e.body))

  assert.ok(text.includes('partners.person-added') && text.includes('partners.signed-in'))
  for (const personal of [
    '@partner.example',
    'Second Person',
    'First Person',
    'Anor Telecom',
    'namuna.example',
  ])
    assert.ok(!text.includes(personal), personal)
})
