import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { readEntries, seal } from '#journal/index.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const offices = await openTestOffices({ portal: [portalRoutes], console: [consoleRoutes] })
const Id = z.object({ id: z.string() })

const newcomer = (roles: string[]) => ({
  email: `second-${crypto.randomUUID()}@partner.example`,
  roles,
})
const password = 'another long phrase'
const tokenTo = (email: string) =>
  /#([\w-]{43})/.exec(offices.letters.findLast(({ to }) => to === email)?.text ?? '')?.[1]

/** Invites a person and takes the place as they would: out of the mail. */
const joins = async (by: Visitor, roles: string[]) => {
  const ask = newcomer(roles)
  assert.equal((await by('POST', '/api/invitations', ask)).status, 201)
  const visit = offices.visitor('portal')
  const token = tokenTo(ask.email)
  const answer = await visit('POST', '/api/invitations/acceptance', {
    token,
    name: 'Second Person',
    password,
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return {
    visit,
    email: ask.email,
    password,
    ...z.object({ person: Id }).parse(answer.body).person,
  }
}
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
  for (const country of ['Uzbekistan', 'ZZ', 'EU', 'uz', 'UZ\n', ''])
    assert.deepEqual(await pointersOf({ ...registration(person), country }), ['/country'], country)
  assert.deepEqual(
    await pointersOf({ ...registration(person), declaredStatuses: ['aisp', 'king'] }),
    ['/declaredStatuses/1'],
  )
  assert.deepEqual(await pointersOf({ ...registration(person), status: 'active' }), [''])
})

test('registering with an address that is somebody’s already looks the same, and never proves it', async () => {
  const known = await offices.partner()
  const [again, stranger] = await Promise.all(
    [known.email.toUpperCase(), `${crypto.randomUUID()}@partner.example`].map(async (email) => {
      const visit = offices.visitor('portal')
      const person = { name: 'A Person', email, password: 'quite long enough' }
      return { visit, answer: await visit('POST', '/api/registrations', registration(person)) }
    }),
  )
  assert.ok(again && stranger)

  assert.equal(again.answer.status, 201)
  assert.deepEqual(shape(again.answer.body), shape(stranger.answer.body))
  const letter = offices.letters.findLast(({ to }) => to === known.email)
  assert.doesNotMatch(`${letter?.subject} ${letter?.text}`, /\d{6}/)
  for (let code = 0; code < 5; code++)
    assert.equal(
      (await again.visit('POST', '/api/me/email-verification', { code: `00000${code}` })).body[
        'code'
      ],
      'sign-in/code-wrong',
    )
  const { status } = await offices.visitor('portal')('POST', '/api/sessions', known.credentials())
  assert.equal(status, 201, 'the address stays whose it is')
})

const shape = (value: unknown): unknown =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).map(([name, inner]) => [name, shape(inner)])
    : typeof value

test('who proves an address has it, and whoever else claimed it is out', async () => {
  const [first, second] = await Promise.all([offices.newcomer(), offices.newcomer()])
  const late = offices.visitor('portal')
  const person = { name: 'Squatter', email: first.email, password: 'quite long enough' }
  assert.equal((await late('POST', '/api/registrations', registration(person))).status, 201)
  const codes = offices.letters
    .filter(({ to }) => to === first.email)
    .map(({ text }) => /\d{6}/.exec(text)?.[0])

  const proven = await first.visit('POST', '/api/me/email-verification', { code: codes[0] })

  assert.equal(proven.status, 204)
  assert.equal((await late('GET', '/api/me')).status, 401)
  assert.equal((await second.visit('GET', '/api/me')).status, 200)
  await signedIn({ email: first.email, password: first.password })
})

