import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billedPartner } from '#test/billed-partner.ts'
import { openPublicationWorld } from '#test/publication.ts'
import { approvedByTwo } from '#test/two-people.ts'
import { type Actor, work, type Work } from '#journal/index.ts'
import { decideChange } from '#control/approvals/index.ts'
import {
  appliers as contractAppliers,
  contractPeriods,
  listContracts,
  proposeAmendment,
} from '#control/contracts/index.ts'
import { listFreezes } from '#control/licences/index.ts'
import { findPartner } from '#control/partners/index.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import { appliers, endWindDowns, proposeWindDown, stepsOf, takeStep, windDownOf } from './index.ts'

const { db, world, doing, register } = await openPublicationWorld()
await doing(seedStaff)
const [head] = (await listStaff(db)).filter((s) => s.roles.includes('head-of-platform'))
const [success] = (await listStaff(db)).filter((s) => s.roles.includes('partner-success'))
assert.ok(head && success)
const begin = world.now().round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
const day = (n: number) => begin.add({ hours: 24 * n })
const on = <T>(n: number, actor: Actor, body: (w: Work) => Promise<T>) =>
  work(db, actor, day(n), body)

test('a partner leaves by a plan of two people: frozen at once, told and exported by people, ended by itself', async () => {
  const partnerId = await register(['aisp'])
  const terms = { successor: 'Bek LLC', tellBy: day(10), exportBy: day(20), endsAt: day(30) }
  const change = await on(0, `staff:${success.id}`, (w) =>
    proposeWindDown(w, partnerId, terms, 'it sells the business'),
  )
  assert.equal(await windDownOf(db, partnerId), undefined)
  const decision = { id: change.id, hash: change.hash, decision: 'approve' as const, reason: '' }
  await on(0, `staff:${head.id}`, (w) =>
    decideChange(w, new Map(Object.entries(appliers)), decision),
  )

  assert.equal((await listFreezes(db, partnerId)).length, 1)
  await assert.rejects(
    on(1, `staff:${success.id}`, (w) => proposeWindDown(w, partnerId, terms, 'again')),
    { code: 'wind-downs/already' },
  )
  await assert.rejects(
    on(5, `staff:${success.id}`, (w) => takeStep(w, partnerId, 'exported')),
    { code: 'wind-downs/wrong-step' },
  )
  await on(5, `staff:${success.id}`, (w) => takeStep(w, partnerId, 'told'))
  const plan = await windDownOf(db, partnerId)
  assert.ok(plan)
  assert.deepEqual(
    stepsOf(plan, day(25)).map((s) => [s.step, s.doneAt !== null, s.late]),
    [
      ['frozen', true, false],
      ['told', true, false],
      ['exported', false, true],
      ['ended', false, false],
    ],
  )
  assert.equal(await on(29, 'system', endWindDowns), 0)
  assert.equal(await on(30, 'system', endWindDowns), 1)
  assert.equal(await on(31, 'system', endWindDowns), 0)
  assert.equal((await findPartner(db, partnerId))?.status, 'suspended')
})

test('with the end of its plan a partner’s contract ends, and what was open with it is withdrawn', async () => {
  const agreed = approvedByTwo(db, new Map(Object.entries({ ...appliers, ...contractAppliers })))
  const { partnerId, contract } = await billedPartner(db, agreed, { now: begin })
  const terms = { successor: null, tellBy: day(10), exportBy: day(20), endsAt: day(30) }
  await agreed(day(0), (w) => proposeWindDown(w, partnerId, terms, 'it closes'))
  await agreed(day(1), (w) =>
    proposeAmendment(w, contract.id, { tier: 'Silver', early: 'agreed' }, 'Namuna'),
  )

  await on(30, 'system', endWindDowns)

  assert.deepEqual(
    (await listContracts(db, { partnerId })).map((c) => [c.status, c.endsAt?.toString()]),
    [
      ['withdrawn', undefined],
      ['ended', day(30).toString()],
    ],
  )
  assert.equal((await contractPeriods(db, partnerId))[0]?.endsAt?.toString(), day(30).toString())
})

test('a plan whose steps are out of order or over is refused', async () => {
  const partnerId = await register(['aisp'])
  for (const [tell, hand, end] of [
    [20, 10, 30],
    [10, 30, 20],
    [-1, 10, 20],
  ] as const)
    await assert.rejects(
      on(0, `staff:${success.id}`, (w) =>
        proposeWindDown(
          w,
          partnerId,
          { successor: null, tellBy: day(tell), exportBy: day(hand), endsAt: day(end) },
          'why',
        ),
      ),
      { code: 'wind-downs/dates' },
    )
})
