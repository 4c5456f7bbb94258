/** The offices of rooms that answer for trouble and for the record: who may, who may not, and where what is sent is wrong. */
import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { type Answer, openTestOffices } from '#test/offices.ts'
import { uuidv7 } from '#kernel/id.ts'
import { work } from '#journal/index.ts'
import * as abuse from '#control/abuse/routes.ts'
import { appliers as abuseAppliers, lookForAbuse } from '#control/abuse/index.ts'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import * as certification from '#control/certification/routes.ts'
import * as impact from '#control/impact/routes.ts'
import * as incidents from '#control/incidents/routes.ts'
import { listFreezes } from '#control/licences/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { openMeter } from '#control/usage/index.ts'
import * as windDowns from '#control/wind-downs/routes.ts'
import { appliers as windDownAppliers } from '#control/wind-downs/index.ts'
import { newKey } from '#test/partner-keys.ts'
import { hearConsents, makeWaiting, Pack, readTar } from './index.ts'
import { makingOf, packRoutes } from './routes.ts'

/** What is said of consents, as the production cell's courier would: the first pages are full. */
const consented = Array.from({ length: 501 }, (_, n) => ({
  seq: String(n + 1),
  at: '2026-11-01T00:00:00Z',
  consentId: `consent_${String(n).padStart(32, '0')}`,
  move: n % 2 === 0 ? 'authorised' : 'revoked',
  by: 'customer',
  channel: 'page',
  applicationId: 'application_1',
  type: 'urn:bank:accounts:v1',
}))
const consents = hearConsents({
  hears: () => true,
  client: () => ({
    consents: async ({ before, limit }) => ({
      data: consented
        .filter(({ seq }) => BigInt(seq) < BigInt(before))
        .toReversed()
        .slice(0, limit),
    }),
  }),
})
let ordered = 0
const packs = packRoutes({
  consents,
  ordered: async () => {
    ordered++
  },
})

const offices = await openTestOffices(
  {
    portal: [
      partners.portalRoutes,
      incidents.portalRoutes,
      windDowns.portalRoutes,
      certification.portalRoutes,
      packs.portalRoutes,
    ],
    console: [
      staffRoutes,
      approvalRoutes,
      partners.consoleRoutes,
      incidents.consoleRoutes,
      abuse.consoleRoutes,
      windDowns.consoleRoutes,
      certification.consoleRoutes,
      packs.consoleRoutes,
      impact.consoleRoutes,
    ],
  },
  new Map([...Object.entries(abuseAppliers), ...Object.entries(windDownAppliers)]),
  { settings: { PORTICO_DATA: mkdtempSync(join(tmpdir(), 'portico-offices-')) } },
)
const { db, context } = offices
const now = context.world.now()
await seedControl(db, now, { documents: bankDocuments() })
const [head, compliance, success, auditor, finance] = await Promise.all(
  ['head', 'compliance', 'success', 'auditor', 'finance'].map((login) => offices.staff(login)),
)
assert.ok(head && compliance && success && auditor && finance)

const codeOf = ({ status, body }: Answer) => [status, body['code']]
const pointersOf = ({ body }: Answer) =>
  z
    .array(z.object({ pointer: z.string() }))
    .parse(body['errors'] ?? [])
    .map((e) => e.pointer)
const roleMissing = async (asked: Promise<Answer>) =>
  assert.equal((await asked).status, 403, 'a person without the role')
const Proposed = z.object({ change: z.object({ id: z.string(), hash: z.string() }) })

