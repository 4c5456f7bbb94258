import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocument, bankDocuments } from '#test/documents.ts'
import { callOfVersion } from '#test/version-calls.ts'
import { openTestOffices, type TestPartner, type Visitor } from '#test/offices.ts'
import { newSigningJwk, publicJwk } from '#platform/jose.ts'
import { work } from '#journal/index.ts'
import * as approvals from '#control/approvals/routes.ts'
import * as partnersRoutes from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { publishedVersions } from '#control/catalogue/index.ts'
import { dueBy, judgeRevision, retiredVersions } from '#control/versions/index.ts'
import { noteVersions } from '#control/usage/versions.ts'
import { appliers, readEndings } from './index.ts'
import { mayGoBack } from './pin.ts'
import * as routes from './routes.ts'
import * as store from './store.ts'

const started = Temporal.Instant.from('2026-09-10T10:00:00Z')
const oldest = '2026-05-04'
const middle = '2026-08-03'
const newest = '2026-11-22'

const offices = await openTestOffices(
  {
    portal: [partnersRoutes.portalRoutes, routes.portalRoutes],
    console: [approvals.consoleRoutes, routes.consoleRoutes],
  },
  new Map(Object.entries(appliers)),
  { now: started },
)
const { db } = offices
await seedControl(db, started, { documents: bankDocuments() })
const now = () => offices.context.world.now()

type Body = Record<string, unknown>
const newApplication = async (visit: Visitor, more: Body = {}): Promise<string> => {
  const { status, body } = await visit('POST', '/api/applications', {
    cell: 'sandbox',
    name: 'Program',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [publicJwk(await newSigningJwk('ES256'))] },
    redirectUris: [],
    grantTypes: ['client_credentials'],
    products: ['accounts', 'cards'],
    ...more,
  })
  assert.ok(status < 300, JSON.stringify(body))
  return (body['application'] as { id: string }).id
}

const called = (of: TestPartner, applicationId: string, version: string, operation: string) =>
  work(db, 'system', now(), (w) =>
    noteVersions(w, 'production', [
      callOfVersion({ partnerId: of.id, applicationId, version, operation, at: now() }),
    ]),
  )

const decide = async (proposed: Body, second = 'product') => {
  const { id, hash } = proposed['change'] as { id: string; hash: string }
  const decision = { decision: 'approve', hash, reason: 'agreed' }
  return (await offices.staff(second))('POST', `/api/approvals/${id}/decision`, decision)
}
const propose = async (path: string, body: Body, login = 'head', second = 'product') => {
  const proposed = await (await offices.staff(login))('POST', path, body)
  if (proposed.status !== 202) return proposed
  const decided = await decide(proposed.body, second)
  assert.equal(decided.status, 200, JSON.stringify(decided.body))
  return { ...proposed, decided: decided.body }
}
const listed = async (visit: Visitor, path: string): Promise<Body[]> => {
  const { status, body } = await visit('GET', path)
  assert.equal(status, 200, JSON.stringify(body))
  return body['data'] as Body[]
}
const versionsFor = (visit: Visitor) => listed(visit, '/api/versions')
const ofVersion = async (visit: Visitor, version: string) =>
  (await versionsFor(visit)).find((one) => one['version'] === version) ?? {}

const partner = await offices.partner()
const application = await newApplication(partner.visit)
await called(partner, application, middle, 'getCard')
const other = await offices.partner()

test('versions are told newest first, each with what it changed', async () => {
  const versions = await versionsFor(partner.visit)
  assert.deepEqual(
    versions.map((one) => one['version']),
    [newest, middle, oldest],
  )
  const changes = versions.map((one) => (one['changes'] as { id: string }[]).map(({ id }) => id))
  assert.ok(changes[0]?.includes('cards-are-suspended'))
  assert.ok(changes[1]?.includes('cards-have-last-four'))
  assert.deepEqual(changes[2], [])
  assert.ok(versions.every((one) => one['stage'] === 'alive'))
})

test('what newer versions mean for an application is said by its own traffic', async () => {
  const [own] = await listed(partner.visit, '/api/applications/versions')
  assert.equal(own?.['pinned'], middle, 'it speaks the newest of the day on which it was made')
  const ahead = own?.['ahead'] as {
    id: string
    touches: boolean
    operations: { id: string; calls: number }[]
  }[]
  assert.deepEqual(
    ahead.map(({ id, touches }) => [id, touches]),
    [
      ['account-types-are-iso-20022', false],
      ['beneficiaries-have-creditor-accounts', false],
      ['cards-are-suspended', true],
    ],
  )
  assert.equal(ahead[2]?.operations.find(({ id }) => id === 'getCard')?.calls, 1)
  assert.deepEqual(await listed(other.visit, '/api/applications/versions'), [])
})

