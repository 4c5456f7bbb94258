import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { onBehalf } from '../cores/synthetic/behalf.ts'
import { readingAmounts, scriptedCustomer } from '../cores/synthetic/magic.ts'
import { callBy, enrol, newPartner, openTrial, refs, uzs } from '../trial.ts'
import type { BankWorld } from '../world.ts'
import {
  chooseWorld,
  createWorld,
  simulateCoreCondition,
  simulateDirectDebit,
  simulateInboundPayment,
} from './index.ts'
import { MovementRequest, WorldId } from './sandbox.ts'

const db = (await freshDatabase('cell')).as('bank')
const trial = await openTrial(db)
const { now } = trial.bank
const bank: BankWorld = {
  ...trial.bank,
  coreFor: (partnerId) =>
    onBehalf({ db, now, zone: trial.bank.zone, shared: trial.soundCore }, partnerId),
}

const calls = (partnerId: string) => (operation: string, idempotencyKey?: string) =>
  callBy(partnerId, operation, idempotencyKey === undefined ? {} : { idempotencyKey })
const settled = async () => {
  const partnerId = newPartner()
  const call = calls(partnerId)
  const { id } = await enrol(trial, partnerId, refs.payer.owner)
  const world = await createWorld(bank, call('createWorld'), { name: 'one' })
  await chooseWorld(bank, call('chooseWorld'), WorldId.parse(world.id))
  const wish = (account: string, amount: string) =>
    MovementRequest.parse({
      accountId: id(account),
      amount: { amount, currency: 'UZS' },
      counterparty: 'Anor Telecom MCHJ',
      text: 'Salary',
    })
  const booked = async (ref: string) => (await bank.coreFor(partnerId).balances(ref)).booked.minor
  return { partnerId, call, wish, booked }
}

test('money comes from another bank once, with its name', async () => {
  const { partnerId, call, wish, booked } = await settled()
  const before = await booked(refs.payer.savings)
  const asked = wish(refs.payer.savings, '2500.00')

  const twice = ['a', 'a'].map((key) =>
    simulateInboundPayment(bank, call('simulateInboundPayment', key), asked),
  )
  assert.deepEqual(new Set((await Promise.all(twice)).map((m) => m.status)), new Set(['BOOKED']))

  assert.equal(await booked(refs.payer.savings), before + 2_500_00n)
  const [line] = await bank.coreFor(partnerId).entries(refs.payer.savings, { limit: 1 })
  assert.deepEqual(
    [line?.direction, line?.counterparty?.name, line?.text],
    ['credit', 'Anor Telecom MCHJ', 'Salary'],
  )
})

test('another bank collects what is there, and is told why where it is not', async () => {
  const { call, wish, booked } = await settled()
  const before = await booked(refs.payer.savings)

  const taken = await simulateDirectDebit(
    bank,
    call('simulateDirectDebit'),
    wish(refs.payer.savings, '41.50'),
  )
  const tooMuch = await simulateDirectDebit(
    bank,
    call('simulateDirectDebit'),
    wish(refs.payer.savings, '99999999.00'),
  )
  const fromClosed = await simulateDirectDebit(
    bank,
    call('simulateDirectDebit'),
    wish(refs.payer.closed, '1.00'),
  )

  assert.equal(taken.status, 'BOOKED')
  assert.deepEqual([tooMuch.status, tooMuch.statusReason], ['REJECTED', 'AM04'])
  assert.deepEqual([fromClosed.status, fromClosed.statusReason], ['REJECTED', 'AC04'])
  assert.equal(await booked(refs.payer.savings), before - 41_50n)
})

test('in the books that all share nobody makes money, and nobody makes it on accounts they do not know', async () => {
  const { call, wish } = await settled()
  const stranger = await settled()
  const asked = wish(refs.payer.savings, '1.00')
  await assert.rejects(
    simulateInboundPayment(bank, stranger.call('simulateInboundPayment'), {
      ...asked,
      accountId: `acc_${'0'.repeat(32)}`,
    }),
    { code: 'gateway/not-found' },
  )
  await assert.rejects(
    simulateInboundPayment(bank, stranger.call('simulateInboundPayment'), asked),
    { code: 'gateway/not-found' },
  )
  await chooseWorld(bank, call('chooseWorld'), null)
  await assert.rejects(simulateInboundPayment(bank, call('simulateInboundPayment'), asked), {
    code: 'sandbox/world-needed',
  })
})

test('a core is away for who asked for it, for as long as they asked', async () => {
  const { partnerId, call } = await settled()
  const condition = (word: 'OUTAGE' | 'CLOSED' | 'BUSY', seconds: number) =>
    simulateCoreCondition(bank, call('simulateCoreCondition'), {
      condition: word,
      seconds,
      delayMilliseconds: 0,
    })
  const ask = (who: string) => bank.coreFor(who).account(refs.payer.current)

  for (const [word, code] of [
    ['OUTAGE', 'core/unavailable'],
    ['CLOSED', 'core/closed'],
    ['BUSY', 'core/busy'],
  ] as const) {
    await condition(word, 60)
    await assert.rejects(ask(partnerId), { code })
    assert.ok(await ask(newPartner()))
  }
  await condition('BUSY', 0)
  assert.ok(await ask(partnerId))
  await condition('OUTAGE', 60)
  trial.pass(61)
  assert.ok(await ask(partnerId))
})

test('the last digits of an amount play a failure on accounts of the scripted customer, and on no others', async () => {
  const sent: string[] = []
  const core = readingAmounts({
    ...trial.soundCore,
    transfer: async ({ reference }) => {
      sent.push(reference)
      return { status: 'booked' }
    },
    transferByReference: async (reference) => ({
      status: sent.includes(reference) ? 'booked' : 'unknown',
    }),
  })
  const pay = (debtor: string, minor: bigint) =>
    core.transfer({
      reference: `R${minor}`,
      debtor,
      creditor: { number: '8'.repeat(20), bankCode: '09998', name: 'Anybody' },
      amount: uzs(minor),
      text: 'Test',
    })
  const theirs = `${scriptedCustomer}-003`

  assert.deepEqual(await pay(theirs, 12_01n), { status: 'booked' })
  for (const [minor, reasonCode] of [
    [12_02n, 'AM04'],
    [12_03n, 'AM02'],
    [12_04n, 'AC01'],
  ] as const) {
    assert.deepEqual(await pay(theirs, minor), { status: 'rejected', reasonCode })
    assert.deepEqual(await pay(refs.payer.current, minor), { status: 'booked' })
  }
  await assert.rejects(pay(theirs, 12_07n), { code: 'core/unclear' })
  // The answer was lost once: who asks again hears that the money moved, and it moves once.
  assert.deepEqual(await pay(theirs, 12_07n), { status: 'booked' })
  assert.equal(sent.filter((r) => r === 'R1207').length, 1)

  const place = (minor: bigint) =>
    core.holds?.place({ reference: `H${minor}`, account: theirs, amount: uzs(minor), text: 'Shop' })
  assert.deepEqual(await place(5_02n), { status: 'rejected', reasonCode: 'AM04' })
})
