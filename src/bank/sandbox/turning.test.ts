/** What of mandates, loans and cards happens by itself when the clock of a world is turned. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from '#kernel/id.ts'
import { realTime } from '#platform/turned-clock.ts'
import { freshDatabase } from '#test/world.ts'
import { cardTrial } from '../cards/trial.ts'
import { getCard } from '../cards/index.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { borrowingIn } from '../lending/borrower.ts'
import { getArrears } from '../lending/read.ts'
import { createMandate, createMandatePayment, getMandate } from '../payments/mandates/index.ts'
import { openCustomer } from '../payments/order.ts'
import { openCarrier } from '../payments/index.ts'
import { doDueWork } from '../due-work.ts'
import { inPlaceOf } from '../place.ts'
import { callBy, newPartner, openTrial, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'
import { turnClock } from './clock.ts'
import { ClockTurn } from './sandbox.ts'

const db = (await freshDatabase('cell')).as('bank')
const plain = await openTrial(db)
const keeper = plain.soundCore.worlds
assert.ok(keeper, 'the make-believe core keeps worlds')
const bank: BankWorld = {
  ...plain.bank,
  whose: keeper.inRealTime,
  coreFor: (partnerId) =>
    onBehalf(
      { db, now: () => realTime(plain.bank.now()), zone: plain.bank.zone, shared: plain.soundCore },
      partnerId,
    ),
}
const trial = { ...plain, bank, carrier: openCarrier(bank) }

/** A world of a partner, and how its clock is turned. */
const worldOf = async (partnerId: string) => {
  const world = await keeper.of(partnerId).create('one')
  assert.ok(typeof world === 'object')
  await keeper.of(partnerId).use(world.id)
  const there = <T>(body: () => Promise<T>) => inPlaceOf(bank, partnerId, body)
  const turn = async (advanceBy: string) => {
    const { turningTo } = await there(() =>
      turnClock(bank, callBy(partnerId, 'turnClock'), ClockTurn.parse({ advanceBy })),
    )
    // A busy machine lets it go on by itself; here nobody else does.
    if (turningTo !== null)
      await keeper.keep({ partnerId, worldId: world.id }, () => doDueWork(bank, partnerId))
  }
  return { there, turn }
}

test('a mandate’s limit is fresh when the clock has passed into its next period, and it ends on its day', async () => {
  const partnerId = newPartner()
  const { there, turn } = await worldOf(partnerId)
  const customer = await openCustomer(trial, partnerId)
  const { caller, request } = customer.mandate(100_00n, { month: 100_00n }, '2027-01-10T00:00:00Z')
  const { mandate } = await there(() => createMandate(bank, caller, request))
  const pay = () =>
    there(() =>
      createMandatePayment(
        bank,
        trial.carrier,
        { ...caller, operation: 'createMandatePayment', idempotencyKey: uuidv7() },
        { id: mandate.id, request: { ...customer.pottery, instructedAmount: uzs(100_00n) } },
      ),
    )
  const exceeded = { code: 'payments/mandate-exceeded' }

  // It is 22 November.
  assert.equal((await pay()).status, 'ACSC')
  await turn('P8D')
  await assert.rejects(pay(), exceeded)
  await turn('P1D')
  assert.equal((await pay()).status, 'ACSC')
  await assert.rejects(pay(), exceeded)

  await turn('P45D')
  const { status } = await there(() =>
    getMandate(bank, callBy(partnerId, 'getMandate'), mandate.id),
  )
  assert.equal(status, 'EXPIRED')
  await assert.rejects(pay(), { code: 'payments/mandate-closed' })
})

test('a loan that nobody repays is in arrears when the clock has passed its days, and more so later', async () => {
  const { someone, borrowed, reading } = await borrowingIn(trial)
  const who = await someone()
  const { there, turn } = await worldOf(who.partnerId)
  const { loan } = await there(() => borrowed(who))
  const purpose = { code: 'arrears', text: 'To help in time' }
  const arrears = () =>
    there(() =>
      getArrears(bank, reading(who, { permissions: ['ReadLoansDetail'], purpose }), loan.loanId),
    )

  assert.equal((await arrears()).daysPastDue, 0)
  await turn('P40D')
  const first = await arrears()
  await turn('P20D')
  const later = await arrears()

  assert.ok(first.daysPastDue > 0 && later.daysPastDue === first.daysPastDue + 20)
})

test('a card expires when the clock has passed its last month', async () => {
  const partnerId = newPartner()
  const { there, turn } = await worldOf(partnerId)
  const { card, caller } = await there(() => cardTrial(trial).newCard(partnerId))
  const status = async () => (await there(() => getCard(bank, caller, card.id))).status
  const { expiryYear, expiryMonth } = card
  assert.ok(expiryYear !== null && expiryMonth !== null)
  const over = Temporal.PlainDate.from({ year: expiryYear, month: expiryMonth, day: 1 }).add({
    months: 1,
  })
  const left = Temporal.PlainDate.from('2026-11-22').until(over, { largestUnit: 'days' }).days

  for (let days = left - 2; days > 0; days -= 360) await turn(`P${Math.min(days, 360)}D`)
  assert.equal(await status(), 'active')
  await turn('P3D')
  assert.equal(await status(), 'expired')
})
