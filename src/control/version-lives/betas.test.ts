import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocument, bankDocuments } from '#test/documents.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { publishedVersions } from '#control/catalogue/index.ts'
import * as partnersRoutes from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { versionUse } from '#control/usage/versions.ts'
import { judgeRevision } from '#control/versions/index.ts'
import { readEndings } from './index.ts'
import * as routes from './routes.ts'

const started = Temporal.Instant.from('2026-12-10T10:00:00Z')
const stable = '2026-11-22'
const beta = '2027-01-10'

const offices = await openTestOffices(
  {
    portal: [partnersRoutes.portalRoutes, routes.portalRoutes],
    console: [routes.consoleRoutes],
  },
  new Map(),
  { now: started },
)
const { db } = offices
const now = () => offices.context.world.now()
type Body = Record<string, unknown>

const cards = (version: string, more: Body = {}): Body => {
  const openapi = bankDocument('cards')
  return { ...openapi, info: { ...(openapi['info'] as Body), version }, ...more }
}
await seedControl(db, started, {
  documents: [
    ...bankDocuments(),
    { product: 'cards', openapi: cards(beta, { 'x-stage': 'beta' }) },
  ],
})

const partner = await offices.partner()
const other = await offices.partner()
const made = await partner.visit('POST', '/api/applications', {
  cell: 'sandbox',
  name: 'Program',
  authentication: 'private_key_jwt',
  senderConstraint: 'dpop',
  jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
  redirectUris: [],
  grantTypes: ['client_credentials'],
  products: ['accounts', 'cards'],
})
const { id } = made.body['application'] as { id: string }
const listed = async (visit: Visitor, path: string) =>
  ((await visit('GET', path)).body['data'] ?? []) as Body[]
const own = async () =>
  (await listed(partner.visit, '/api/applications/versions')).find((one) => one['id'] === id)

test('a version in trial is told as one, and is nobody’s unless they ask for it', async () => {
  const [newest, before] = await listed(partner.visit, '/api/versions')
  assert.deepEqual([newest?.['version'], newest?.['stage']], [beta, 'beta'])
  assert.deepEqual([before?.['version'], before?.['stage']], [stable, 'alive'])
  assert.equal(
    (await own())?.['pinned'],
    stable,
    'a new application speaks the newest that is stable',
  )

  const ask = (visit: Visitor, path: string, body: Body = {}) =>
    visit('POST', `/api/applications/${id}/${path}`, body)
  const pin = () => ask(partner.visit, 'version', { version: beta })
  assert.equal((await pin()).body['code'], 'versions/pin-refused')
  const strange = await ask(other.visit, 'betas', { version: beta })
  assert.equal(strange.body['code'], 'partners/application-not-found')
  const wrong = await ask(partner.visit, 'betas', { version: stable })
  assert.equal(wrong.body['code'], 'versions/not-found', 'what is stable needs no asking')

  assert.equal((await ask(partner.visit, 'betas', { version: beta })).status, 200)
  assert.deepEqual((await own())?.['betas'], [beta])
  assert.deepEqual((await readEndings(db, 'https://portal')).betasOf(id), [beta])
  assert.equal((await pin()).status, 200)
  const leaving = await ask(partner.visit, `betas/${beta}/removal`)
  assert.equal(leaving.body['code'], 'versions/beta-refused', 'it speaks it')
  assert.equal((await ask(partner.visit, 'version', { version: stable })).status, 200)
  assert.equal((await ask(partner.visit, `betas/${beta}/removal`)).status, 200)
  assert.deepEqual((await own())?.['betas'], [])
})