test('incidents: written by who runs the platform, read by whom they touch, wrong at the place that is named', async () => {
  const touched = await offices.partner()
  const other = await offices.partner()
  const incident = {
    title: 'Payments were slow',
    severity: 'significant',
    partnerIds: [touched.id],
    beganAt: now.subtract({ hours: 2 }).toString(),
  }
  await roleMissing(auditor('POST', '/api/incidents', incident))
  const wrong = await compliance('POST', '/api/incidents', { ...incident, severity: 'dire' })
  assert.deepEqual([wrong.status, pointersOf(wrong)], [400, ['/severity']])
  const future = { ...incident, beganAt: now.add({ hours: 1 }).toString() }
  assert.equal((await compliance('POST', '/api/incidents', future)).status, 422)
  const opened = await compliance('POST', '/api/incidents', incident)
  assert.equal(opened.status, 201, JSON.stringify(opened.body))

  const Listed = z.object({ data: z.array(z.looseObject({ title: z.string() })) })
  const mine = Listed.parse((await touched.visit('GET', '/api/incidents')).body).data
  assert.deepEqual(
    mine.map((i) => [i.title, 'partnerIds' in i, 'openedBy' in i]),
    [['Payments were slow', false, false]],
  )
  assert.deepEqual(Listed.parse((await other.visit('GET', '/api/incidents')).body).data, [])
})

test('wind-downs: proposed by who may, agreed by another, and the partner reads its plan', async () => {
  const { id, visit } = await offices.partner()
  const at = (days: number) => now.add({ hours: 24 * days }).toString()
  const plan = {
    successor: 'Bek LLC',
    tellBy: at(10),
    exportBy: at(20),
    endsAt: at(30),
    reason: 'it sells the business',
  }
  const path = `/api/partners/${id}/wind-down`
  await roleMissing(finance('POST', path, plan))
  const wrong = await success('POST', path, { ...plan, endsAt: 'soon' })
  assert.deepEqual([wrong.status, pointersOf(wrong)], [400, ['/endsAt']])
  const asked = await success('POST', path, plan)
  assert.equal(asked.status, 202, JSON.stringify(asked.body))
  const { change } = Proposed.parse(asked.body)
  const yes = { decision: 'approve', hash: change.hash }
  const decision = `/api/approvals/${change.id}/decision`
  assert.deepEqual(codeOf(await success('POST', decision, yes)), [403, 'approvals/own-change'])
  assert.equal((await head('POST', decision, yes)).status, 200)
  assert.equal((await visit('GET', '/api/wind-down')).status, 200)
})

test('certification is read by the partner itself and by the bank, product by product', async () => {
  const { id, visit } = await offices.partner()
  const Certified = z.object({ ready: z.boolean(), checks: z.array(z.looseObject({})) })
  const own = await visit('GET', '/api/certification?products=accounts')
  const { ready, checks } = Certified.parse(own.body)
  assert.equal(ready, false)
  assert.ok(checks.length > 0)
  const banks = await auditor('GET', `/api/partners/${id}/certification?products=accounts`)
  assert.deepEqual(Certified.parse(banks.body).checks, checks)
  const wrong = await auditor('GET', '/api/partners/nobody/certification?products=accounts')
  assert.equal(wrong.status, 400)
})

test('evidence packs: an auditor makes one, a partner its own; a period that is none is refused', async () => {
  const { id, visit } = await offices.partner()
  const period = (from: Temporal.Instant, to: Temporal.Instant) =>
    `from=${from.toString()}&to=${to.toString()}`
  const day = period(now.subtract({ hours: 24 }), now)
  const pack = await auditor('GET', `/api/partners/${id}/evidence-pack?${day}`)
  assert.equal(pack.status, 200, JSON.stringify(pack.body).slice(0, 300))
  assert.match(String(pack.headers['content-disposition']), /evidence-partner_.*\.tar/)
  assert.equal((await visit('GET', `/api/evidence-pack?${day}`)).status, 200)
  const back = period(now, now.subtract({ hours: 24 }))
  const none = await auditor('GET', `/api/partners/${id}/evidence-pack?${back}`)
  assert.deepEqual(codeOf(none), [422, 'evidence-packs/period'])
})

const making = {
  now: () => now,
  log: context.world.log,
  bank: { name: 'Namuna Bank', zone: 'Asia/Tashkent' },
  making: () => makingOf(context.world, { consents }),
}
const Listed = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      stepsDone: z.number(),
      endedAt: z.string().nullable(),
      fault: z.string().nullable(),
    }),
  ),
})
const stateOf = async (partnerId: string) =>
  Listed.parse((await auditor('GET', `/api/evidence-packs?partner=${partnerId}`)).body).data

