import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { readEntries } from '#journal/index.ts'
import { freshDatabase } from '#test/world.ts'
import { coreUnclear } from '../../cores/core.ts'
import { openTrial, paperCourier, refs, uzs } from '../../trial.ts'
import { changeCardholderStatus } from '../cardholders/index.ts'
import { setControls } from '../controls/index.ts'
import { changeCardStatus } from '../index.ts'
import {
  changeProgrammeByBank,
  changeProgrammeStatus,
  setDecisionUrl,
} from '../programmes/index.ts'
import { cardTrial } from '../trial.ts'
import type { Presentment } from './authorization.ts'
import { authorize, clear, closeOverdue, refund, reverse } from './index.ts'
import { carryOrders } from './money.ts'
import * as store from './store.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, soundCore } = trial

const { newCard, asking, ask, by, shop } = cardTrial(trial)
const available = async () => (await soundCore.balances(refs.payer.current)).available.minor
const booked = () => trial.booked(refs.payer.current)

test('what is approved is held, what is cleared moves, and what is left is given back', async () => {
  const { card } = await newCard()
  const before = { available: await available(), booked: await booked() }

  const held = await ask(card, 100_00n)
  assert.deepEqual([held.status, held.approved, held.decidedBy], ['pending', true, 'controls'])
  assert.equal(before.available - (await available()), 100_00n)
  assert.equal(await booked(), before.booked)

  const part = await clear(bank, 'system', { ...by(held), amount: uzs(30_00n), final: false })
  assert.deepEqual([part.status, part.heldMinor, part.clearedMinor], ['pending', 70_00n, 30_00n])
  const end = await clear(bank, 'system', { ...by(held), amount: uzs(50_00n), final: true })
  assert.deepEqual(
    [end.status, end.heldMinor, end.clearedMinor, end.releasedMinor],
    ['closed', 0n, 80_00n, 20_00n],
  )
  assert.equal(before.booked - (await booked()), 80_00n)
  assert.equal(before.available - (await available()), 80_00n)

  await refund(bank, 'system', { ...by(held), amount: uzs(80_00n) })
  assert.equal(await booked(), before.booked)
  await assert.rejects(refund(bank, 'system', { ...by(held), amount: uzs(1n) }), {
    code: 'cards/amount-exceeded',
  })
})

test('the same reference is one authorization, one clearing and one hold, however often it is said', async () => {
  const { card } = await newCard()
  const before = await available()
  const question = asking(card, 10_00n)
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => authorize(bank, 'system', question)),
  )
  const told = answers.flatMap((a) => (a.status === 'fulfilled' ? [a.value.id] : []))
  assert.equal(new Set(told).size, 1)
  for (const answer of answers)
    if (answer.status === 'rejected') assert.equal(answer.reason.code, 'cards/authorization-open')
  const again = await authorize(bank, 'system', question)
  assert.equal(before - (await available()), 10_00n)

  const clearing = { ...by(again), amount: uzs(10_00n), final: true }
  for (let n = 0; n < 3; n++) await clear(bank, 'system', clearing)
  assert.equal(before - (await available()), 10_00n)
  await assert.rejects(authorize(bank, 'system', { ...question, bodySha256: 'other' }), {
    code: 'gateway/idempotency-key-reused',
  })
})

test('of thirty authorizations at once no more is approved than the limit leaves room for', async () => {
  const { caller, card } = await newCard()
  const controls = { limits: [{ interval: 'daily', amount: uzs(100_00n) }] } as const
  await setControls(bank, caller, card.id, {
    ...controls,
    limits: [...controls.limits],
    replaces: 0,
  })
  const before = await available()

  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(card, 9_00n)))

  const approved = answers.filter((one) => one.approved)
  assert.equal(approved.length, 11)
  assert.equal(before - (await available()), 99_00n)
  for (const one of answers) if (!one.approved) assert.equal(one.declineReason, 'LIMIT_EXCEEDED')
  const part = await ask(card, 9_00n, { partialApproval: true })
  assert.deepEqual([part.approved, part.approvedMinor], [true, 1_00n])
  const [first] = approved
  assert.ok(first)
  await reverse(bank, 'system', by(first))
  assert.equal((await ask(card, 9_00n)).approved, true, 'what is given back has room again')
})