test('of a beta that nobody tries nothing was promised; what is stable stays so, and a beta ends before another begins', async () => {
  const published = await publishedVersions(db, 'cards')
  const today = now().toZonedDateTimeISO('UTC').toPlainDate()
  const codes = (version: string, document: Body) =>
    judgeRevision(published, { version, document }, { today }).faults.map(({ code }) => code)
  const paths = structuredClone(bankDocument('cards')['paths']) as Record<string, Body>
  delete paths['/cards/v1/cards/{cardId}']

  assert.deepEqual(codes(beta, cards(beta)), [], 'it may become stable')
  assert.deepEqual(codes('2027-02-01', cards('2027-02-01')), ['beta-open'])
  assert.deepEqual(codes(stable, cards(stable, { 'x-stage': 'beta' })), ['beta-open'])
  const before = published.filter(({ version }) => version !== beta)
  const back = cards(stable, { 'x-stage': 'beta' })
  assert.deepEqual(
    judgeRevision(before, { version: stable, document: back }, { today }).faults.map((f) => f.code),
    ['stable'],
  )
  const without = codes(beta, { ...cards(beta), paths })
  assert.ok(without.length > 0, 'callers of stable versions are promised what they were')
})

test('who tries a version is told ninety days before it changes; what nobody tries changes at once', async () => {
  const engineer = await offices.staff('engineering')
  const openapi = cards(beta, { 'x-stage': 'beta' })
  const { schemas } = structuredClone(openapi['components']) as { schemas: Record<string, Body> }
  const { properties } = schemas['Card'] as { properties: Record<string, Body> }
  properties['status'] = { ...properties['status'], enum: ['active', 'lost'] }
  const changed = { ...openapi, components: { ...(openapi['components'] as Body), schemas } }
  const paths = structuredClone(openapi['paths']) as Record<string, Record<string, Body>>
  Object.assign(paths['/cards/v1/cards/{cardId}']?.['get'] ?? {}, { 'x-scope': 'cards:issue' })
  const narrower = { ...changed, paths }
  const judged = async () =>
    ((await engineer('POST', '/api/versions/judgement', { product: 'cards', openapi: narrower }))
      .body['impacts'] ?? []) as { text: string; level: string; hits: Body[]; earliest: string }[]
  const ofTrial = (all: Awaited<ReturnType<typeof judged>>) =>
    all.filter(({ text, level }) => level === 'ERR' && text.endsWith(`in the beta of ${beta}`))
  assert.deepEqual(ofTrial(await judged()), [], 'nobody tries it')

  await partner.visit('POST', `/api/applications/${id}/betas`, { version: beta })

  const [impact] = ofTrial(await judged())
  assert.ok(impact)
  assert.deepEqual(
    impact.hits.map(({ partnerId }) => partnerId),
    [partner.id],
  )
  const day = now().toZonedDateTimeISO('UTC').toPlainDate().add({ days: 91 })
  assert.equal(impact.earliest, day.toString())
})

test('a document that cannot be read is refused with its place', async () => {
  const engineer = await offices.staff('engineering')
  const judged = (openapi: Body) =>
    engineer('POST', '/api/versions/judgement', { product: 'cards', openapi })
  for (const openapi of [{ openapi: '3.1.0' }, { openapi: '3.1.0', info: { version: 'one' } }]) {
    const { status, body } = await judged(openapi)
    assert.deepEqual([status, body['code']], [400, 'platform/request-invalid'])
    const [error] = body['errors'] as { pointer: string }[]
    assert.match(error?.pointer ?? '', /^\/openapi\/info/)
  }
  const empty = { openapi: '3.1.0', info: { version: '2026-11-22' }, paths: 5 }
  assert.equal((await judged(empty)).status, 200, 'nonsense breaks every promise, and no server')
})

test('however many speak a version, every one of them is found', async () => {
  await db.run`
    insert into usage.version_day (partner_id, cell, application_id, version, operation, day, calls, last_at)
    select 'partner_crowd', 'sandbox', 'application_' || n, '2026-05-04'::date, 'listCards', ${now().toString().slice(0, 10)}::date, 1, ${now()}
      from generate_series(1, 20001) as n
  `
  const since = now().toZonedDateTimeISO('UTC').toPlainDate().subtract({ days: 1 })
  const found = await versionUse(db, { since, partnerId: 'partner_crowd' })
  assert.equal(found.length, 20_001)
})