test('people do what their roles allow, and no more', async () => {
  const owner = await offices.partner()
  const [developer, finance, auditor] = await Promise.all(
    ['developer', 'finance', 'auditor'].map(
      async (role) => (await joins(owner.visit, [role])).visit,
    ),
  )
  assert.ok(developer && finance && auditor)

  for (const visit of [finance, auditor]) {
    assert.equal((await visit('GET', '/api/applications')).status, 200)
    const answer = await visit('POST', '/api/applications', {})
    assert.deepEqual([answer.status, answer.body['code']], [403, 'partners/role-missing'])
  }
  assert.equal((await developer('POST', '/api/applications', {})).status, 400)
  assert.equal((await developer('POST', '/api/invitations', newcomer(['owner']))).status, 403)
})

test('an admin brings people in, but makes nobody owner or signatory', async () => {
  const owner = await offices.partner()
  const { visit: admin } = await joins(owner.visit, ['admin'])
  await enrols(admin)

  assert.equal((await admin('POST', '/api/invitations', newcomer(['developer']))).status, 201)
  for (const role of ['owner', 'signatory'])
    assert.equal(
      (await admin('POST', '/api/invitations', newcomer(['developer', role]))).status,
      403,
      role,
    )
})

const enrols = async (visit: Visitor) => {
  const { secret } = z
    .object({ secret: z.string() })
    .parse((await visit('POST', '/api/me/totp')).body)
  const code = offices.app(secret)()
  assert.equal((await visit('POST', '/api/me/totp/confirmation', { code })).status, 200)
}

test('an invitation works once, for seven days, and until it is withdrawn', async () => {
  const owner = await offices.partner()
  const offer = async () => {
    const ask = newcomer(['developer'])
    const { body } = await owner.visit('POST', '/api/invitations', ask)
    const { invitation } = z.object({ invitation: Id }).parse(body)
    return { id: invitation.id, token: tokenTo(ask.email) }
  }
  const take = async (token: unknown) =>
    (
      await offices.visitor('portal')('POST', '/api/invitations/acceptance', {
        token,
        name: 'Second Person',
        password,
      })
    ).status
  const [once, withdrawn, old] = [await offer(), await offer(), await offer()]

  assert.deepEqual([await take(once.token), await take(once.token)], [201, 410])
  assert.equal((await owner.visit('DELETE', `/api/invitations/${withdrawn.id}`)).status, 204)
  assert.equal(await take(withdrawn.token), 410)
  offices.pass({ hours: 24 * 7 })
  assert.equal(await take(old.token), 410)
  assert.equal(await take('A'.repeat(43)), 410)
  offices.pass({ hours: -24 * 7 })
})

test('of two who take one place at once, one has it', async () => {
  const owner = await offices.partner()
  const ask = newcomer(['developer'])
  await owner.visit('POST', '/api/invitations', ask)
  const token = tokenTo(ask.email)

  const answers = await Promise.all(
    [1, 2].map(() =>
      offices.visitor('portal')('POST', '/api/invitations/acceptance', {
        token,
        name: 'Second Person',
        password,
      }),
    ),
  )

  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [201, 410],
  )
})

test('who leaves is out at once, and who gets other roles signs in again', async () => {
  const owner = await offices.partner()
  const { visit, id, email } = await joins(owner.visit, ['developer'])

  assert.equal(
    (await owner.visit('PUT', `/api/people/${id}/roles`, { roles: ['finance'] })).status,
    200,
  )
  assert.equal((await visit('GET', '/api/me')).status, 401)

  const again = await signedIn({ email, password })
  assert.equal((await owner.visit('POST', `/api/people/${id}/departure`)).status, 200)
  assert.equal((await again('GET', '/api/me')).status, 401)
  const refused = await offices.visitor('portal')('POST', '/api/sessions', { email, password })
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
  const { id } = await joins(other.visit, ['developer'])

  assert.equal((await owner.visit('POST', `/api/people/${id}/departure`)).status, 404)
  assert.equal(
    (await owner.visit('PUT', `/api/people/${id}/roles`, { roles: ['owner'] })).status,
    404,
  )
})

test('a new password needs the old one, and ends every other session', async () => {
  const owner = await offices.newcomer()
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
  const { email } = await joins(owner.visit, ['developer'])
  await signedIn({ email, password })
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
