import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { readEntries, seal } from '#journal/index.ts'
import { sanUri } from '#platform/certificates.ts'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import { type Answer, openTestOffices, type Visitor } from '#test/offices.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'
import { newKey } from '#test/partner-keys.ts'

const offices = await openTestOffices({
  portal: [portalRoutes],
  console: [staffRoutes, approvalRoutes, consoleRoutes],
})
const [success, compliance] = await Promise.all([
  offices.staff('success'),
  offices.staff('compliance'),
])

const Application = z.object({ id: z.string(), status: z.string(), cell: z.string() })
const Certificate = z.object({ sha256: z.string(), pem: z.string(), inForce: z.boolean() })
const Change = z.object({
  id: z.string(),
  hash: z.string(),
  status: z.string(),
  stillNeeded: z.number(),
})
const outcome = ({ body }: Answer) =>
  z
    .object({
      application: Application,
      certificate: Certificate.optional(),
      change: Change.optional(),
    })
    .parse(body)

const asking = async (more: object = {}) => ({
  cell: 'sandbox',
  name: 'Shop',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: { keys: [(await newKey()).jwk] },
  grantTypes: ['client_credentials'],
  products: ['accounts'],
  ...more,
})
const decide = (staff: Visitor, change: { id: string; hash: string }, decision = 'approve') =>
  staff('POST', `/api/approvals/${change.id}/decision`, {
    decision,
    hash: change.hash,
    reason: 'seen',
  })
const codes = (answer: Answer) => [answer.status, answer.body['code']]
const pointers = ({ body }: Answer) =>
  z
    .array(z.object({ pointer: z.string() }))
    .parse(body['errors'] ?? [])
    .map((e) => e.pointer)

const lines = async (subject: string) => {
  await seal(offices.db)
  const all = []
  for (let after = 0n; ;) {
    const page = await readEntries(offices.db, after)
    const last = page.at(-1)
    if (!last) return all.filter((line) => line.subject === subject).map((line) => line.event)
    all.push(...page)
    after = last.seq
  }
}

test('a sandbox application works at once, with a certificate that names it as we do, not as its CSR does', async () => {
  const { visit, id: partnerId } = await offices.partner()
  const { csr } = await newKey()

  const answer = await visit(
    'POST',
    '/api/applications',
    await asking({
      csr,
      authentication: 'tls_client_auth',
      senderConstraint: 'mtls',
      jwks: undefined,
    }),
  )

  assert.equal(answer.status, 201)
  const { application, certificate } = outcome(answer)
  assert.equal(application.status, 'active')
  assert.ok(certificate)
  const x509 = new X509Certificate(certificate.pem)
  assert.equal(
    x509.subjectAltName,
    `URI:${sanUri({ cell: 'sandbox', partnerId, applicationId: application.id })}`,
  )
  assert.doesNotMatch(x509.subject, /somebody|Another/)
  const { sandbox, production } = offices.context.authorities
  assert.ok(x509.verify(new X509Certificate(sandbox.certificatePem).publicKey))
  assert.ok(!x509.verify(new X509Certificate(production.certificatePem).publicKey))
  assert.deepEqual(await lines(application.id), [
    'partners.application-requested',
    'partners.application-activated',
    'partners.certificate-issued',
  ])
})

test('a production application works only after two people of the bank', async () => {
  const { visit } = await offices.partner()
  const { jwk, csr } = await newKey()
  const answer = await visit(
    'POST',
    '/api/applications',
    await asking({ cell: 'production', jwks: { keys: [jwk] }, csr }),
  )
  assert.equal(answer.status, 202)
  const { application, change } = outcome(answer)
  assert.ok(change)
  assert.deepEqual([application.status, change.stillNeeded], ['requested', 2])
  const status = async () =>
    Application.parse((await visit('GET', `/api/applications/${application.id}`)).body).status

  assert.equal((await decide(success, change)).body['status'], 'proposed')
  assert.equal(await status(), 'requested')
  assert.deepEqual(codes(await decide(success, change)), [403, 'approvals/own-change'])
  assert.equal((await decide(compliance, change)).body['status'], 'applied')

  assert.equal(await status(), 'active')
  const { body } = await visit('GET', `/api/applications/${application.id}`)
  assert.equal(
    z
      .array(Certificate)
      .parse(body['certificates'])
      .filter((c) => c.inForce).length,
    1,
  )
})

