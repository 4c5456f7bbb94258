import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { bankDocuments } from '#test/documents.ts'
import { underContract as partnerUnder } from '#test/under-contract.ts'
import { freshDatabase, noon as begin } from '#test/world.ts'
import { type Actor, work, type Work } from '#journal/index.ts'
import { PartnerId } from '#control/partners/index.ts'
import { seedControl } from '#control/seed.ts'
import { listStaff, seedStaff } from '#control/staff/index.ts'
import {
  answerSupport,
  answered,
  askedOn,
  askOn,
  closed,
  closeSupport,
  figuresOf,
  findSupport,
  isRunning,
  keptOf,
  openSupport,
  type Request,
  SupportId,
  supportMessages,
} from './index.ts'

const db = (await freshDatabase('control')).as('control')
await seedControl(db, begin, { documents: bankDocuments() })
await work(db, 'system', begin, seedStaff)
const [one, other] = (await listStaff(db)).filter((s) =>
  s.roles.some((role) => role === 'partner-success' || role === 'developer-relations'),
)
assert.ok(one && other)
const on = <T>(at: Temporal.Instant, actor: Actor, body: (w: Work) => Promise<T>) =>
  work(db, actor, at, body)

/** Gold answers day and night: critical in an hour, major in four. */
const underContract = () =>
  partnerUnder(db, begin, {
    tier: 'Gold',
    products: ['payments', 'cards'],
    priceVersion: '2026-11',
  })

const asked = {
  cell: 'production' as const,
  product: 'payments',
  urgency: 'major' as const,
  subject: 'Payments wait',
  said: 'Since ten o’clock every payment answers 202 and stays there.',
  callId: null,
}

test('two people of the bank answer at once: both are kept, and one of them was the first', async () => {
  const { partnerId, actor } = await underContract()
  const { id } = await on(begin, actor, (w) => openSupport(w, { ...asked, partnerId }))
  const at = begin.add({ minutes: 30 })
  await Promise.all(
    [one, other].map((staff) =>
      on(at, `staff:${staff.id}`, (w) => answerSupport(w, id, `I am ${staff.name}.`)),
    ),
  )
  const said = (await supportMessages(db, id)).filter((m) => m.side === 'bank')
  assert.equal(new Set(said.map((m) => m.by)).size, 2)
  const request = await findSupport(db, id)
  assert.equal(request?.firstAnsweredBy, said[0]?.by)
  assert.ok(request?.firstAnsweredAt?.equals(at))
  const First = z.object({ first: z.boolean() })
  const lines = await db.many(First)`
    select (body::jsonb #>> '{data,first}')::boolean as first
      from journal.entry
     where body::jsonb ->> 'subject' = ${id} and body::jsonb ->> 'event' = 'support.answered'
     order by id
     limit 10
  `
  assert.deepEqual(
    lines.map((line) => line.first),
    [true, false],
  )
})

test('what was said stays, and the database holds what was promised', async () => {
  const { partnerId, actor } = await underContract()
  const { id } = await on(begin, actor, (w) => openSupport(w, { ...asked, partnerId }))
  await on(begin, `staff:${one.id}`, (w) => answerSupport(w, id, 'Here we are.'))
  await assert.rejects(db.run`update support.message set said = 'nothing' where request_id = ${id}`)
  await assert.rejects(db.run`delete from support.message where request_id = ${id}`)
  await assert.rejects(
    db.run`update support.request set due_at = due_at + interval '1 day' where id = ${id}`,
  )
  await assert.rejects(
    db.run`update support.request set first_answered_at = opened_at, first_answered_by = 'x' where id = ${id}`,
  )
  const lines = await db.many(z.object({ body: z.string() }))`
    select body from journal.entry where body::jsonb ->> 'subject' = ${id} order by id limit 10
  `
  assert.ok(lines.length >= 2)
  assert.doesNotMatch(JSON.stringify(lines), /Payments wait|every payment|Here we are/)
})

