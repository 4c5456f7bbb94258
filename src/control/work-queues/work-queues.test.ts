import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPublicationWorld } from '#test/publication.ts'
import { type Actor, readEntries, work, type Work } from '#journal/index.ts'
import { decideChange } from '#control/approvals/index.ts'
import { answerRequest, fileRequest } from '#control/advisory/index.ts'
import { endIncident, openIncident } from '#control/incidents/index.ts'
import {
  applyForLicence,
  askRecertification,
  appliers as licenceAppliers,
  proposeGrant,
} from '#control/licences/index.ts'
import { listStaff, seedStaff, type StaffRole } from '#control/staff/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import { markings as listMarkings } from './store.ts'
import {
  type AskedBanks,
  claimItem,
  countWork,
  findFact,
  handOver,
  itemOf,
  listWork,
  mayDo,
  openDesk,
  service,
  snoozeItem,
  WorkKind,
} from './index.ts'

const { db, world, doing, register } = await openPublicationWorld()
await doing(seedStaff)
const everybody = await listStaff(db)
const staff = (role: StaffRole, nth = 0) => {
  const found = everybody.filter((s) => s.roles.includes(role))[nth]
  assert.ok(found)
  return found
}
const begin = world.now().round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
const hour = (n: number) => begin.add({ hours: n })
const on = <T>(n: number, who: { id: string } | 'system', body: (w: Work) => Promise<T>) => {
  const actor: Actor = who === 'system' ? who : `staff:${who.id}`
  return work(db, actor, hour(n), body)
}
/** No courier can be asked here. */
const couriers: Couriers = {
  of: () => assert.fail('nobody may be asked'),
  hears: () => false,
}
const banks: AskedBanks = { of: () => assert.fail('nobody may be asked'), hears: () => false }
const at = (n: number) => ({ db, couriers, banks, now: hour(n), zone: 'Asia/Tashkent' })
const listed = async (n: number, item: string) =>
  (await listWork(openDesk(), at(n))).find((i) => itemOf(i) === item)
const incident = (n: number) =>
  on(n, staff('api-engineering'), (w) =>
    openIncident(w, {
      title: 'Cards answer slowly',
      severity: 'major',
      cell: 'production',
      partnerIds: [],
      beganAt: hour(n),
    }),
  )

test('an item is there as long as its fact is so, and nobody closes it', async () => {
  const { id } = await incident(0)
  const item = await listed(1, `incident:${id}`)
  assert.deepEqual(
    [item?.queues, item?.late, item?.dueAt.toString()],
    [['api-engineering'], false, hour(4).toString()],
  )
  assert.equal((await listed(5, `incident:${id}`))?.late, true)

  await on(5, staff('api-engineering'), (w) =>
    endIncident(w, id, { endedAt: hour(5), said: 'The core is back' }),
  )

  assert.equal(await listed(6, `incident:${id}`), undefined)
  await assert.rejects(findFact(openDesk(), at(6), `incident:${id}`), {
    code: 'work-queues/not-found',
  })
})

test('a change waits for its roles, but not for who proposed it', async () => {
  const partnerId = await register(['aisp'])
  await on(0, 'system', (w) => applyForLicence(w, partnerId, ['aisp']))
  const applied = (await listWork(openDesk(), at(1))).find(
    (i) => i.kind === 'licence-application' && i.partnerId === partnerId,
  )
  assert.deepEqual(applied?.queues, ['compliance'])
  const [one, other] = [staff('compliance'), staff('compliance', 1)]
  const change = await on(1, one, (w) =>
    proposeGrant(w, partnerId, ['aisp'], 'it is on the register'),
  )

  const item = await listed(2, `approval:${change.id}`)

  assert.ok(item)
  assert.equal(item.partnerId, partnerId)
  assert.deepEqual([mayDo(item, one), mayDo(item, other)], [false, true])
  assert.equal(mayDo(item, staff('finance')), false)
  const decision = { id: change.id, hash: change.hash, decision: 'approve' as const, reason: '' }
  await on(3, other, (w) => decideChange(w, new Map(Object.entries(licenceAppliers)), decision))
  const left = (await listWork(openDesk(), at(4))).filter(
    (i) => i.partnerId === partnerId && ['approval', 'licence-application'].includes(i.kind),
  )
  assert.deepEqual(left, [])

  const dueAt = hour(20 * 24)
  const again = await on(4, one, (w) =>
    askRecertification(w, { partnerId, occasion: 'complaints_rose', dueAt, reason: 'twelve' }),
  )
  const asked = await listed(5, `recertification:${again.id}`)
  assert.deepEqual([asked?.queues, asked?.about], [['compliance'], 'complaints_rose'])
  assert.equal(asked?.dueAt.toString(), dueAt.toString())
})

