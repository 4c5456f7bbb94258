import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { z } from 'zod'
import { work } from '#journal/index.ts'
import { answerAsks, openAskBoard } from '#platform/ask-line.ts'
import { listenOnSocket, openServer } from '#platform/http.ts'
import type { Letter } from '#platform/mail.ts'
import { Secret } from '#platform/secret.ts'
import { openDesk } from '#courier/desk.ts'
import { deskContract } from '#courier/desk-contract.ts'
import { receiversOf } from '#control/certification/receivers.ts'
import { receiverRoutes } from '#control/certification/routes.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { openCourierHouse, until } from '#test/courier/house.ts'
import { isSignedBy } from '#test/courier/receiver.ts'
import { openTestOffices } from '#test/offices.ts'
import { announce, type Couriers } from '#control/webhooks/index.ts'
import { hearNotices, sendLetters, tellEvents } from '#control/webhooks/jobs.ts'
import { consoleRoutes, portalRoutes } from '#control/webhooks/routes.ts'

const house = await openCourierHouse()
const askKey = randomBytes(32)
const asks = openAskBoard(() => askKey)
const couriers: Couriers = {
  of: (cell) => asks.client(deskContract, cell),
  hears: (cell) => asks.hears(cell),
}
const line = openServer(house.world.log)
asks.routes(line)
const socketPath = join(mkdtempSync(join(tmpdir(), 'ask-')), 'control.sock')
await listenOnSocket(line, socketPath)
const answering = answerAsks(
  { cell: 'sandbox', socketPath, key: new Secret('key') },
  deskContract,
  openDesk({
    db: house.db,
    outside: house.outside,
    rules: house.rules,
    now: house.now,
    changed: () => house.sender.changed(),
  }),
  { log: house.world.log, key: new Secret(askKey) },
)
after(async () => {
  asks.stop()
  await answering.stop()
  await line.close()
})
const offices = await openTestOffices({
  portal: [partners.portalRoutes, portalRoutes(couriers), receiverRoutes(couriers)],
  console: [consoleRoutes(couriers)],
})
const world = { db: offices.db, couriers, now: offices.context.world.now, log: house.world.log }

const List = z.object({ data: z.array(z.record(z.string(), z.unknown())), next: z.unknown() })
const dataOf = (body: unknown) => List.parse(body).data

test('it is asked what the partner of the portal may ask, and answers it over the line that it opened', async () => {
  const { visit, id } = await offices.partner()
  await until(() => couriers.hears('sandbox'))
  const endpoint = await house.endpoint({ partnerId: id, types: ['payments.*'] })
  await house.happens('payments.settled', 'payment_1', { partnerId: id })
  await house.quiet()

  const listed = await visit('GET', '/api/webhooks/sandbox/endpoints')
  assert.equal(listed.status, 200, JSON.stringify(listed.body))
  assert.deepEqual(
    dataOf(listed.body).map((e) => [e['id'], e['status']]),
    [[endpoint.id, 'active']],
  )
  const at = `/api/webhooks/sandbox/endpoints/${endpoint.id}`
  const [delivery] = dataOf((await visit('GET', `${at}/deliveries`)).body)
  assert.equal(delivery?.['status'], 'delivered')
  const log = dataOf(
    (await visit('GET', `${at}/deliveries/${String(delivery?.['id'])}/attempts`)).body,
  )
  assert.deepEqual(
    log.map(({ number, status, address, tls }) => [number, status, address, tls]),
    [[1, 204, '127.0.0.1', 'TLSv1.3']],
  )

  const replayed = await visit('POST', `${at}/replays`, {
    what: 'one',
    deliveryId: delivery?.['id'],
  })
  assert.deepEqual([replayed.status, replayed.body], [202, { deliveries: 1 }])
  await house.quiet()
  assert.deepEqual(
    endpoint.heard.map(({ replay }) => replay),
    [false, true],
  )

  const feed = await visit('GET', '/api/events?cell=sandbox')
  assert.deepEqual(
    dataOf(feed.body).map((event) => [event['type'], event['id']]),
    [['payments.settled', endpoint.heard[0]?.id]],
  )
  const after = await visit('GET', `/api/events?cell=sandbox&after=${String(feed.body['next'])}`)
  assert.deepEqual(after.body, { data: [], next: feed.body['next'] })

  const keys = await visit('GET', `/.well-known/webhooks/sandbox/${endpoint.id}`)
  assert.equal(
    z.array(z.object({ public: z.string() })).parse(keys.body['keys'])[0]?.public,
    endpoint.keys[0]?.key,
  )
  assert.doesNotMatch(JSON.stringify(keys.body), /sealed|whsk_/)
})