test('a closed request is opened again within thirty days and not behind them; no second clock starts', async () => {
  const { partnerId, actor } = await underContract()
  const { id, dueAt } = await on(begin, actor, (w) => openSupport(w, { ...asked, partnerId }))
  await assert.rejects(
    on(begin, `staff:${one.id}`, (w) => closeSupport(w, id)),
    { code: 'support/wrong-step' },
  )
  const answeredAt = begin.add({ minutes: 5 })
  await on(answeredAt, `staff:${one.id}`, (w) => answerSupport(w, id, 'It is mended.'))
  await on(answeredAt, `staff:${one.id}`, (w) => closeSupport(w, id))
  await assert.rejects(
    on(answeredAt, `staff:${other.id}`, (w) => answerSupport(w, id, 'Is it?')),
    { code: 'support/closed' },
  )
  const again = await on(begin.add({ hours: 24 * 29 }), actor, (w) =>
    askOn(w, { id, partnerId }, 'It is not.'),
  )
  assert.deepEqual([again.status, again.dueAt, again.firstAnsweredAt], ['open', dueAt, answeredAt])
  const late = begin.add({ hours: 24 * 35 })
  await on(late, `staff:${one.id}`, (w) => answerSupport(w, id, 'Now it is.'))
  await on(late, actor, (w) => closeSupport(w, id, partnerId))
  const kept = await findSupport(db, id)
  assert.equal(kept && keptOf(kept, late), 'kept')
  await assert.rejects(
    on(late.add({ hours: 24 * 31 }), actor, (w) => askOn(w, { id, partnerId }, 'Again.')),
    { code: 'support/closed' },
  )
})

test('whatever both sides do: the first answer stays the first, and only what is closed is closed', () => {
  const at = (hour: number) => begin.add({ hours: hour })
  const opened: Request = {
    id: SupportId.next(),
    partnerId: PartnerId.next(),
    cell: 'production',
    product: null,
    urgency: 'minor',
    subject: 'x',
    callId: null,
    openedBy: 'person:x',
    contractId: 'contract_x',
    status: 'open',
    openedAt: begin,
    waitsSince: begin,
    dueAt: at(20),
    firstAnsweredAt: null,
    firstAnsweredBy: null,
    releasedAt: null,
    closedAt: null,
  }
  const steps = fc.array(fc.constantFrom('ask', 'answer', 'close', 'close-bank'), { maxLength: 40 })
  fc.assert(
    fc.property(steps, (all) => {
      let now = opened
      all.forEach((step, hour) => {
        let after: Request
        try {
          after =
            step === 'ask'
              ? askedOn(now, at(hour))
              : step === 'answer'
                ? answered(now, `staff:${hour}`, at(hour))
                : closed(now, step === 'close' ? 'partner' : 'bank', at(hour))
        } catch (error) {
          assert.match(String(error), /support\/(closed|wrong-step)/)
          return
        }
        if (now.firstAnsweredAt) assert.equal(after.firstAnsweredAt, now.firstAnsweredAt)
        if (now.releasedAt) assert.equal(after.releasedAt, now.releasedAt)
        assert.equal(after.dueAt, now.dueAt)
        assert.equal(after.status === 'closed', after.closedAt !== null)
        if (after.status === 'answered') assert.ok(after.firstAnsweredAt)
        // A promise ends once: it is kept, missed, or let go before its time.
        if (!isRunning(now)) assert.ok(!isRunning(after))
        if (keptOf(now, at(hour)) === 'missed') assert.equal(keptOf(after, at(hour)), 'missed')
        now = after
      })
    }),
  )
})

test('figures of a month count what was due by now, and an answer that was let go counts neither way', async () => {
  const { partnerId, actor } = await underContract()
  const ask = () => on(begin, actor, (w) => openSupport(w, { ...asked, partnerId }))
  const [inTime, late, silent, letGo] = [await ask(), await ask(), await ask(), await ask()]
  await on(begin, actor, (w) => openSupport(w, { ...asked, partnerId, product: null }))
  const answer = (id: SupportId, minutes: number) =>
    on(begin.add({ minutes }), `staff:${one.id}`, (w) => answerSupport(w, id, 'Here.'))
  await answer(inTime.id, 240)
  await answer(late.id, 241)
  await on(begin.add({ minutes: 10 }), actor, (w) => closeSupport(w, letGo.id, partnerId))
  const month = begin.toZonedDateTimeISO('UTC').toPlainDate().toString().slice(0, 7)
  const figures = (hours: number) =>
    figuresOf(db, partnerId, { month, zone: 'UTC', now: begin.add({ hours }) })

  assert.deepEqual((await figures(3)).all, { due: 0, inTime: 0 })
  const after = await figures(5)
  assert.deepEqual(after.all, { due: 4, inTime: 1 })
  assert.deepEqual([after.opened, after.unpromised], [5, 0])
  assert.deepEqual(after.byProduct, [
    { product: 'payments', due: 3, inTime: 1 },
    { product: null, due: 1, inTime: 0 },
  ])
  // Closed when it was late already: it stays missed.
  await on(begin.add({ hours: 6 }), actor, (w) => closeSupport(w, silent.id, partnerId))
  assert.deepEqual((await figures(7)).all, { due: 4, inTime: 1 })
})