test('who takes an item has it; it is handed over with a reason, to people of its teams only', async () => {
  const { id } = await incident(0)
  const desk = openDesk()
  const found = await findFact(desk, at(1), `incident:${id}`)
  const [engineer, head] = [staff('api-engineering'), staff('head-of-platform')]
  await assert.rejects(
    on(1, staff('finance'), (w) => claimItem(w, found)),
    { code: 'work-queues/not-yours' },
  )
  await assert.rejects(
    on(1, staff('auditor'), (w) => claimItem(w, found)),
    { code: 'work-queues/not-yours' },
  )

  await on(1, engineer, (w) => claimItem(w, found))

  assert.equal((await listed(2, `incident:${id}`))?.owner, engineer.id)
  await assert.rejects(
    on(2, head, (w) => claimItem(w, found)),
    { code: 'work-queues/claimed' },
  )
  await assert.rejects(
    on(2, engineer, (w) => handOver(w, found, { to: staff('finance').id, reason: 'no time' })),
    { code: 'work-queues/not-yours' },
  )
  await on(2, engineer, (w) => handOver(w, found, { to: head.id, reason: 'going home' }))
  assert.equal((await listed(3, `incident:${id}`))?.owner, head.id)
  await on(3, head, (w) => handOver(w, found, { to: null, reason: 'for whoever is here' }))
  assert.equal((await listed(3, `incident:${id}`))?.owner, null)
  const told = (await readEntries(db, 0n, 10_000)).filter((e) => e.subject === `incident:${id}`)
  assert.deepEqual(
    told.map((e) => e.event),
    ['work-queues.claimed', 'work-queues.handed-over', 'work-queues.handed-over'],
  )
})

test('what is put aside comes back by its due time, and not for ever', async () => {
  const { id } = await incident(0)
  const found = await findFact(openDesk(), at(1), `incident:${id}`)
  const engineer = staff('api-engineering')
  const reason = 'the vendor answers tomorrow'
  await assert.rejects(
    on(1, engineer, (w) => snoozeItem(w, found, { until: hour(24 * 15), reason })),
    { code: 'work-queues/snooze-too-long' },
  )
  await assert.rejects(
    on(1, engineer, (w) => snoozeItem(w, found, { until: hour(1), reason })),
    { code: 'work-queues/snooze-too-long' },
  )

  await on(1, engineer, (w) => snoozeItem(w, found, { until: hour(3), reason }))

  const asleep = await listed(2, `incident:${id}`)
  assert.deepEqual([asleep?.snoozedUntil?.toString(), asleep?.reason], [hour(3).toString(), reason])
  assert.equal((await listed(3, `incident:${id}`))?.snoozedUntil, null)
  await on(3, engineer, (w) => snoozeItem(w, found, { until: hour(48), reason }))
  assert.equal((await listed(5, `incident:${id}`))?.snoozedUntil, null)
})

test('a queue counts what is open, late, unclaimed and asleep, and since when the oldest waits', async () => {
  const finance = countWork([]).find((q) => q.queue === 'finance')
  assert.deepEqual(finance, {
    queue: 'finance',
    open: 0,
    late: 0,
    unclaimed: 0,
    snoozed: 0,
    oldestSince: null,
  })
  const items = (await listWork(openDesk(), at(5))).filter((i) => i.kind === 'incident')
  const [first] = items
  assert.ok(first && items.length > 1)
  const counted = countWork(items).find((q) => q.queue === 'api-engineering')
  assert.equal(counted?.open, items.length)
  assert.equal(counted?.late, items.length)
  assert.equal(counted?.oldestSince?.toString(), first.since.toString())
})

test('a request of partners is work from the day that voting closes until it is answered', async () => {
  const partnerId = await register(['aisp'])
  const { id } = await on(0, 'system', (w) =>
    fileRequest(w, partnerId, { title: 'Statements', body: 'As camt.053' }),
  )
  assert.equal(await listed(24 * 29, `advisory-request:${id}`), undefined)
  const waiting = await listed(24 * 31, `advisory-request:${id}`)
  assert.deepEqual(waiting?.queues, ['api-product'])

  await on(24 * 31, staff('api-product'), (w) =>
    answerRequest(w, id, { status: 'declined', answer: 'Not this year' }),
  )

  assert.equal(await listed(24 * 32, `advisory-request:${id}`), undefined)
})

test('a partner that never called is looked after, by the minute that was remembered', async () => {
  const partnerId = await register(['aisp'])
  const desk = openDesk()
  const missing = async (n: number) =>
    (await desk.facts(at(n), ['first-call-missing'])).some((f) => f.subject === partnerId)
  assert.equal(await missing(1), false)
  assert.equal(await missing(49), true)
})

test('every kind of work has a team, or says itself whose it is, and a time', () => {
  const owned = new Set(['approval', 'abuse-finding', 'advisory-action'])
  for (const kind of WorkKind.options)
    assert.equal(service[kind].queues.length === 0, owned.has(kind), kind)
})

test('an old claim is not about a fact that began anew', async () => {
  const { id } = await incident(10)
  const engineer = staff('api-engineering')
  const found = await findFact(openDesk(), at(11), `incident:${id}`)
  await on(11, engineer, (w) => claimItem(w, found))
  assert.ok((await listMarkings(db)).has(`incident:${id}`))

  const again = { ...found, since: hour(12) }

  const item = (await listWork({ facts: async () => [again] }, at(13)))[0]
  assert.equal(item?.owner, null)
})
