import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openPublicationWorld } from '#test/publication.ts'
import { type Actor, work, type Work } from '#journal/index.ts'
import { decideChange } from '#control/approvals/index.ts'
import { listPeople, type PartnerId } from '#control/partners/index.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import { openIncident } from '#control/incidents/index.ts'
import { asMember, wholeMeeting } from './views.ts'
import {
  addAction,
  answerRequest,
  appliers,
  daysOf,
  endSeat,
  fileRequest,
  finishAction,
  gatherPack,
  holdMeeting,
  layPack,
  listActions,
  listMembers,
  listRequests,
  Pack,
  packPdf,
  packText,
  planMeeting,
  proposeMinutes,
  quarterOf,
  seatMember,
  takeDecision,
  vote,
  withdrawRequest,
  writeMinutes,
} from './index.ts'

const { db, world, doing, register } = await openPublicationWorld()
await doing(seedStaff)
const staff = await listStaff(db)
const [head] = staff.filter((s) => s.roles.includes('head-of-platform'))
const [success] = staff.filter((s) => s.roles.includes('partner-success'))
assert.ok(head && success)
const begin = world.now().round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
const day = (n: number) => begin.add({ hours: 24 * n })
const on = <T>(n: number, body: (w: Work) => Promise<T>, actor: Actor = `staff:${success.id}`) =>
  work(db, actor, day(n), body)

const personOf = async (partnerId: PartnerId) => {
  const [person] = await listPeople(db, partnerId)
  assert.ok(person)
  return person.id
}

test('a partner has one vote, which may change until voting closes and not after', async () => {
  const [anor, bozor] = [await register(['aisp']), await register(['aisp'])]
  const { id } = await on(0, (w) =>
    fileRequest(w, anor, { title: 'Statements as camt.053', body: 'For all accounts, daily.' }),
  )

  await on(1, (w) => vote(w, { id, partnerId: bozor, choice: 'against' }))
  const changed = await on(2, (w) => vote(w, { id, partnerId: bozor, choice: 'for' }))

  assert.deepEqual([changed.votesFor, changed.votesAgainst], [2, 0])
  await assert.rejects(
    on(31, (w) => vote(w, { id, partnerId: bozor, choice: 'against' })),
    { code: 'advisory/voting-closed' },
  )
})

test('a request is withdrawn by its own partner only, and takes no vote once it is answered', async () => {
  const [anor, bozor] = [await register(['aisp']), await register(['aisp'])]
  const asked = { title: 'Cheaper probes', body: 'A health check should cost nothing.' }
  const { id } = await on(0, (w) => fileRequest(w, anor, asked))
  await assert.rejects(
    on(1, (w) => withdrawRequest(w, { id, partnerId: bozor })),
    { code: 'advisory/request-not-found' },
  )

  await on(2, (w) => answerRequest(w, id, { status: 'accepted', answer: 'From March.' }))

  await assert.rejects(
    on(3, (w) => vote(w, { id, partnerId: bozor, choice: 'for' })),
    { code: 'advisory/voting-closed' },
  )
  await assert.rejects(
    on(3, (w) => answerRequest(w, id, { status: 'declined', answer: 'No.' })),
    { code: 'advisory/request-step' },
  )
  const done = await on(4, (w) => answerRequest(w, id, { status: 'delivered', answer: 'Done.' }))
  assert.equal(done.status, 'delivered')
})

test('a person has one seat at a time', async () => {
  const personId = await personOf(await register(['aisp']))
  const member = await on(0, (w) => seatMember(w, personId))
  await assert.rejects(
    on(0, (w) => seatMember(w, personId)),
    { code: 'advisory/seat-taken' },
  )

  await on(1, (w) => endSeat(w, member.id))

  assert.equal((await listMembers(db, member.partnerId)).length, 0)
  assert.equal((await on(2, (w) => seatMember(w, personId))).personId, personId)
})