test('of one partner three packs wait for one kind of reader, partners take turns, and what is held is left alone', async () => {
  const [many, one] = [await offices.partner(), await offices.partner()]
  const period = { from: now.subtract({ hours: 24 }).toString(), to: now.toString() }
  const order = ({ id }: { id: string }) =>
    auditor('POST', `/api/partners/${id}/evidence-packs`, period)
  for (let n = 0; n < 3; n++) assert.equal((await order(many)).status, 202)
  assert.deepEqual(codeOf(await order(many)), [429, 'evidence-packs/waiting'])
  assert.equal((await order(one)).status, 202)
  const held = (await stateOf(many.id))[0]?.id
  const until = now.add({ minutes: 9 })
  await db.run`update evidence_packs.pack set state = 'making', tries = 1, held_until = ${until} where id = ${held}`

  let ms = 0
  const ticking = { ...making, now: () => now.add({ milliseconds: ms++ }) }
  assert.equal(await makeWaiting(db, ticking), 3)

  const [being, second, first] = await stateOf(many.id)
  const [only] = await stateOf(one.id)
  assert.equal(being?.state, 'making', 'a long one is not taken from whoever makes it')
  const turns = [first, only, second].map((p) => p?.endedAt ?? '')
  assert.deepEqual(turns, turns.toSorted(), 'who asked once did not wait for all of another')
  // Another process took it meanwhile: what this one made is not told twice.
  const overtaken = {
    ...making,
    now: () => until,
    making: async () => {
      await db.run`update evidence_packs.pack set tries = tries + 1 where id = ${held}`
      return making.making()
    },
  }
  assert.equal(await makeWaiting(db, overtaken), 0)
  assert.equal((await stateOf(many.id))[0]?.state, 'making')
  const failing = { ...making, making: () => Promise.reject(new Error('no key')) }
  await makeWaiting(db, { ...failing, now: () => until.add({ minutes: 11 }) })
  const [failed] = await stateOf(many.id)
  assert.deepEqual([failed?.state, failed?.fault], ['failed', 'evidence-packs/given-up'])
})

test('a pack that was asked for is made apart from who asked, found again by them and by nobody else, and goes in time', async () => {
  const { id, visit } = await offices.partner()
  const stranger = await offices.partner()
  const period = { from: now.subtract({ hours: 24 }).toString(), to: now.toString() }
  await roleMissing(
    (await offices.staff('engineering'))('POST', `/api/partners/${id}/evidence-packs`, period),
  )
  const wrong = { from: period.to, to: period.from }
  const none = await auditor('POST', `/api/partners/${id}/evidence-packs`, wrong)
  assert.deepEqual(codeOf(none), [422, 'evidence-packs/period'])

  const before = ordered
  const asked = await auditor('POST', `/api/partners/${id}/evidence-packs`, period)
  const own = await visit('POST', '/api/evidence-packs', period)

  assert.deepEqual(
    [asked.status, asked.body['state'], asked.body['stepsDone']],
    [202, 'waiting', 0],
  )
  assert.deepEqual([own.status, ordered - before], [202, 2])
  const archive = `/api/evidence-packs/${String(asked.body['id'])}/archive`
  assert.deepEqual(codeOf(await auditor('GET', archive)), [409, 'evidence-packs/not-made'])
  // A process took one and died of it: whoever comes next takes it again.
  await db.run`update evidence_packs.pack set state = 'making', steps_done = 2, tries = 1
                where id = ${String(asked.body['id'])}`
  let tries = 0
  const maker = {
    ...making,
    making: async () => {
      if (++tries === 1) throw new Error('the key cannot be read now')
      return making.making()
    },
  }
  assert.equal(await makeWaiting(db, maker), 1, 'one failed, and the one behind it was made')
  const [first] = await stateOf(id)
  assert.deepEqual([first?.state, first?.fault], ['waiting', null], 'it may be well in a while')
  assert.equal(await makeWaiting(db, maker), 0, 'which this is not')
  assert.equal(await makeWaiting(db, { ...maker, now: () => now.add({ minutes: 5 }) }), 1)
  const [made, ...more] = await stateOf(id)
  assert.equal(more.length, 0)
  assert.deepEqual([made?.state, made?.stepsDone, made?.fault], ['made', 5, null])
  const had = await auditor('GET', archive)
  assert.equal(had.status, 200)
  assert.match(String(had.headers['content-disposition']), /evidence-partner_.*\.tar/)
  const ownArchive = `/api/evidence-packs/${String(own.body['id'])}/archive`
  assert.equal((await visit('GET', ownArchive)).status, 200)
  for (const path of [ownArchive, archive])
    assert.deepEqual(codeOf(await stranger.visit('GET', path)), [404, 'evidence-packs/not-found'])
  assert.equal(
    (await visit('GET', archive)).status,
    404,
    'what is the supervisor’s is not the partner’s',
  )
  const kept = await db.one(z.object({ content: z.instanceof(Uint8Array) }))`
    select content from evidence_packs.archive where pack_id = ${String(asked.body['id'])}
  `
  const files = new Map(readTar(Buffer.from(kept.content)).map((f) => [f.name, f.bytes]))
  const { sections } = Pack.parse(JSON.parse(String(files.get('pack.json'))))
  assert.deepEqual(
    sections['consentLines']?.rows.map((row) => row['seq']),
    consented.map(({ seq }) => seq),
  )

  const later = now.add({ hours: 31 * 24 })
  assert.equal(await makeWaiting(db, { ...maker, now: () => later }), 0)
  assert.deepEqual(codeOf(await auditor('GET', archive)), [410, 'evidence-packs/gone'])
})

