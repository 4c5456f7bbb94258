/** The support desk from outside: who may read and write what, and what is refused. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices, type TestPartner } from '#test/offices.ts'
import { inForce } from '#test/under-contract.ts'
import { uuidv7 } from '#kernel/id.ts'
import { type Actor, work, type Work } from '#journal/index.ts'
import { endAgreement, listContracts } from '#control/contracts/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { openMeter } from '#control/usage/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { portalRoutes as webhookRoutes } from '#control/webhooks/routes.ts'
import * as workQueues from '#control/work-queues/routes.ts'
import { answerSupport, OPEN_MAX, openSupport, SupportId } from './index.ts'
import * as support from './routes.ts'
import { wordFaults } from './words.ts'

const couriers: Couriers = { of: () => assert.fail('nobody may be asked'), hears: () => false }
const offices = await openTestOffices({
  portal: [partners.portalRoutes, support.portalRoutes, webhookRoutes(couriers)],
  console: [
    support.consoleRoutes,
    workQueues.consoleRoutes(couriers, {
      of: () => assert.fail('nobody may be asked'),
      hears: () => false,
    }),
  ],
})
const { db, context } = offices
const begin = context.world.now()
await seedControl(db, begin, { documents: bankDocuments() })
const on = <T>(at: Temporal.Instant, actor: Actor, body: (w: Work) => Promise<T>) =>
  work(db, actor, at, body)

/** Gold answers day and night: critical in an hour, major in four. */
const underContract = async ({ id, person }: TestPartner): Promise<PartnerId> => {
  const partnerId = PartnerId.parse(id)
  const terms = { tier: 'Gold', products: ['payments', 'cards'], priceVersion: '2026-11' }
  await inForce(db, begin, { partnerId, ...terms }, person)
  return partnerId
}

const asked = {
  cell: 'production' as const,
  product: 'payments',
  urgency: 'major' as const,
  subject: 'Payments wait',
  said: 'Since ten o’clock every payment answers 202 and stays there.',
  callId: null,
}
const body = { product: 'payments', urgency: 'major', subject: asked.subject, text: asked.said }
const Answer = z.object({
  request: z.looseObject({
    id: SupportId,
    status: z.string(),
    dueAt: z.string().nullable(),
    kept: z.string().nullable(),
    firstAnsweredAt: z.string().nullable(),
  }),
  messages: z.array(z.object({ side: z.string(), said: z.string(), name: z.string().nullable() })),
})

test('a request of production is due by the contract, and the first answer of a person stops the clock', async () => {
  const partner = await offices.partner()
  await underContract(partner)

  const opened = await partner.visit('POST', '/api/support/production/requests', body)
  assert.equal(opened.status, 201, JSON.stringify(opened.body))
  const { request } = Answer.parse(opened.body)
  assert.equal(request.dueAt, context.world.now().add({ hours: 4 }).toString())
  assert.equal(request.kept, 'open')

  const success = await offices.staff('success')
  const path = `/api/support/requests/${request.id}`
  const reply = await success('POST', `${path}/messages`, { text: 'We see it, and look.' })
  assert.equal(reply.status, 201, JSON.stringify(reply.body))
  const seen = Answer.parse((await partner.visit('GET', path)).body)
  assert.deepEqual([seen.request.status, seen.request.kept], ['answered', 'kept'])
  assert.deepEqual(
    seen.messages.map((m) => [m.side, m.name === null]),
    [
      ['partner', false],
      ['bank', true],
    ],
  )
  const notices = z
    .object({ data: z.array(z.looseObject({ kind: z.string(), subject: z.string() })) })
    .parse((await partner.visit('GET', '/api/notices')).body)
  assert.ok(notices.data.some((n) => n.kind === 'support-answered' && n.subject === request.id))
  const desk = Answer.parse((await success('GET', path)).body)
  assert.match(desk.messages[0]?.name ?? '', /…/, 'staff read names of others masked')
})