test('who stands above a card closes it: its state, its holder, its programme, the partner or the bank', async () => {
  const { caller, card } = await newCard()
  const why = async () => (await ask(card, 1_00n)).declineReason
  assert.ok(card.cardholderId && card.programmeId)
  const [holder, programme] = [card.cardholderId, card.programmeId]

  await changeCardStatus(bank, caller, { id: card.id, action: 'suspend' })
  assert.equal(await why(), 'CARD_NOT_ACTIVE')
  await changeCardStatus(bank, caller, { id: card.id, action: 'resume' })
  await changeCardholderStatus(bank, caller, { id: holder, action: 'block' })
  assert.equal(await why(), 'CARDHOLDER_NOT_ACTIVE')
  await changeCardholderStatus(bank, caller, { id: holder, action: 'unblock' })
  await changeProgrammeByBank(bank, 'staff:staff_1', { id: programme, action: 'suspend' })
  assert.equal(await why(), 'PROGRAMME_NOT_LIVE')
  await assert.rejects(
    changeProgrammeStatus(bank, caller, { id: programme, action: 'resume' }),
    { code: 'cards/programme-transition-refused' },
    'what the bank suspended, the partner does not resume',
  )
  await changeProgrammeByBank(bank, 'staff:staff_1', { id: programme, action: 'resume' })
  assert.equal(await why(), null)
})

test('a card closes for merchants, countries and channels, and an account that is empty declines', async () => {
  const { caller, card } = await newCard()
  await setControls(bank, caller, card.id, {
    replaces: 0,
    limits: [],
    merchantCategories: { mode: 'block', mccs: ['7995'] },
    countries: { mode: 'allow', codes: ['UZ', 'KZ'] },
    channels: ['chip', 'online'],
  })
  const why = async (more: Partial<Presentment>) => (await ask(card, 1_00n, more)).declineReason
  assert.equal(await why({ merchant: { ...shop, mcc: '7995' } }), 'CATEGORY_BLOCKED')
  assert.equal(await why({ merchant: { ...shop, country: 'DE' } }), 'COUNTRY_BLOCKED')
  assert.equal(await why({ channel: 'atm' }), 'CHANNEL_BLOCKED')
  assert.equal(await why({ amount: { minor: 1n, currency: 'USD' } }), 'CURRENCY_DIFFERS')
  assert.equal(await why({}), null)

  const { card: theirs } = await newCard(card.partnerId, 'other')
  const declined = await ask(theirs, 9_000_000_00n)
  assert.deepEqual(
    [declined.approved, declined.declineReason, declined.decidedBy, declined.status],
    [false, 'INSUFFICIENT_FUNDS', 'core', 'closed'],
  )
})

test('the partner declines or lowers, never raises; late or wrong, the stand-in rules decide', async () => {
  const { caller, card } = await newCard()
  assert.ok(card.programmeId)
  await setDecisionUrl(bank, caller, {
    id: card.programmeId,
    url: 'https://partner.example/decide',
  })
  const paper = paperCourier()
  const at = { ...bank, courier: paper.courier }
  const say = (body: unknown, status = 200) => {
    paper.state.answer = () => Promise.resolve({ status, body: JSON.stringify(body) })
  }
  const outcome = async (minor: bigint, partialApproval = true) => {
    const one = await ask(card, minor, { partialApproval }, at)
    return [one.approved, one.approvedMinor, one.decidedBy, one.declineReason]
  }
  const amount = (text: string) => ({
    decision: 'approve',
    amount: { amount: text, currency: 'UZS' },
  })

  say({ decision: 'approve' })
  assert.deepEqual(await outcome(50_00n), [true, 50_00n, 'partner', null])
  say({ decision: 'decline' })
  assert.deepEqual(await outcome(50_00n), [false, 0n, 'partner', 'PARTNER_DECLINED'])
  say(amount('20.00'))
  assert.deepEqual(await outcome(50_00n), [true, 20_00n, 'partner', null])
  assert.deepEqual(await outcome(50_00n, false), [false, 0n, 'partner', 'PARTIAL_NOT_TAKEN'])
  say(amount('5000.00'))
  assert.deepEqual(await outcome(50_00n), [true, 50_00n, 'partner', null])
  for (const wrong of [
    { decision: 'perhaps' },
    amount('1.005'),
    { ...amount('1.00'), more: 1 },
    7,
  ]) {
    say(wrong)
    assert.deepEqual(await outcome(50_00n), [true, 50_00n, 'stand_in', null])
  }
  say({ decision: 'decline' }, 500)
  assert.deepEqual(await outcome(600_000_00n), [false, 0n, 'stand_in', 'STAND_IN_DECLINED'])
  const question: unknown = JSON.parse(paper.asked[0]?.body ?? '')
  assert.doesNotMatch(JSON.stringify(question), /Rahimova|80000001|acc_|\b\d{13,}\b/)

  paper.state.answer = () => Promise.resolve('late')
  const late = await ask(card, 50_00n, {}, at)
  assert.deepEqual([late.approved, late.partnerTimedOut], [true, true])
  const events = (await readEntries(bank.db, 0n)).filter(({ subject }) => subject === late.id)
  assert.deepEqual(
    events.map(({ event }) => event),
    ['cards.authorization-approved', 'cards.authorization-timed-out'],
  )
})

