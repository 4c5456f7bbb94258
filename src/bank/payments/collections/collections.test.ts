import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { newPartner, openTrial, refs, uzs } from '../../trial.ts'
import { CollectionId } from './desk-contract.ts'
import { bank, cashAccount } from '../../cores/synthetic/own-accounts.ts'
import { collectionDesk, collectionsAtCore } from './index.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const desk = collectionDesk(trial.bank)
const partnerId = newPartner()
const [payer, income] = [
  await trial.accountOf(refs.payer.current),
  await trial.accountOf(refs.textiles),
]
const holderId = '90101900000011'
const asked = (minor = 12_345_00n) => ({
  collectionId: CollectionId.next(),
  partnerId,
  debtor: { number: payer.number, holderId },
  creditor: { number: income.number },
  amount: uzs(minor),
  text: 'INV-000001',
  maySend: true,
})
const balance = (ref: string) => trial.booked(ref)

test('an account is collected from only where it is the holder’s, open and of the currency', async () => {
  const fit = (over: Partial<Parameters<typeof desk.account>[0]>) =>
    desk.account({ partnerId, number: payer.number, holderId, currency: 'UZS', ...over })
  assert.deepEqual(await fit({}), { fits: true, holder: 'Rahimova Dilnoza Akmal qizi' })
  const stranger = { fits: false, why: 'no-account-of-the-holder' }
  assert.deepEqual(await fit({ holderId: '980000002' }), stranger)
  assert.deepEqual(await fit({ number: '2'.repeat(20) }), stranger)
  assert.deepEqual(await fit({ currency: 'USD' }), { fits: false, why: 'other-currency' })
})

test('the same collection asked ten times at once moves the money once', async () => {
  const before = await balance(refs.payer.current)
  const one = asked()
  const answers = await Promise.all(Array.from({ length: 10 }, () => desk.collect(one)))
  const last = await desk.collect(one)
  assert.equal(last.status, 'booked')
  assert.equal(new Set(answers.map((a) => a.reference)).size, 1)
  assert.equal(await balance(refs.payer.current), before - 12_345_00n)
  const [order] = await collectionsAtCore.byReference(trial.bank.db, [last.reference])
  assert.deepEqual([order?.status, order?.minor], ['booked', -12_345_00n])
  await assert.rejects(desk.collect({ ...one, amount: uzs(1n) }), {
    code: 'payments/collection-differs',
  })
})

test('an answer that was lost is asked for, and nothing is taken twice', async () => {
  const before = await balance(refs.payer.current)
  const one = asked(700_00n)
  trial.faults.push('lost')
  const first = await desk.collect(one)
  const second = await desk.collect(one)
  assert.ok(first.status === 'open' || first.status === 'booked')
  assert.equal(second.status, 'booked')
  assert.equal(await balance(refs.payer.current), before - 700_00n)
})

test('what the account does not hold is rejected with its reason, and stays rejected', async () => {
  const one = asked(999_999_999_999_00n)
  const answer = await desk.collect(one)
  assert.deepEqual([answer.status, answer.reasonCode], ['rejected', 'AM04'])
  assert.deepEqual(await desk.collect(one), answer)
  const nobody = await desk.collect({
    ...asked(),
    debtor: { number: payer.number, holderId: '980000002' },
  })
  assert.deepEqual([nobody.status, nobody.reasonCode], ['rejected', 'AC01'])
  const nowhere = { ...asked(), creditor: { number: '3'.repeat(20) } }
  for (const told of [await desk.collect(nowhere), await desk.collect(nowhere)])
    assert.deepEqual([told.status, told.reasonCode], ['rejected', 'AC03'])
})

test('an account that collections go to is the bank’s, open, and of the currency', async () => {
  const fit = (number: string, currency: 'UZS' | 'USD' = 'UZS') =>
    desk.incomeAccount({ number, currency })
  const own = await trial.accountOf(cashAccount('UZS'))
  assert.deepEqual(await fit(own.number), { fits: true, holder: bank.name })
  const stranger = { fits: false, why: 'not-of-the-bank' }
  assert.deepEqual(await fit(income.number), stranger)
  assert.deepEqual(await fit(payer.number), stranger)
  assert.deepEqual(await fit('3'.repeat(20)), { fits: false, why: 'no-account' })
  assert.deepEqual(await fit(own.number, 'USD'), { fits: false, why: 'other-currency' })
  const { bankItself: _, ...unnamed } = trial.core
  const nobodySaid = collectionDesk({ ...trial.bank, coreFor: () => unnamed })
  const asked = { number: own.number, currency: 'UZS' as const }
  assert.deepEqual(await nobodySaid.incomeAccount(asked), stranger)
  await database.as('bank')
    .run`update synthetic.account set status = 'closed' where ref = ${own.ref}`
  assert.deepEqual(await fit(own.number), { fits: false, why: 'closed' })
})

/** The bank since the account that money goes to is not found any more. */
const gone = collectionDesk({
  ...trial.bank,
  coreFor: () => ({
    ...trial.core,
    accountByNumber: async (number) =>
      number === income.number ? undefined : trial.core.accountByNumber(number),
  }),
})

test('what was booked is told as booked, though the account that it went to is gone since', async () => {
  const before = await balance(refs.payer.current)
  const one = asked(300_00n)
  trial.faults.push('lost')
  assert.equal((await desk.collect(one)).status, 'open')
  assert.equal((await gone.collect(one)).status, 'booked')
  assert.equal((await gone.collect({ ...one, maySend: false })).status, 'booked')
  assert.equal(await balance(refs.payer.current), before - 300_00n)
})

test('once the mandate has ended nothing is sent: neither what is asked for now, nor what never reached the core', async () => {
  const before = await balance(refs.payer.current)
  const sent = trial.sent.length
  const ended = { ...asked(400_00n), maySend: false }
  const now = await desk.collect(ended)
  assert.deepEqual([now.status, now.reasonCode], ['rejected', 'MD01'])
  assert.deepEqual(await desk.collect({ ...ended, maySend: true }), now, 'what is over stays over')

  const one = asked(400_00n)
  trial.faults.push('away')
  assert.equal((await desk.collect(one)).status, 'open')
  const over = { ...one, maySend: false }
  // It was sent a moment ago: nobody can say yet that it will not arrive.
  assert.equal((await desk.collect(over)).status, 'open')
  trial.pass(11 * 60)
  trial.silent = true
  assert.equal((await desk.collect(over)).status, 'open', 'the core does not answer')
  trial.silent = false
  const told = await desk.collect(over)
  assert.deepEqual([told.status, told.reasonCode], ['rejected', 'MD01'])
  assert.equal((await desk.collect(one)).reasonCode, 'MD01')
  assert.deepEqual(trial.sent.slice(sent), [])
  assert.equal(await balance(refs.payer.current), before)
})

test('of ending and sending at once, money moves and is told, or neither', async () => {
  const before = await balance(refs.payer.current)
  const one = asked(50_00n)
  const told = await Promise.all([
    desk.collect(one),
    desk.collect({ ...one, maySend: false }),
    desk.collect(one),
    desk.collect({ ...one, maySend: false }),
  ])
  const last = await desk.collect(one)
  assert.ok(told.every((t) => t.status === 'open' || t.status === last.status))
  const moved = before - (await balance(refs.payer.current))
  assert.equal(moved, last.status === 'booked' ? 50_00n : 0n)
})