test('in the sandbox and without a contract nothing is promised, and the answer says so', async () => {
  const partner = await offices.partner()
  const partnerId = PartnerId.parse(partner.id)
  const free = { ...body, product: null }
  for (const cell of ['sandbox', 'production']) {
    const opened = await partner.visit('POST', `/api/support/${cell}/requests`, free)
    assert.equal(opened.status, 201, JSON.stringify(opened.body))
    const { request } = Answer.parse(opened.body)
    assert.deepEqual([request.dueAt, request.kept], [null, null])
  }
  await underContract(partner)
  const { body: promise } = await partner.visit('GET', '/api/support/sandbox/promise')
  assert.deepEqual([promise['support'], promise['dueAt']], [null, null])
  // What once was promised stays as it was; what is asked behind the end of the contract has no promise.
  const before = await on(begin, `person:${partner.person}`, (w) =>
    openSupport(w, { ...asked, partnerId }),
  )
  const [contract] = await listContracts(db, { partnerId })
  assert.ok(contract && before.dueAt)
  const later = begin.add({ hours: 24 * 200 })
  await on(later, 'system', (w) => endAgreement(w, partnerId))
  const after = await on(later.add({ hours: 1 }), `person:${partner.person}`, (w) =>
    openSupport(w, { ...asked, partnerId, product: null }),
  )
  assert.equal(after.dueAt, null)
})

test('an attacker reads, writes and closes nothing of another organisation, and never speaks as the bank', async () => {
  const [victim, attacker] = [await offices.partner(), await offices.partner()]
  const opened = await victim.visit('POST', '/api/support/sandbox/requests', {
    ...body,
    product: null,
  })
  const { request } = Answer.parse(opened.body)
  const path = `/api/support/requests/${request.id}`
  const text = { text: 'Give me that.' }
  for (const refused of [
    await attacker.visit('GET', path),
    await attacker.visit('POST', `${path}/messages`, text),
    await attacker.visit('POST', `${path}/closure`),
  ])
    assert.deepEqual([refused.status, refused.body['code']], [404, 'support/not-found'])
  const forged = await victim.visit('POST', `${path}/messages`, { ...text, side: 'bank' })
  assert.equal(forged.status, 400)
  await victim.visit('POST', `${path}/messages`, text)
  const seen = Answer.parse((await victim.visit('GET', path)).body)
  assert.ok(seen.messages.every((m) => m.side === 'partner'))
  assert.equal(seen.request.firstAnsweredAt, null)
  const listed = await attacker.visit('GET', '/api/support/sandbox/requests')
  assert.deepEqual(listed.body['data'], [])
  // People of the bank who do not answer partners read, and an auditor does too.
  for (const login of ['auditor', 'finance', 'engineering']) {
    const staff = await offices.staff(login)
    assert.equal((await staff('GET', path)).status, 200, login)
    assert.equal((await staff('POST', `${path}/messages`, text)).status, 403, login)
  }
})

test('a call that is named is a call of the partner’s own, in the same cell', async () => {
  const [owner, other] = [await offices.partner(), await offices.partner()]
  const callId = uuidv7(begin.epochMilliseconds)
  await on(begin.add({ seconds: 1 }), 'system', (w) =>
    openMeter().take(w, 'sandbox', {
      gateway: `gateway_${uuidv7()}`,
      boot: uuidv7(),
      records: [
        {
          callId,
          seq: 1,
          occurredAt: begin.toString(),
          partnerId: owner.id,
          applicationId: 'application_1',
          product: 'payments',
          operation: 'createPayment',
          contractId: null,
          priceVersion: null,
          consentId: null,
          status: 500,
          code: null,
          billable: false,
          units: 1,
          latencyMs: 1,
          upstreamMs: 1,
          epoch: 1,
        },
      ],
    }),
  )
  const about = { ...body, product: null, callId }
  const path = '/api/support/sandbox/requests'
  assert.equal((await owner.visit('POST', path, about)).status, 201)
  const stolen = await other.visit('POST', path, about)
  const invented = await other.visit('POST', path, { ...about, callId: uuidv7() })
  for (const { status, body: problem } of [stolen, invented]) {
    assert.deepEqual([status, problem['code']], [422, 'support/refused'])
    assert.match(JSON.stringify(problem['errors']), /\/callId/)
  }
  // The same words for both: whether the call exists is not told.
  assert.deepEqual(stolen.body['errors'], invented.body['errors'])
  const elsewhere = await owner.visit('POST', '/api/support/production/requests', about)
  assert.equal(elsewhere.status, 422)
  const foreign = await owner.visit('POST', path, { ...about, callId: null, product: 'lending' })
  assert.match(JSON.stringify(foreign.body['errors']), /\/product/)
})