test('a receiver is certified by what it answers: who checks signatures and times is, who takes everything is not', async () => {
  const { visit, id } = await offices.partner()
  const stranger = await offices.partner()
  await until(() => couriers.hears('sandbox'))
  const Trial = z.object({
    right: z.boolean(),
    data: z.array(z.object({ trial: z.string(), right: z.boolean() })),
  })
  const at = (endpointId: string) => `/api/certification/receivers/${endpointId}/trial`
  const careful = await house.endpoint({ partnerId: id })
  const nowS = Math.floor(house.now().epochMilliseconds / 1_000)
  careful.behave((message) => ({
    status:
      isSignedBy(message, careful.keys[0]?.key ?? '') &&
      Math.abs(nowS - Number(message.timestamp)) < 300
        ? 204
        : 401,
  }))
  const credulous = await house.endpoint({ partnerId: id })

  const passed = Trial.parse((await visit('POST', at(careful.id))).body)
  assert.deepEqual([passed.right, passed.data.length], [true, 5])
  const fooled = Trial.parse((await visit('POST', at(credulous.id))).body)
  assert.deepEqual(
    fooled.data
      .filter((t) => !t.right)
      .map((t) => t.trial)
      .toSorted(),
    ['altered', 'foreign-key', 'stale'],
  )
  assert.equal((await stranger.visit('POST', at(careful.id))).status, 404)

  const receivers = await receiversOf(offices.db, PartnerId.parse(id), offices.context.world.now())
  assert.deepEqual(
    receivers.map((r) => r.trials.every((t) => t.right)),
    [true, false],
  )
})

test('another partner’s endpoint is as if it were not there', async () => {
  const { id } = await offices.partner()
  const stranger = await offices.partner()
  const endpoint = await house.endpoint({ partnerId: id })
  const at = `/api/webhooks/sandbox/endpoints/${endpoint.id}`
  const wish = {
    url: 'https://hooks.partner.example/',
    types: ['*'],
    ordered: false,
    schemes: ['v1a'],
    version: null,
  }
  for (const [method, path, body] of [
    ['GET', `${at}/keys`, undefined],
    ['GET', `${at}/deliveries`, undefined],
    ['GET', `${at}/deliveries/1/attempts`, undefined],
    ['PUT', at, wish],
    ['DELETE', at, undefined],
    ['POST', `${at}/challenge`, {}],
    ['POST', `${at}/disablement`, {}],
    ['POST', `${at}/keys`, { scheme: 'v1a' }],
    ['POST', `${at}/replays`, { what: 'failed', since: '2026-01-01T00:00:00Z' }],
    ['POST', `${at}/deliveries/1/omission`, {}],
  ] as const) {
    const answer = await stranger.visit(method, path, body)
    assert.deepEqual(
      [path, answer.status, answer.body['code']],
      [path, 404, 'webhooks/endpoint-not-found'],
    )
  }
  assert.deepEqual(
    dataOf((await stranger.visit('GET', '/api/webhooks/sandbox/endpoints')).body),
    [],
  )
})

test('an endpoint is made for an application of one’s own, at an address that is outside', async () => {
  const { visit } = await offices.partner()
  const wish = { types: ['*'], ordered: true, schemes: ['v1a', 'v1'], version: null }
  const foreign = await visit('POST', '/api/webhooks/sandbox/endpoints', {
    ...wish,
    applicationId: `application_${'0'.repeat(32)}`,
    url: 'https://hooks.partner.example/',
  })
  assert.deepEqual([foreign.status, foreign.body['code']], [404, 'partners/application-not-found'])
  const nonsense = await visit('POST', '/api/webhooks/sandbox/endpoints', {
    ...wish,
    types: ['customers.added'],
    applicationId: `application_${'0'.repeat(32)}`,
    url: 'https://hooks.partner.example/',
  })
  assert.equal(nonsense.status, 400)
})

test('where no courier holds the line there is nobody to ask, and that is said', async () => {
  const { visit } = await offices.partner()
  const answer = await visit('GET', '/api/webhooks/production/endpoints')
  assert.deepEqual([answer.status, answer.body['code']], [503, 'platform/peer-unavailable'])
})