test('abuse: calls that harvest are found, told with an action, and the action is taken when two people agree', async () => {
  const { id, visit } = await offices.partner()
  const partnerId = PartnerId.parse(id)
  const asked = await visit('POST', '/api/applications', {
    cell: 'sandbox',
    name: 'Sweeper',
    authentication: 'private_key_jwt',
    senderConstraint: 'dpop',
    jwks: { keys: [(await newKey()).jwk] },
    grantTypes: ['client_credentials'],
    products: ['accounts'],
  })
  const { application } = z.object({ application: z.object({ id: z.string() }) }).parse(asked.body)
  const call = (n: number) => ({
    callId: uuidv7(now.epochMilliseconds - 1_000),
    seq: n + 1,
    occurredAt: now.subtract({ seconds: 1 }).toString(),
    partnerId,
    applicationId: application.id,
    product: 'accounts',
    operation: 'getBalances',
    contractId: null,
    priceVersion: null,
    consentId: `consent_${String(n).padStart(32, '0')}`,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 3,
    upstreamMs: 2,
    epoch: 1,
  })
  const batch = { gateway: 'gateway_a', boot: uuidv7() }
  const records = Array.from({ length: 600 }, (_, n) => call(n))
  await work(db, 'system', now, (w) => openMeter().take(w, 'production', { ...batch, records }))

  await work(db, 'system', now, lookForAbuse)

  const Found = z.object({
    data: z.array(z.object({ partnerId: z.string(), kind: z.string(), changeId: z.string() })),
  })
  const listed = await auditor('GET', `/api/abuse-findings?partner=${id}`)
  const [finding] = Found.parse(listed.body).data
  assert.equal(finding?.kind, 'harvesting')
  const { hash } = z
    .object({ hash: z.string() })
    .parse((await head('GET', `/api/approvals/${finding.changeId}`)).body)
  const seen = await head('GET', `/api/approvals/${finding.changeId}/impact`)
  assert.deepEqual([seen.status, seen.body['hash'], seen.body['not']], [200, hash, null])
  assert.equal(
    (await listFreezes(db, partnerId)).length,
    0,
    'a look at what it would do does nothing',
  )
  const path = `/api/approvals/${finding.changeId}/decision`
  const yes = { decision: 'approve', hash }
  await roleMissing(auditor('POST', path, yes))
  // The house proposed it: two people of the bank have to stand behind it.
  assert.equal((await head('POST', path, yes)).body['status'], 'proposed')
  assert.equal((await compliance('POST', path, yes)).body['status'], 'applied')
  assert.equal((await listFreezes(db, partnerId)).length, 1)
})