test('a production application that the bank declines, or its partner withdraws, never works', async () => {
  const { visit } = await offices.partner()
  const declined = outcome(
    await visit('POST', '/api/applications', await asking({ cell: 'production' })),
  )
  assert.ok(declined.change)
  await decide(compliance, declined.change, 'reject')
  const after = await visit('GET', `/api/applications/${declined.application.id}`)
  assert.equal(after.body['status'], 'declined')

  const withdrawn = outcome(
    await visit('POST', '/api/applications', await asking({ cell: 'production' })),
  )
  assert.ok(withdrawn.change)
  await decide(success, withdrawn.change)
  assert.equal(
    (await visit('POST', `/api/applications/${withdrawn.application.id}/revocation`)).status,
    200,
  )
  assert.deepEqual(codes(await decide(compliance, withdrawn.change)), [409, 'approvals/void'])
  assert.equal(
    (await visit('GET', `/api/applications/${withdrawn.application.id}`)).body['status'],
    'revoked',
  )
})

test('another partner’s things are as if they were not there, to the byte', async () => {
  const [owner, stranger] = await Promise.all([offices.partner(), offices.partner()])
  const { csr } = await newKey()
  const { application, certificate } = outcome(
    await owner.visit('POST', '/api/applications', await asking({ csr })),
  )
  assert.ok(certificate)
  const nobodys = `application_${'0'.repeat(32)}`
  const fresh = { csr: (await newKey()).csr }
  const tries: [method: 'GET' | 'POST', path: (id: string) => string, body?: object][] = [
    ['GET', (id) => `/api/applications/${id}`],
    ['POST', (id) => `/api/applications/${id}/revocation`],
    ['POST', (id) => `/api/applications/${id}/certificates`, fresh],
    ['POST', (id) => `/api/applications/${id}/certificates/${certificate.sha256}/revocation`],
  ]
  for (const [method, path, body] of tries) {
    const theirs = await stranger.visit(method, path(application.id), body)
    const missing = await stranger.visit(method, path(nobodys), body)
    const bytes = ({ body: b }: Answer) => JSON.stringify({ ...b, instance: '' })
    assert.equal(theirs.status, 404)
    assert.equal(bytes(theirs), bytes(missing), path('…'))
  }
  assert.deepEqual((await stranger.visit('GET', '/api/applications')).body['data'], [])
  const people = z
    .array(z.object({ partnerId: z.string() }))
    .parse((await stranger.visit('GET', '/api/people')).body['data'])
  assert.deepEqual(
    people.map((p) => p.partnerId),
    [stranger.id],
  )
  assert.equal(
    (await owner.visit('GET', `/api/applications/${application.id}`)).body['status'],
    'active',
  )
})

test('a certificate of one application is not ended through another of the same partner', async () => {
  const { visit } = await offices.partner()
  const first = outcome(
    await visit('POST', '/api/applications', await asking({ csr: (await newKey()).csr })),
  )
  const second = outcome(await visit('POST', '/api/applications', await asking()))
  assert.ok(first.certificate)

  const path = `/api/applications/${second.application.id}/certificates/${first.certificate.sha256}/revocation`

  assert.deepEqual(codes(await visit('POST', path)), [404, 'partners/certificate-not-found'])
})

test('P18: a key that was seen in another organisation or in the other cell is refused, as JWK and as CSR alike', async () => {
  const [first, second] = await Promise.all([offices.partner(), offices.partner()])
  const { jwk, csr } = await newKey()
  assert.equal(
    (await first.visit('POST', '/api/applications', await asking({ jwks: { keys: [jwk] } })))
      .status,
    201,
  )

  for (const [visit, more, pointer] of [
    [second.visit, { jwks: { keys: [jwk] } }, '/jwks/keys/0'],
    [second.visit, { csr }, '/csr'],
    [first.visit, { cell: 'production', jwks: { keys: [jwk] } }, '/jwks/keys/0'],
    [first.visit, { cell: 'production', csr }, '/csr'],
    [first.visit, { revealKey: jwk }, '/revealKey'],
  ] as const) {
    const answer = await visit('POST', '/api/applications', await asking(more))
    assert.deepEqual(
      [...codes(answer), ...pointers(answer)],
      [400, 'partners/application-refused', pointer],
    )
  }
  const listed = (await second.visit('GET', '/api/applications')).body['data']
  assert.deepEqual(listed, [], 'a refused application leaves nothing behind')
  assert.equal((await first.visit('POST', '/api/applications', await asking({ csr }))).status, 201)
})

test('of two partners that bring one key at once, one gets it', async () => {
  const both = await Promise.all([offices.partner(), offices.partner()])
  const { jwk } = await newKey()
  const body = await asking({ jwks: { keys: [jwk] } })

  const answers = await Promise.all(
    both.map(({ visit }) => visit('POST', '/api/applications', body)),
  )

  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [201, 400],
  )
})