test('what happened in control reaches the partner’s endpoints once, however often it is told', async () => {
  const { id } = await offices.partner()
  const endpoint = await house.endpoint({ partnerId: id })
  await work(offices.db, 'system', house.now(), async (w) => {
    await w.record('licences.granted', id, { statuses: ['aisp'] })
    await w.record('approvals.decided', 'change_1', { partnerId: id, secret: 'nobody’s' })
  })
  const told = await tellEvents(world, 'sandbox')
  // As after a start that forgot everything: the courier says where it is.
  assert.equal(await tellEvents(world, 'sandbox'), told)
  assert.equal(await tellEvents(world, 'sandbox', 0n), told)
  await house.quiet()
  assert.deepEqual(
    endpoint.heard.map(({ body }) => [body.type, body.data]),
    [['licences.granted', { subject: id, sequence: 1 }]],
  )
})

test('a suspended partner is sent nothing, and gets what it is owed when it is let in again', async () => {
  const { id } = await offices.partner()
  const endpoint = await house.endpoint({ partnerId: id })
  const stand = async (event: string) => {
    await work(offices.db, 'system', house.now(), (w) => w.record(event, id, {}))
    await tellEvents(world, 'sandbox')
  }
  await stand('partners.suspended')
  await house.happens('payments.settled', 'payment_3', { partnerId: id })
  await house.takenOver()
  house.sender.changed()
  // Somebody else’s, later, goes through: so the first was looked at, and left.
  const other = await house.endpoint({ partnerId: (await offices.partner()).id })
  await house.happens('payments.settled', 'payment_4', { partnerId: other.partnerId })
  await until(() => other.heard.length === 1)
  assert.equal(endpoint.heard.length, 0)
  assert.deepEqual(await house.statuses(endpoint.id), ['due'])

  await stand('partners.reinstated')
  await house.quiet()
  assert.deepEqual(
    endpoint.heard.map(({ body }) => body.data['subject']),
    ['payment_3'],
  )
})

test('an endpoint that fails is told of to people: on the page, and by one letter to each', async () => {
  const { visit, id, email } = await offices.partner()
  const endpoint = await house.endpoint({ partnerId: id })
  endpoint.behave(() => ({ status: 410 }))
  await house.happens('payments.settled', 'payment_2', { partnerId: id })
  await house.quiet()
  await hearNotices(world, 'sandbox')
  await hearNotices(world, 'sandbox')

  const letters: Letter[] = []
  let away = true
  const mail = {
    shown: false,
    send: async (letter: Letter) => {
      if (away) throw new Error('the server is away')
      letters.push(letter)
    },
  }
  await sendLetters({ ...world, mail })
  away = false
  await sendLetters({ ...world, mail })
  assert.deepEqual(letters, [])
  offices.pass({ minutes: 1 })
  await sendLetters({ ...world, mail })
  await sendLetters({ ...world, mail })
  assert.deepEqual(
    letters.filter(({ to }) => to === email).map(({ subject }) => subject),
    ['A webhook endpoint was disabled'],
  )
  const notices = dataOf((await visit('GET', '/api/notices')).body)
  assert.deepEqual(
    notices.map(({ kind, subject }) => [kind, subject]),
    [['endpoint-disabled', endpoint.id]],
  )
})

test('an announcement stands in the calendar until it is over, and is acknowledged by a person', async () => {
  const { visit, id } = await offices.partner()
  const sunset = {
    partnerId: id,
    kind: 'version-deprecated',
    subject: '2026-11-22',
    key: 'version 2026-11-22',
    title: 'Version 2026-11-22 ends; accounts, payments',
    body: `Move to the next version.\n${'Long words. '.repeat(20)}`,
    happensAt: Temporal.Instant.from('2027-12-01T00:00:00Z'),
    acknowledge: true,
  }
  const said = () =>
    work(offices.db, 'system', offices.context.world.now(), (w) => announce(w, sunset))
  assert.deepEqual([await said(), await said()], [true, false])

  const { body, headers } = await visit('GET', '/api/calendar.ics')
  const text = String(body['text'])
  assert.match(String(headers['content-type']), /^text\/calendar/)
  assert.match(text, /\r\nDTSTART:20271201T000000Z\r\n/)
  assert.match(text, /SUMMARY:Version 2026-11-22 ends\\; accounts\\, payments\r\n/)
  for (const one of text.split('\r\n')) assert.ok(Buffer.byteLength(one) <= 75, one)

  const [notice] = dataOf((await visit('GET', '/api/notices')).body)
  const read = await visit('POST', `/api/notices/${String(notice?.['id'])}/acknowledgement`, {})
  assert.equal(read.status, 200, JSON.stringify(read.body))
  assert.ok(read.body['acknowledgedAt'] !== null)
  const stranger = await offices.partner()
  const other = await stranger.visit(
    'POST',
    `/api/notices/${String(notice?.['id'])}/acknowledgement`,
    {},
  )
  assert.equal(other.status, 404)
})