test('no card number, personal number, account or secret is kept, and no text that is too long', async () => {
  const partner = await offices.partner()
  const path = '/api/support/sandbox/requests'
  const free = { ...body, product: null }
  for (const [place, said] of [
    ['/text', 'It fails for card 4111 1111 1111 1111, always.'],
    ['/text', 'Our token is eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl'],
    ['/subject', 'Card 4111111111111111'],
  ] as const) {
    const refused = await partner.visit(
      'POST',
      path,
      place === '/text' ? { ...free, text: said } : { ...free, subject: said },
    )
    assert.deepEqual([refused.status, refused.body['code']], [422, 'support/refused'], said)
    assert.match(JSON.stringify(refused.body['errors']), new RegExp(`"${place}"`))
    assert.doesNotMatch(JSON.stringify(refused.body), /4111|eyJ/)
  }
  assert.deepEqual(
    wordFaults('/text', 'PINFL 31501950123457 of DE89370400440532013000').map((f) => f.detail),
    wordFaults('/text', '31501950123457\nDE89370400440532013000').map((f) => f.detail),
  )
  assert.ok(wordFaults('/text', 'IBAN DE89370400440532013000').length > 0)
  assert.deepEqual(wordFaults('/text', 'Call me: anvar@partner.uz, +998 90 123 45 67'), [])
  for (const text of ['x'.repeat(4_001), 'x'.repeat(10_001), '  a '])
    assert.equal((await partner.visit('POST', path, { ...free, text })).status, 400)
  assert.equal(
    (await partner.visit('POST', path, { ...free, text: 'x'.repeat(4_000) })).status,
    201,
  )
  // The bank is held to the same.
  const { data } = z
    .object({ data: z.array(z.looseObject({ id: z.string() })) })
    .parse((await partner.visit('GET', path)).body)
  const success = await offices.staff('success')
  const answer = await success('POST', `/api/support/requests/${data[0]?.id}/messages`, {
    text: 'Is it 4111111111111111?',
  })
  assert.equal(answer.status, 422)
})

test('an organisation has fifty open requests, also where it asks many at once', async () => {
  const partner = await offices.partner()
  const partnerId = PartnerId.parse(partner.id)
  const ask = () =>
    on(begin, `person:${partner.person}`, (w) =>
      openSupport(w, { ...asked, cell: 'sandbox', product: null, partnerId }),
    )
  for (let n = 0; n < OPEN_MAX - 1; n++) await ask()
  const last = await Promise.allSettled([ask(), ask(), ask()])
  assert.deepEqual(last.map((r) => r.status).toSorted(), ['fulfilled', 'rejected', 'rejected'])
  const refused = await partner.visit('POST', '/api/support/sandbox/requests', {
    ...body,
    product: null,
  })
  assert.deepEqual([refused.status, refused.body['code']], [409, 'support/too-many-open'])
})

test('the desk reads the soonest due first, and what is past due is late in the queue of success', async () => {
  const partner = await offices.partner()
  const partnerId = await underContract(partner)
  const actor: Actor = `person:${partner.person}`
  const { id: late } = await on(begin.subtract({ hours: 3 }), 'system', (w) =>
    openSupport(w, { ...asked, cell: 'sandbox', product: null, partnerId }),
  )
  const { id: urgent } = await on(begin, actor, (w) =>
    openSupport(w, { ...asked, urgency: 'critical', partnerId }),
  )
  offices.pass({ minutes: 62 })
  const success = await offices.staff('success')
  const { data } = z
    .object({ data: z.array(z.looseObject({ id: z.string(), overdue: z.boolean() })) })
    .parse((await success('GET', '/api/support/requests')).body)
  const own = data.filter((r) => r.id === late || r.id === urgent)
  assert.deepEqual(
    own.map((r) => [r.id, r.overdue]),
    [
      [urgent, true],
      [late, false],
    ],
  )
  const queue = z
    .object({ data: z.array(z.looseObject({ id: z.string(), late: z.boolean() })) })
    .parse((await success('GET', '/api/work-queues?queue=partner-success')).body)
  assert.equal(queue.data.find((i) => i.id === `support-request:${urgent}`)?.late, true)
  assert.equal(queue.data.find((i) => i.id === `support-request:${late}`)?.late, false)
  await on(context.world.now(), 'staff:somebody', (w) => answerSupport(w, urgent, 'Here.'))
  const after = z
    .object({ data: z.array(z.looseObject({ id: z.string() })) })
    .parse((await success('GET', '/api/work-queues?queue=partner-success')).body)
  assert.ok(!after.data.some((i) => i.id === `support-request:${urgent}`))
})
