import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bankDocument, bankDocuments } from '#test/documents.ts'
import { callOfVersion } from '#test/version-calls.ts'
import { openTestOffices, type Visitor } from '#test/offices.ts'
import { work } from '#journal/index.ts'
import * as approvals from '#control/approvals/routes.ts'
import * as partnersRoutes from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { noteVersions } from '#control/usage/versions.ts'
import { dueBy, markCarriedOut } from '#control/versions/index.ts'
import * as webhooks from '#control/webhooks/routes.ts'
import { appliers, readEndings } from './index.ts'
import * as routes from './routes.ts'

const started = Temporal.Instant.from('2026-11-24T10:00:00Z')
const older = '2026-08-03'
const nobody = { of: () => assert.fail('no courier is asked') }
const offices = await openTestOffices(
  {
    portal: [partnersRoutes.portalRoutes, routes.portalRoutes, webhooks.portalRoutes(nobody)],
    console: [approvals.consoleRoutes, routes.consoleRoutes],
  },
  new Map(Object.entries(appliers)),
  { now: started },
)
const { db } = offices
await seedControl(db, started, { documents: bankDocuments() })
const now = () => offices.context.world.now()
const partner = await offices.partner()
const call = {
  partnerId: partner.id,
  applicationId: 'application_1',
  version: older,
  operation: 'getCard',
}
await work(db, 'system', now(), (w) =>
  noteVersions(w, 'production', [callOfVersion({ ...call, at: now() })]),
)

type Body = Record<string, unknown>
const asked = async (path: string, body: Body = {}) =>
  (await offices.staff('head'))('POST', path, { reason: 'as discussed', ...body })
const agree = async (proposed: Body, second = 'product') => {
  const { id, hash } = proposed['change'] as { id: string; hash: string }
  const decision = { decision: 'approve', hash, reason: 'agreed' }
  return (await offices.staff(second))('POST', `/api/approvals/${id}/decision`, decision)
}
const decided = async (path: string, body: Body = {}) => {
  const proposed = await asked(path, body)
  assert.equal(proposed.status, 202, JSON.stringify(proposed.body))
  const done = await agree(proposed.body)
  assert.equal(done.status, 200, JSON.stringify(done.body))
}
const listed = async (visit: Visitor, path: string) =>
  ((await visit('GET', path)).body['data'] ?? []) as Body[]
const notices = () => listed(partner.visit, '/api/notices')
const calendar = async () => String((await partner.visit('GET', '/api/calendar.ics')).body['text'])
const lives = async () => (await readEndings(db, 'https://portal')).livesIn('sandbox')

test('the end of a version is taken back by two people: it is served on, and whoever was told is told', async () => {
  const end = `/api/versions/${older}/deprecation`
  assert.equal((await asked(`${end}/withdrawal`)).body['code'], 'versions/alive')
  await decided(end)
  const hours = (day: number) =>
    now()
      .add({ hours: 24 * day })
      .toString()
  await decided(`/api/versions/${older}/brownouts`, {
    cell: 'sandbox',
    startsAt: hours(3),
    endsAt: now().add({ hours: 74 }).toString(),
  })
  assert.deepEqual(
    (await notices()).map((one) => one['kind']),
    ['version-brownout', 'version-deprecated'],
  )
  assert.match(await calendar(), /will end on/)

  const proposed = await asked(`${end}/withdrawal`)
  assert.ok((await lives())[older], 'one person takes nothing back')
  assert.equal((await agree(proposed.body, 'head')).status, 403)
  assert.equal((await agree(proposed.body)).status, 200)

  assert.deepEqual(await lives(), {})
  const [kept, ...before] = await notices()
  assert.deepEqual([kept?.['kind'], kept?.['acknowledge']], ['version-kept', false])
  assert.ok(
    before.every((one) => one['acknowledge'] === false),
    'nobody has to answer them now',
  )
  assert.doesNotMatch(await calendar(), /BEGIN:VEVENT/)

  await decided(end)
  const [again] = await notices()
  assert.deepEqual([again?.['kind'], again?.['acknowledge']], ['version-deprecated', true])
  const [standing] = await listed(await offices.staff('head'), `/api/versions/${older}/standing`)
  assert.equal(standing?.['acknowledged'], false, 'what was said of the first is not said of it')
})

const openapi = bankDocument('cards')
const paths = openapi['paths'] as Record<string, Record<string, Body>>
Object.assign(paths['/cards/v1/cards/{cardId}']?.['get'] ?? {}, { 'x-scope': 'cards:issue' })
const announceScope = async (): Promise<string> => {
  const judged = await (
    await offices.staff('engineering')
  )('POST', '/api/versions/judgement', { product: 'cards', openapi })
  const [impact] = judged.body['impacts'] as { key: string }[]
  assert.ok(impact)
  const words = 'A card needs another scope.'
  await decided('/api/versions/coming', {
    product: 'cards',
    keys: [impact.key],
    summary: { en: words, ru: words, uz: words },
  })
  return impact.key
}
const coming = () => listed(offices.visitor('portal'), '/api/versions/coming')
const excused = async (day: string) => [
  ...(await dueBy(db, 'cards', Temporal.PlainDate.from(day))).keys(),
]

test('a change that was announced is taken back by two people, and is excused no longer', async () => {
  const key = await announceScope()
  const [one] = await coming()
  const [id, day] = [String(one?.['id']), String(one?.['takesEffect'])]
  assert.deepEqual(await excused(day), [key])
  assert.match(await calendar(), /A change of cards takes effect/)
  const withdrawal = `/api/versions/coming/${id}/withdrawal`
  const auditor = await offices.staff('auditor')
  assert.equal((await auditor('POST', withdrawal, { reason: 'as discussed' })).status, 403)

  await decided(withdrawal)

  assert.deepEqual(await excused(day), [])
  assert.deepEqual(await coming(), [])
  const [told, before] = await notices()
  assert.deepEqual([told?.['kind'], before?.['kind']], ['version-called-off', 'version-coming'])
  assert.match(String(told?.['body']), /отменено[^]*bekor qilindi/)
  assert.doesNotMatch(await calendar(), /A change of cards takes effect/)
  assert.equal((await asked(withdrawal)).body['code'], 'versions/coming-not-found')
})

test('what has happened is not taken back, and what happens while two people think is void', async () => {
  const key = await announceScope()
  const [one] = await coming()
  const withdrawal = `/api/versions/coming/${String(one?.['id'])}/withdrawal`
  const proposed = await asked(withdrawal)
  assert.equal(proposed.status, 202)
  const day = Temporal.PlainDate.from(String(one?.['takesEffect']))
  await markCarriedOut(db, 'cards', [key], { day, at: now() })

  assert.notEqual((await agree(proposed.body)).status, 200)
  assert.equal((await asked(withdrawal)).body['code'], 'versions/coming-carried-out')
})