test('an application moves forward with one click and back with another, for 72 hours, and is nobody else’s to move', async () => {
  const id = await newApplication(partner.visit, { name: 'Moving' })
  const move = (version: string, visit = partner.visit) =>
    visit('POST', `/api/applications/${id}/version`, { version })
  const codeOf = async (version: string, visit = partner.visit) =>
    (await move(version, visit)).body['code']

  assert.equal(await codeOf(newest, other.visit), 'partners/application-not-found')
  assert.equal(await codeOf('2026-01-01'), 'versions/not-found')
  assert.equal(await codeOf(oldest), 'versions/pin-refused')
  assert.equal((await move(newest)).status, 200)
  const pin = (await readEndings(db, 'https://portal')).pinOf(id)
  assert.equal(pin?.version, newest)
  assert.equal(mayGoBack(pin, pin.movedAt.add({ hours: 71 })), true)
  assert.equal(mayGoBack(pin, pin.movedAt.add({ hours: 72 })), false)
  assert.equal((await move(middle)).status, 200, 'one click goes back')
  assert.equal(await codeOf(middle), 'versions/pin-refused')
  const moved = await listed(partner.visit, '/api/applications/versions')
  const one = moved.find((a) => a['id'] === id)
  assert.deepEqual([one?.['pinned'], one?.['back']], [middle, null], 'forward is not back')
})

test('the end of a version takes two people, is as far away as contracts say, and is told to those who stand on it', async () => {
  const refusedBy = async (version: string) =>
    (await propose(`/api/versions/${version}/deprecation`, { reason: 'it is old' })).body['code']
  assert.equal(await refusedBy(newest), 'versions/newest')
  assert.equal(await refusedBy('2026-01-01'), 'versions/not-found')
  const auditor = await offices.staff('auditor')
  const asked = await auditor('POST', `/api/versions/${middle}/deprecation`, {
    reason: 'it is old',
  })
  assert.equal(asked.status, 403)

  await propose(`/api/versions/${middle}/deprecation`, { reason: 'one form is enough' })

  assert.equal(await refusedBy(middle), 'versions/ending')
  const told = await ofVersion(partner.visit, middle)
  assert.equal(told['stage'], 'deprecated')
  const sunset = Temporal.Instant.from(String(told['sunsetAt']))
  const year = now().toZonedDateTimeISO('UTC').add({ years: 1 }).toInstant()
  assert.ok(Temporal.Instant.compare(sunset, year) >= 0)
  const standing = await listed(await offices.staff('success'), `/api/versions/${middle}/standing`)
  assert.deepEqual(
    standing.map((one) => [one['partnerId'], one['calls'], one['acknowledged']]),
    [[partner.id, 1, false]],
  )
  const lives = (await readEndings(db, 'https://portal.example')).livesIn('sandbox')
  assert.deepEqual(lives[middle]?.page, 'https://portal.example/guides/versions')
  assert.equal(lives[middle]?.retired, false)
})

test('an application does not move to what ends, where it stands on what does not', async () => {
  const id = await newApplication(partner.visit, { name: 'Late' })
  await store.savePin(db, { applicationId: id, version: oldest, before: oldest, movedAt: started })
  const move = (version: string) =>
    partner.visit('POST', `/api/applications/${id}/version`, { version })
  const refused = await move(middle)
  assert.equal(refused.body['code'], 'versions/pin-refused')
  assert.match(String(refused.body['detail']), /deprecated and served until 2027-/)
  assert.equal((await move(newest)).status, 200)
})

test('more time for one partner is that partner’s alone', async () => {
  const until = Temporal.Instant.from('2029-01-01T00:00:00Z').toString()
  const asking = (to: string) => ({ partnerId: partner.id, until: to, reason: 'they asked' })
  const path = `/api/versions/${middle}/extensions`
  const early = await propose(path, asking('2027-01-01T00:00:00Z'))
  assert.equal(early.body['code'], 'versions/extension-refused')
  await propose(path, asking('2028-01-01T00:00:00Z'))
  await propose(path, asking(until))
  const nearer = await propose(path, asking('2028-06-01T00:00:00Z'))
  assert.equal(nearer.body['code'], 'versions/extension-refused')

  assert.equal((await ofVersion(partner.visit, middle))['sunsetAt'], until)
  assert.notEqual((await ofVersion(other.visit, middle))['sunsetAt'], until)
  const endings = await readEndings(db, 'https://portal')
  assert.deepEqual(endings.extensionsOf(partner.id), { [middle]: until })
  assert.deepEqual(endings.extensionsOf(other.id), {})
})

