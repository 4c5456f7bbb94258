/** Events for those who ask: a partner's program at the gateway, the bank's own route, and the courier's feed over real rows. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { parse } from 'yaml'
import { z } from 'zod'
import { openCell } from '#test/gateway/cell.ts'
import type { Holder } from '#test/gateway/partner.ts'
import { SnapshotProduct } from '#gateway/snapshot.ts'
import { callerVerifier } from '#platform/caller.ts'
import { openServer } from '#platform/http.ts'
import { readRandomKey } from '#platform/keys.ts'
import { openLog } from '#platform/log.ts'
import { admitOnlyPartnerCalls } from '#bank/partner-call.ts'
import { eventRoutes } from '#bank/events/routes.ts'
import { openTrial } from '#bank/trial.ts'
import { catalogue } from '../../src/courier/catalogue.ts'
import { openDesk } from '../../src/courier/desk.ts'
import type { NewEvent } from '../../src/courier/event.ts'
import * as store from '../../src/courier/store.ts'

const version = '2026-11-22'
const oldest = '2026-05-04'
const openapi: unknown = parse(
  readFileSync(new URL('../../src/bank/events/openapi.yaml', import.meta.url), 'utf8'),
)
const product = SnapshotProduct.parse({
  id: 'events',
  version,
  versions: [oldest, '2026-08-03', version],
  openapi,
})
const cell = await openCell({}, [product])
after(() => cell.close())
const courier = cell.database.as('courier')
const guard = { allowed: new Set<string>(), ownPorts: new Set<number>(), outward: true }
const { feed } = openDesk({
  db: courier,
  outside: { guard, development: null },
  rules: { guard, sealingKey: new Uint8Array(32), coolDownHours: 0 },
  now: () => Temporal.Now.instant(),
  changed: () => {},
})

const trial = await openTrial(cell.database.as('bank'))
const bank = openServer(openLog({ process: 'bank' }, 'silent'), { trustInteractionId: true })
admitOnlyPartnerCalls(bank, callerVerifier(readRandomKey(cell.files.callerKey('bank'))), () =>
  Temporal.Now.instant(),
)
eventRoutes(bank, { ...trial.bank, courier: { ...trial.bank.courier, feed } })
cell.setPlay(async ({ url, headers }, response) => {
  const answer = await bank.inject({ method: 'GET', url, headers })
  response
    .writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) })
    .end(answer.body)
})

const contract = {
  id: 'contract_1',
  tier: 'Gold',
  priceVersion: '2026-11',
  products: ['events'],
}
const permissions = { 'products.events': { granted: true as const, until: null, limit: null } }
const reader = await cell.addHolder('mtls', { contract, permissions })
const stranger = await cell.addHolder('mtls', { contract, permissions })
for (const { application } of [reader, stranger]) Object.assign(application, { scopes: ['events'] })
await cell.start()
await cell.publishAndWait()

let made = 0
const happened = (more: Partial<NewEvent> = {}): NewEvent => ({
  id: `event_${String(++made).padStart(32, '0')}`,
  seq: BigInt(made),
  source: 'cell',
  type: 'payments.settled',
  subject: 'payment_1',
  partnerId: reader.partnerId,
  applicationId: reader.applicationId,
  happenedAt: Temporal.Instant.from('2026-11-22T12:00:00Z'),
  facts: {},
  ...more,
})
const add = (...events: NewEvent[]) =>
  courier.transaction(async (tx) => {
    await store.lockCursor(tx)
    await store.add(tx, events)
  })

const Page = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      data: z.looseObject({ subject: z.string(), sequence: z.number() }),
    }),
  ),
  next: z.string(),
})
const call = async (query: string, who: Holder = reader, headers: Record<string, string> = {}) =>
  cell.callMtls(who, await cell.token(who, (claims) => ({ ...claims, scope: 'events' })), {
    path: `/events/v1/events${query}`,
    headers,
  })
const page = async (...asked: Parameters<typeof call>) => {
  const answered = await call(...asked)
  assert.equal(answered.status, 200, answered.text)
  return Page.parse(answered.json)
}

test('a program reads all that happened to it, oldest first and once, while more happens', async () => {
  const wanted = Array.from({ length: 60 }, () => happened())
  await add(...wanted.slice(0, 20))
  const read: string[] = []
  let cursor = ''
  for (const next of [wanted.slice(20, 40), wanted.slice(40), [], [], []]) {
    const writing = Promise.all(next.map((one) => add(one)))
    const found = await page(`?limit=17${cursor && `&cursor=${cursor}`}`)
    read.push(...found.data.map(({ id }) => id))
    cursor = found.next
    await writing
  }
  const numbers = read.map((id) => wanted.findIndex((one) => one.id === id))
  assert.equal(new Set(read).size, 60, 'none is missing, and none comes twice')
  assert.equal(numbers.includes(-1), false)
  const { data, next } = await page(`?cursor=${cursor}`)
  assert.deepEqual(data, [])
  assert.ok(next, 'there is always a place to go on from')
})

test('nobody reads of another, nor goes on from another’s place', async () => {
  await add(happened({ applicationId: 'application_of_a_colleague' }), happened({ facts: {} }))
  const mine = await page('?limit=500')
  assert.equal(mine.data.length, 61, 'what belongs to another application is not told to this one')
  const theirs = await page('', stranger)
  assert.deepEqual(theirs.data, [])
  const taken = await call(`?cursor=${mine.next}`, stranger)
  assert.deepEqual([taken.status, taken.json['code']], [400, 'bank/cursor-invalid'])
  const wrong = await call('?types=nothing.happened')
  assert.equal(wrong.status, 400, wrong.text)
})

test('an event is written in the version that the call speaks', async () => {
  await add(
    happened({
      type: 'payments.recall-accepted',
      subject: 'recall_1',
      facts: { paymentId: 'payment_1' },
    }),
    happened({
      type: 'cards.authorization-timed-out',
      subject: 'authorization_1',
      facts: { cardId: 'card_1', approved: false },
    }),
  )
  const types = '?types=payments.recall-accepted,cards.*'
  const told = async (day: string) =>
    (await page(types, reader, { 'api-version': day })).data.map(({ data }) => [
      data['payment'] ?? data['paymentId'] ?? data['cardId'],
      'payment' in data,
      data['approved'],
    ])
  assert.deepEqual(await told(version), [
    ['payment_1', false, undefined],
    ['card_1', false, false],
  ])
  assert.deepEqual(await told('2026-08-03'), [
    ['payment_1', false, undefined],
    ['card_1', false, 'declined'],
  ])
  assert.deepEqual(await told(oldest), [
    ['payment_1', true, undefined],
    ['card_1', false, 'declined'],
  ])
})

test('whatever an event of any type may say, the gateway lets all of it through', async () => {
  const values = (type: string): NewEvent['facts'] =>
    Object.fromEntries(
      (catalogue.get(type)?.facts ?? []).map((fact) => [
        fact,
        /^(accountsRevoked|daysInArrears|failed|settled|threshold|version)$/.test(fact)
          ? 1
          : fact === 'approved'
            ? true
            : 'word',
      ]),
    )
  const all = [...catalogue.keys()].map((type) =>
    happened({ type, subject: `subject of ${type}`, facts: values(type) }),
  )
  await add(...all)
  const first = all[0]
  assert.ok(first)
  const { data } = await page('?limit=500')
  for (const { id, subject, facts: said, type } of all) {
    const found = data.find((one) => one.id === id)
    assert.deepEqual(
      found?.data,
      { subject, sequence: 1, applicationId: reader.applicationId, ...said },
      type,
    )
  }
})