test('the key of a revoked certificate never comes back', async () => {
  const { visit } = await offices.partner()
  const { csr } = await newKey()
  const { application, certificate } = outcome(
    await visit('POST', '/api/applications', await asking({ csr })),
  )
  assert.ok(certificate)
  const path = `/api/applications/${application.id}/certificates`

  const ended = await visit('POST', `${path}/${certificate.sha256}/revocation`)
  assert.deepEqual([ended.status, ended.body['inForce']], [200, false])

  const again = await visit('POST', path, { csr })
  assert.deepEqual(
    [...codes(again), ...pointers(again)],
    [400, 'partners/application-refused', '/csr'],
  )
  assert.equal((await visit('POST', path, { csr: (await newKey()).csr })).status, 201)
})

test('an application has two certificates in force at most: one in use and its successor', async () => {
  const { visit } = await offices.partner()
  const { application } = outcome(
    await visit('POST', '/api/applications', await asking({ csr: (await newKey()).csr })),
  )
  const path = `/api/applications/${application.id}/certificates`
  assert.equal((await visit('POST', path, { csr: (await newKey()).csr })).status, 201)

  assert.deepEqual(codes(await visit('POST', path, { csr: (await newKey()).csr })), [
    409,
    'partners/too-many-certificates',
  ])

  const raced = outcome(await visit('POST', '/api/applications', await asking()))
  const csrs = await Promise.all([1, 2, 3, 4].map(newKey))
  const answers = await Promise.all(
    csrs.map(({ csr }) =>
      visit('POST', `/api/applications/${raced.application.id}/certificates`, { csr }),
    ),
  )
  assert.deepEqual(
    answers.map((a) => a.status).toSorted((a, b) => a - b),
    [201, 201, 409, 409],
  )
})

test('a production certificate is renewed without the bank in its last thirty days only', async () => {
  const { visit, credentials } = await offices.partner()
  const { csr } = await newKey()
  const { application, change } = outcome(
    await visit('POST', '/api/applications', await asking({ cell: 'production', csr })),
  )
  assert.ok(change)
  await decide(success, change)
  await decide(compliance, change)
  const path = `/api/applications/${application.id}/certificates`

  const early = await visit('POST', path, { csr: (await newKey()).csr })
  assert.equal(early.status, 202)
  const second = outcome(early).change
  assert.ok(second)
  await decide(compliance, second, 'reject')

  const held = z
    .array(z.object({ notAfter: z.string() }))
    .parse((await visit('GET', `/api/applications/${application.id}`)).body['certificates'])
  const end = Temporal.Instant.from(held[0]?.notAfter ?? '')
  const hours = Math.floor(end.since(offices.context.world.now()).total('hours')) - 24 * 20
  offices.pass({ hours })
  await visit('POST', '/api/sessions', credentials())
  assert.equal((await visit('POST', path, { csr: (await newKey()).csr })).status, 201)
  offices.pass({ hours: -hours })
})

test('a suspended partner gets nothing new, may still stop its own, and is let in again by two people', async () => {
  const { visit, id } = await offices.partner()
  const { application } = outcome(await visit('POST', '/api/applications', await asking()))

  assert.equal(
    (
      await compliance('POST', `/api/partners/${id}/suspension`, {
        reason: 'the register withdrew it',
      })
    ).status,
    200,
  )
  assert.deepEqual(codes(await visit('POST', '/api/applications', await asking())), [
    403,
    'partners/suspended',
  ])
  assert.equal((await visit('POST', `/api/applications/${application.id}/revocation`)).status, 200)

  const asked = await compliance('POST', `/api/partners/${id}/reinstatement`, {
    reason: 'the register has it again',
  })
  assert.equal(asked.status, 202)
  const change = Change.parse(asked.body['change'])
  assert.deepEqual(codes(await decide(compliance, change)), [403, 'approvals/own-change'])
  const second = await offices.staff('compliance2')
  assert.equal((await decide(second, change)).body['status'], 'applied')
  assert.equal((await visit('POST', '/api/applications', await asking())).status, 201)
  assert.deepEqual(await lines(id), [
    'partners.registered',
    'partners.suspended',
    'partners.reinstated',
  ])
})

test('the bank stops an application of any partner with one person, at once', async () => {
  const { visit } = await offices.partner()
  const { application, certificate } = outcome(
    await visit('POST', '/api/applications', await asking({ csr: (await newKey()).csr })),
  )
  assert.ok(certificate)

  assert.equal(
    (await compliance('POST', `/api/applications/${application.id}/revocation`)).status,
    200,
  )

  const { body } = await visit('GET', `/api/applications/${application.id}`)
  assert.equal(body['status'], 'revoked')
  assert.deepEqual(
    z
      .array(Certificate)
      .parse(body['certificates'])
      .map((c) => c.inForce),
    [false],
  )
  assert.deepEqual(
    codes(await compliance('POST', `/api/applications/${application.id}/revocation`)),
    [409, 'partners/application-ended'],
  )
})