test('what was given meanwhile is not taken back by what two people thought about before', async () => {
  const head = await offices.staff('head')
  const asked = await head('POST', `/api/versions/${middle}/extensions`, {
    partnerId: other.id,
    until: '2028-01-01T00:00:00Z',
    reason: 'they asked',
  })
  assert.equal(asked.status, 202)
  const given = Temporal.Instant.from('2028-02-01T00:00:00Z')
  await work(db, 'system', now(), (w) =>
    store.saveExtension(
      w,
      { partnerId: other.id, version: middle, until: given, reason: 'a letter' },
      now(),
    ),
  )

  const decided = await decide(asked.body)

  assert.deepEqual([decided.status, decided.body['code']], [422, 'versions/extension-refused'])
  assert.equal((await ofVersion(other.visit, middle))['sunsetAt'], given.toString())
})

const Letter = z.object({ body: z.string() })

test('a brown-out is announced ahead, in the sandbox first', async () => {
  const hours = (cell: string, days: number, length = 2) => ({
    cell,
    startsAt: now()
      .add({ hours: days * 24 })
      .toString(),
    endsAt: now()
      .add({ hours: days * 24 + length })
      .toString(),
    reason: 'the end comes nearer',
  })
  const path = `/api/versions/${middle}/brownouts`
  const detailOf = async (body: Body) => (await propose(path, body)).body['detail']
  assert.match(String(await detailOf(hours('production', 20))), /sandbox comes first/)
  assert.match(String(await detailOf(hours('sandbox', 1))), /2 days ahead/)
  assert.match(String(await detailOf(hours('sandbox', 3, 30))), /longer than 24/)
  assert.equal((await propose(path, hours('sandbox', 3))).status, 202)
  const agreed = { ...hours('production', 20), paymentsOf: [partner.id] }
  assert.equal((await propose(path, agreed)).status, 202)

  const told = await ofVersion(partner.visit, middle)
  assert.deepEqual(
    (told['brownouts'] as { cell: string }[]).map(({ cell }) => cell),
    ['sandbox', 'production'],
  )
  assert.ok(!JSON.stringify(told).includes('paymentsOf'), 'who agreed to what is nobody else’s')
  const lives = (await readEndings(db, 'https://portal')).livesIn('production')
  assert.equal(lives[middle]?.brownouts.length, 1)
  const letters = await db.many(Letter)`
    select body from webhooks.notice where kind = 'version-brownout' and partner_id = ${partner.id} order by id limit 9
  `
  const ofPayments = /Payments go on|payments are refused too/
  assert.deepEqual(
    letters.map(({ body }) => ofPayments.exec(body)?.[0]),
    ['Payments go on', 'payments are refused too'],
    'who agreed is told that payments stop, and nobody else',
  )
})

test('a version is retired when its time is over and nobody calls, or by two people who say why', async () => {
  const path = `/api/versions/${oldest}/retirement`
  const asked = (body: Body) => propose(path, { reason: 'its time is over', ...body })
  assert.equal((await asked({})).body['code'], 'versions/alive')
  await called(other, 'application_of_theirs', oldest, 'listCards')
  await propose(`/api/versions/${oldest}/deprecation`, { reason: 'nobody should need it' })
  assert.match(String((await asked({})).body['detail']), /sunset ahead/)
  assert.match(String((await asked({ despite: true })).body['detail']), /sunset ahead/)

  offices.pass({ hours: 24 * 380 })
  await called(other, 'application_of_theirs', oldest, 'listCards')
  assert.match(String((await asked({})).body['detail']), /still used/)
  assert.deepEqual([...(await retiredVersions(db))], [])
  await asked({ despite: true })

  assert.deepEqual([...(await retiredVersions(db))], [oldest])
  assert.equal((await ofVersion(partner.visit, oldest))['stage'], 'retired')
  const lives = (await readEndings(db, 'https://portal')).livesIn('production')
  assert.equal(lives[oldest]?.retired, true)
})

