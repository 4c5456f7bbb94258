/** The offices of the operating model: who may, who may not, and what partners see of each other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { openTestOffices } from '#test/offices.ts'
import * as advisory from '#control/advisory/routes.ts'
import { appliers as advisoryAppliers } from '#control/advisory/index.ts'
import { consoleRoutes as approvalRoutes } from '#control/approvals/routes.ts'
import * as incidents from '#control/incidents/routes.ts'
import * as health from '#control/partner-health/routes.ts'
import * as partners from '#control/partners/routes.ts'
import { seedControl } from '#control/seed.ts'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import * as workQueues from './routes.ts'

const couriers: Couriers = { of: () => assert.fail('nobody may be asked'), hears: () => false }
const offices = await openTestOffices(
  {
    portal: [partners.portalRoutes, advisory.portalRoutes],
    console: [
      staffRoutes,
      approvalRoutes,
      partners.consoleRoutes,
      incidents.consoleRoutes,
      advisory.consoleRoutes,
      health.consoleRoutes(couriers),
      workQueues.consoleRoutes(couriers, {
        of: () => assert.fail('nobody may be asked'),
        hears: () => false,
      }),
    ],
  },
  new Map(Object.entries(advisoryAppliers)),
)
const { db, context } = offices
const now = context.world.now()
await seedControl(db, now, { documents: bankDocuments() })
const [head, engineering, success, product, auditor] = await Promise.all(
  ['head', 'engineering', 'success', 'product', 'auditor'].map((login) => offices.staff(login)),
)
assert.ok(head && engineering && success && product && auditor)

const Work = z.object({
  data: z.array(z.looseObject({ id: z.string(), kind: z.string(), mine: z.boolean() })),
  queues: z.array(z.looseObject({ queue: z.string(), open: z.number() })),
  unasked: z.array(z.string()),
})

test('work is read by everybody of the bank, taken by its team, and says what could not be asked', async () => {
  const opened = await engineering('POST', '/api/incidents', {
    title: 'Cards are slow',
    severity: 'major',
    beganAt: now.subtract({ hours: 1 }).toString(),
  })
  const { incident } = z.object({ incident: z.object({ id: z.string() }) }).parse(opened.body)
  const item = `/api/work-queues/items/incident:${incident.id}`

  const read = Work.parse((await auditor('GET', '/api/work-queues?queue=api-engineering')).body)
  const own = Work.parse((await engineering('GET', '/api/work-queues')).body)

  assert.deepEqual(
    read.data.map((i) => [i.kind, i.mine]),
    [['incident', false]],
  )
  assert.equal(own.data.find((i) => i.kind === 'incident')?.mine, true)
  assert.equal(own.queues.find((q) => q.queue === 'api-engineering')?.open, 1)
  assert.deepEqual(own.unasked, ['sandbox', 'production'])
  assert.equal((await auditor('POST', `${item}/claim`, {})).status, 403)
  assert.equal((await product('POST', `${item}/claim`, {})).status, 403)
  assert.equal((await engineering('POST', `${item}/claim`, {})).status, 200)
  const gone = await engineering('POST', '/api/work-queues/items/incident:nothing/claim', {})
  assert.deepEqual([gone.status, gone.body['code']], [404, 'work-queues/not-found'])
  const nameless = await engineering('POST', `${item}/snooze`, { until: 'tomorrow', reason: 'x' })
  assert.equal(nameless.status, 400)
  const taken = Work.parse((await engineering('GET', '/api/work-queues?owner=me')).body)
  assert.equal(taken.data.length, 1)
})

test('health is the bank’s to read, and tells each part', async () => {
  const { id } = await offices.partner()
  const { status, body } = await success('GET', `/api/partners/${id}/health`)
  assert.equal(status, 200, JSON.stringify(body))
  const parts = z.array(z.object({ part: z.string(), weight: z.number() })).parse(body['parts'])
  assert.equal(
    parts.reduce((sum, p) => sum + p.weight, 0),
    100,
  )
  const unknown = await success('GET', `/api/partners/partner_${'0'.repeat(32)}/health`)
  assert.equal(unknown.status, 404)
})

test('a partner without a seat reads requests without names, and no meeting', async () => {
  const [member, outsider] = [await offices.partner(), await offices.partner()]
  const asked = { title: 'Statements', body: 'As camt.053, daily.' }
  assert.equal((await member.visit('POST', '/api/advisory/requests', asked)).status, 201)
  const { people } = z
    .object({ people: z.array(z.object({ id: z.string() })) })
    .parse((await success('GET', `/api/partners/${member.id}`)).body)
  const seat = { personId: people[0]?.id }
  assert.equal((await auditor('POST', '/api/advisory/members', seat)).status, 403)
  const seated = await success('POST', '/api/advisory/members', seat)
  assert.equal(seated.status, 201, JSON.stringify(seated.body))
  const { data } = z
    .object({ data: z.array(z.object({ id: z.string(), roles: z.array(z.string()) })) })
    .parse((await success('GET', '/api/staff')).body)
  const chair = data.find((s) => s.roles.includes('partner-success'))?.id
  const planned = await success('POST', '/api/advisory/meetings', {
    quarter: '2026-Q4',
    heldOn: '2026-12-15',
    chair,
  })
  assert.equal(planned.status, 201, JSON.stringify(planned.body))
  const { meeting } = z.object({ meeting: z.object({ id: z.string() }) }).parse(planned.body)
  const path = `/api/advisory/meetings/${meeting.id}`
  assert.equal((await success('POST', `${path}/pack`, {})).status, 200)

  const Requests = z.object({
    data: z.array(
      z.looseObject({ id: z.string(), organisation: z.string().nullable(), own: z.boolean() }),
    ),
  })
  const seen = async (visit: typeof member.visit) =>
    Requests.parse((await visit('GET', '/api/advisory/requests')).body).data[0]
  assert.equal((await seen(outsider.visit))?.organisation, null)
  assert.equal((await seen(member.visit))?.own, true)
  assert.equal((await member.visit('GET', path)).status, 200)
  for (const closed of [path, `${path}/pack.json`, `${path}/pack.pdf`]) {
    const refused = await outsider.visit('GET', closed)
    assert.deepEqual([refused.status, refused.body['code']], [403, 'advisory/not-on-board'], closed)
  }
  const { body } = await outsider.visit('GET', '/api/advisory')
  assert.deepEqual(body, { member: false, members: [], meetings: [] })

  const request = await seen(outsider.visit)
  const voted = await outsider.visit('POST', `/api/advisory/requests/${request?.id}/vote`, {
    choice: 'for',
  })
  assert.equal(voted.status, 200, JSON.stringify(voted.body))
  const wrong = await outsider.visit('POST', `/api/advisory/requests/${request?.id}/vote`, {
    choice: 'perhaps',
  })
  assert.equal(wrong.status, 400)
  const answer = { status: 'accepted', answer: 'From March' }
  const answered = `/api/advisory/requests/${request?.id}/answer`
  assert.equal((await success('POST', answered, answer)).status, 403)
  assert.equal((await product('POST', answered, answer)).status, 200)
})