test('a control that is narrowed while the partner thinks is in effect before its answer (O27)', async () => {
  const { caller, card } = await newCard()
  assert.ok(card.programmeId)
  await setDecisionUrl(bank, caller, {
    id: card.programmeId,
    url: 'https://partner.example/decide',
  })
  const before = await available()
  const paper = paperCourier()
  paper.state.answer = async () => {
    await setControls(bank, caller, card.id, {
      replaces: 0,
      limits: [{ interval: 'daily', amount: uzs(10_00n) }],
    })
    return { status: 200, body: '{"decision":"approve"}' }
  }

  const one = await ask(card, 50_00n, {}, { ...bank, courier: paper.courier })

  assert.deepEqual([one.approved, one.declineReason], [false, 'LIMIT_EXCEEDED'])
  assert.equal(await available(), before, 'what the core held is given back')
})

test('a core that does not answer declines, and is told to forget what it may hold', async () => {
  const { card } = await newCard()
  const before = await available()
  const { holds } = soundCore
  assert.ok(holds)
  const lost: typeof bank.coreFor = () => ({
    ...soundCore,
    holds: {
      ...holds,
      place: async (order) => {
        await holds.place(order)
        throw coreUnclear('the answer was lost')
      },
    },
  })
  const one = await ask(card, 50_00n, {}, { ...bank, coreFor: lost })
  assert.deepEqual([one.approved, one.declineReason], [false, 'CORE_UNAVAILABLE'])
  assert.equal(await available(), before)
})

test('what nobody cleared in seven days expires, and what a lost process left undecided is closed', async () => {
  const { card } = await newCard()
  const forgotten = await ask(card, 10_00n)
  const stuck = { ...forgotten, id: `authorization_${uuidv7()}` }
  await database.owner.run`
    insert into cards.authorization
      (id, partner_id, card_id, programme_id, network_reference, body_sha256, status, currency, requested_minor,
       reserved_minor, approved_minor, held_minor, cleared_minor, released_minor, merchant, channel, partial_approval,
       hold_reference, created_at, expires_at, updated_at)
    select ${stuck.id}, partner_id, card_id, programme_id, ${stuck.id}, '', 'pending', currency, requested_minor,
           requested_minor, 0, 0, 0, 0, merchant, channel, partial_approval, 'STUCK', created_at, expires_at, updated_at
      from cards.authorization where id = ${forgotten.id}
  `
  trial.pass(8 * 24 * 3_600)
  assert.equal((await closeOverdue(bank)) >= 2, true)
  const after = await store.find(bank.db, card.partnerId, forgotten.id)
  const lost = await store.find(bank.db, card.partnerId, stuck.id)
  assert.deepEqual([after?.status, after?.releasedMinor], ['expired', 10_00n])
  assert.deepEqual([lost?.status, lost?.approved], ['closed', false])
  assert.equal(await available(), await booked(), 'nothing is held any more')
  assert.equal(await carryOrders(bank), 0)
})

test('whatever the network says, in whatever order: held, cleared and released are what was approved, and no state goes back', async () => {
  const { card } = await newCard()
  const start = await booked()
  const step = fc.record({
    what: fc.constantFrom('clear', 'clear-final', 'reverse', 'reverse-all', 'refund'),
    minor: fc.bigInt({ min: 1n, max: 60_00n }),
  })
  let moved = 0n
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      let now = await ask(card, 100_00n)
      let refunded = 0n
      for (const { what, minor } of steps) {
        const before = now
        const amount = uzs(minor)
        try {
          if (what === 'clear' || what === 'clear-final')
            now = await clear(bank, 'system', { ...by(now), amount, final: what === 'clear-final' })
          else if (what === 'refund') {
            now = await refund(bank, 'system', { ...by(now), amount })
            refunded += minor
          } else
            now = await reverse(bank, 'system', {
              ...by(now),
              ...(what === 'reverse' && { amount }),
            })
        } catch (error) {
          assert.match(
            String(z.object({ code: z.string() }).parse(error).code),
            /amount-exceeded|transition-refused/,
          )
        }
        assert.equal(now.approvedMinor, now.heldMinor + now.clearedMinor + now.releasedMinor)
        if (before.status !== 'pending') assert.equal(now.status, before.status)
        assert.ok(refunded <= now.clearedMinor)
      }
      if (now.status === 'pending') now = await reverse(bank, 'system', by(now))
      moved += now.clearedMinor - refunded
    }),
    { numRuns: 8 },
  )
  assert.equal(
    start - (await booked()),
    moved,
    'the core moved what the books say, to the minor unit',
  )
})