test('what breaks somebody is judged by calls, announced for a day that contracts allow, and then published', async () => {
  const openapi = bankDocument('cards')
  const paths = openapi['paths'] as Record<string, Record<string, Body>>
  const getCard = paths['/cards/v1/cards/{cardId}']?.['get']
  assert.ok(getCard)
  getCard['x-scope'] = 'cards:issue'
  const judged = await (
    await offices.staff('engineering')
  )('POST', '/api/versions/judgement', { product: 'cards', openapi })
  assert.equal(judged.status, 200, JSON.stringify(judged.body))
  const impacts = judged.body['impacts'] as { id: string; key: string; hits: Body[] }[]
  assert.deepEqual(
    impacts.map(({ id, hits }) => [id, hits.map(({ partnerId }) => partnerId)]),
    [['commercial-scope-changed', [partner.id]]],
  )
  assert.equal((judged.body['faults'] as Body[])[0]?.['code'], 'commercial-scope-changed')
  const [impact] = impacts
  assert.ok(impact)

  const words = {
    en: 'A card needs another scope.',
    ru: 'Нужен другой scope.',
    uz: 'Boshqa scope kerak.',
  }
  await propose('/api/versions/coming', {
    product: 'cards',
    keys: [impact.key],
    summary: words,
    reason: 'scopes are narrower',
  })

  const [coming] = await listed(offices.visitor('portal'), '/api/versions/coming')
  assert.deepEqual([coming?.['operation'], coming?.['summary']], ['getCard', words])
  const day = Temporal.PlainDate.from(String(coming?.['takesEffect']))
  assert.deepEqual([...(await dueBy(db, 'cards', day.subtract({ days: 1 })))], [])
  const due = await dueBy(db, 'cards', day)
  assert.deepEqual([...due], [[impact.key, null]])
  const alive = await publishedVersions(db, 'cards')
  const asked = { version: newest, document: openapi }
  assert.deepEqual(judgeRevision(alive, asked, { today: day, due }).faults, [])
})

test('the bank sees each product’s versions, what was decided and proposed, and who was told and has read it', async () => {
  const auditor = await offices.staff('auditor')
  const products = await listed(auditor, '/api/versions/products')
  const cards = products.find((one) => one['product'] === 'cards')
  assert.deepEqual(
    ((cards?.['versions'] ?? []) as Body[]).map((one) => [
      one['version'],
      one['stage'],
      one['changes'],
    ]),
    [
      [newest, 'alive', 1],
      [middle, 'sunset', 1],
      [oldest, 'retired', 0],
    ],
  )
  const extensions = await listed(auditor, `/api/versions/extensions?version=${middle}`)
  assert.deepEqual(
    extensions.map((one) => [one['partnerId'], one['until'], one['state']]),
    [
      [other.id, '2028-01-01T00:00:00Z', 'expired'],
      [partner.id, '2029-01-01T00:00:00Z', 'granted'],
      [partner.id, '2028-01-01T00:00:00Z', 'granted'],
    ],
  )
  assert.deepEqual(await listed(auditor, `/api/versions/extensions?version=${oldest}`), [])
  const hours = await listed(auditor, '/api/versions/brownouts')
  assert.deepEqual(
    hours.map((one) => [one['cell'], one['state'], one['paymentsOf']]),
    [
      ['sandbox', 'over', []],
      ['production', 'over', [partner.id]],
    ],
  )
  const [coming] = await listed(auditor, '/api/versions/coming')
  assert.equal(coming?.['inEffect'], false)
  assert.deepEqual(
    ((coming?.['told'] ?? []) as Body[]).map((one) => [one['partnerId'], one['acknowledged']]),
    [[partner.id, false]],
  )
  await (
    await offices.staff('head')
  )('POST', `/api/versions/${middle}/extensions`, {
    partnerId: partner.id,
    until: '2030-01-01T00:00:00Z',
    reason: 'once more',
  })
  const { body } = await auditor('GET', `/api/versions/${middle}`)
  assert.deepEqual(
    (body['proposals'] as Body[]).map((one) => [one['kind'], one['stillNeeded']]),
    [['versions.extension', 1]],
  )
  assert.equal((body['extensions'] as Body[])[0]?.['state'], 'proposed')
  assert.equal((body['hours'] as Body[]).length, 2)
  assert.equal(
    (await auditor('GET', '/api/versions/2026-01-01')).body['code'],
    'versions/not-found',
  )
})

test('in production an application moves by a fresh second factor alone', async () => {
  const newcomer = await offices.newcomer()
  const id = await newApplication(newcomer.visit, { name: 'Real' })
  await db.run`update partners.application set cell = 'production' where id = ${id}`
  const { status, body } = await newcomer.visit('POST', `/api/applications/${id}/version`, {
    version: newest,
  })
  assert.ok([401, 403].includes(status), JSON.stringify(body))
  assert.match(String(body['code']), /^sign-in\//)
  assert.equal((await readEndings(db, 'https://portal')).pinOf(id), undefined)
})
