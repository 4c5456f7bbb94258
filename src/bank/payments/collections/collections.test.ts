import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { newPartner, openTrial, refs, uzs } from '../../trial.ts'
import { CollectionId } from './desk-contract.ts'
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
  await assert.rejects(desk.collect({ ...asked(), creditor: { number: '3'.repeat(20) } }), {
    code: 'payments/creditor-unknown',
  })
})