test('a meeting: planned, its pack laid, held, its minutes published by two people, its actions finished', async () => {
  const quarter = quarterOf(begin, 'Asia/Tashkent')
  const partnerId = await register(['aisp'])
  await on(0, (w) =>
    openIncident(w, {
      title: 'Cards answered slowly',
      severity: 'significant',
      cell: 'production',
      partnerIds: [],
      beganAt: begin,
    }),
  )
  const secret = { title: 'Only for one', severity: 'minor' as const, cell: null, beganAt: begin }
  await on(0, (w) => openIncident(w, { ...secret, partnerIds: [partnerId] }))
  const plan = { quarter, heldOn: daysOf(quarter).end, chair: success.id, agenda: [] }
  const { id } = await on(0, (w) => planMeeting(w, plan))
  await assert.rejects(
    on(0, (w) => planMeeting(w, plan)),
    { code: 'advisory/quarter-taken' },
  )
  await assert.rejects(
    on(0, (w) => holdMeeting(w, id)),
    { code: 'advisory/wrong-step' },
  )

  const asked = { quarter, bank: 'Namuna Bank', zone: 'Asia/Tashkent', now: day(1) }
  const pack = await gatherPack(db, asked)
  assert.deepEqual(Pack.parse(JSON.parse(packText(pack))), pack)
  assert.deepEqual(
    pack.incidents.map((i) => i.title),
    ['Cards answered slowly'],
  )
  assert.equal(pack.otherIncidents, 1)
  assert.doesNotMatch(packText(pack), /Only for one|partner_/)
  await on(1, (w) => layPack(w, id, pack))
  await on(2, (w) => holdMeeting(w, id))
  await assert.rejects(
    on(3, (w) => layPack(w, id, pack)),
    { code: 'advisory/wrong-step' },
  )

  await on(3, (w) => writeMinutes(w, id, 'We spoke of cards.'))
  await on(3, (w) => takeDecision(w, id, { said: 'Cards come first', requestId: null }))
  const action = await on(3, (w) =>
    addAction(w, id, { said: 'Mend cards', owner: 'api-engineering', dueOn: daysOf(quarter).end }),
  )
  const change = await on(3, (w) => proposeMinutes(w, id))
  const before = await wholeMeeting(db, id)
  assert.ok(before)
  assert.deepEqual(
    [asMember(before).meeting.minutes, asMember(before).decisions, asMember(before).actions],
    [null, [], []],
  )

  const decision = { id: change.id, hash: change.hash, decision: 'approve' as const, reason: '' }
  const all = new Map(Object.entries(appliers))
  await assert.rejects(
    on(3, (w) => decideChange(w, all, decision)),
    { code: 'approvals/own-change' },
  )
  await on(3, (w) => decideChange(w, all, decision), `staff:${head.id}`)

  const published = await wholeMeeting(db, id)
  assert.ok(published)
  assert.equal(asMember(published).meeting.minutes, 'We spoke of cards.')
  await on(4, (w) => finishAction(w, action.id, 'They are quick again'))
  assert.deepEqual(await listActions(db, { meetingId: id, open: true }), [])
})

test('minutes that were changed after they were proposed are not published', async () => {
  const plan = { quarter: '2031-Q1', chair: success.id, agenda: [] }
  const { id } = await on(0, (w) => planMeeting(w, { ...plan, heldOn: daysOf('2031-Q1').end }))
  const asked = { quarter: '2031-Q1', bank: 'Namuna Bank', zone: 'UTC', now: day(1) }
  const pack = await gatherPack(db, asked)
  await on(1, (w) => layPack(w, id, pack))
  await on(2, (w) => holdMeeting(w, id))
  await on(2, (w) => writeMinutes(w, id, 'What was agreed'))
  const change = await on(2, (w) => proposeMinutes(w, id))

  await on(2, (w) => writeMinutes(w, id, 'What was not agreed'))

  const decision = { id: change.id, hash: change.hash, decision: 'approve' as const, reason: '' }
  const after = await on(
    3,
    (w) => decideChange(w, new Map(Object.entries(appliers)), decision),
    `staff:${head.id}`,
  )
  assert.equal(after.status, 'void')
  assert.equal((await wholeMeeting(db, id))?.meeting.status, 'held')
})

test('the pack names the versions that end: those of the quarter, not those of before or after', async () => {
  const quarter = quarterOf(begin, 'Asia/Tashkent')
  const start = daysOf(quarter).start.toZonedDateTime('Asia/Tashkent').toInstant()
  const of = (version: string, deprecatedAt: Temporal.Instant, sunsetAt: Temporal.Instant) =>
    db.run`insert into versions.life (version, deprecated_at, sunset_at)
           values (${version}::date, ${deprecatedAt}, ${sunsetAt})`
  const before = (n: number) => start.subtract({ hours: 24 * n })
  await of('2019-01-01', before(400), before(1))
  await of('2020-01-01', before(400), start)
  await of('2021-01-01', begin, day(400))
  await of('2022-01-01', day(2), day(400))

  const pack = await gatherPack(db, {
    quarter,
    bank: 'Namuna Bank',
    zone: 'Asia/Tashkent',
    now: day(1),
  })

  assert.deepEqual(
    pack.endings?.map(({ version }) => version),
    ['2020-01-01', '2021-01-01'],
  )
  const { endings: _, ...old } = pack
  assert.deepEqual(Pack.parse(JSON.parse(packText(old))), old, 'packs of before stay as they are')
})

test('the pack is paper in three languages', async () => {
  await on(0, async (w) => fileRequest(w, await register(['aisp']), { title: 'A', body: 'Body' }))
  assert.ok((await listRequests(db)).length > 0)
  const quarter = quarterOf(begin, 'UTC')
  const pack = await gatherPack(db, { quarter, bank: 'Namuna', zone: 'UTC', now: day(1) })
  const usage = { product: 'all', calls: 10, callsBefore: 3, failedPpm: 1000 }
  const whole = { ...pack, usage: [{ ...usage, p50Ms: 4, p95Ms: 9.5, p99Ms: null }] }
  for (const language of ['en', 'ru', 'uz'] as const) {
    const pdf = await packPdf(whole, { language, zone: 'UTC' })
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
    assert.ok(pdf.includes(`/Lang (${language})`), language)
  }
})
