import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import { freshDatabase } from '#test/world.ts'
import { type CoreFrequency, nextDue } from '../cores/arrangement.ts'
import { callBy, enrol, newPartner, openTrial, refs } from '../trial.ts'
import { PageQuery } from './account.ts'
import { listArrangements } from './arranged.ts'
import { getParty, getProduct } from './holder.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank } = trial

const consented = async (permissions: readonly string[]) => {
  const partnerId = newPartner()
  const { subject, id } = await enrol(trial, partnerId, refs.payer.owner)
  const accountId = id(refs.payer.savings)
  const detail = { type: 'urn:bank:accounts:v1', permissions, accounts: [accountId] }
  const more = { subject, consentId: `consent_${uuidv7()}`, details: [detail] }
  return { caller: callBy(partnerId, 'any', more), accountId, id }
}
const page = (given: Record<string, string> = {}) => PageQuery.parse(given)
const notFound = { code: 'gateway/not-found', status: 404 }

test('a standing order says when it pays next, one that has ended does not', async () => {
  const { caller, accountId } = await consented(['ReadStandingOrdersDetail'])
  const { data } = await listArrangements(
    bank,
    caller,
    { accountId, kind: 'standing-order' },
    page(),
  )

  const [rent, instalment] = data
  assert.ok(rent && instalment && 'standingOrderId' in rent && 'standingOrderId' in instalment)
  assert.deepEqual(
    [rent.standingOrderStatusCode, rent.nextPaymentDateTime, rent.instructedAmount.amount],
    ['Active', '2026-11-30T00:00:00+05:00', '250000.00'],
  )
  assert.deepEqual(
    [instalment.standingOrderStatusCode, 'nextPaymentDateTime' in instalment, instalment.frequency],
    ['Inactive', false, 'WEEK'],
  )
})

test('whom it pays and what for are told with Detail only', async () => {
  const lists = [
    ['standing-order', 'ReadStandingOrders'],
    ['scheduled-payment', 'ReadScheduledPayments'],
    ['beneficiary', 'ReadBeneficiaries'],
  ] as const
  for (const [kind, permission] of lists) {
    const told = async (variant: string) => {
      const { caller, accountId } = await consented([`${permission}${variant}`])
      const { data } = await listArrangements(bank, caller, { accountId, kind }, page())
      assert.ok(data.length > 0)
      return data.map((one) => ['creditorAccount' in one, 'reference' in one])
    }
    for (const shown of await told('Detail')) assert.deepEqual(shown, [true, true], kind)
    for (const shown of await told('Basic')) assert.deepEqual(shown, [false, false], kind)
  }
})

test('a permission for one kind opens no other', async () => {
  const { caller, accountId } = await consented(['ReadDirectDebits'])
  const { data } = await listArrangements(bank, caller, { accountId, kind: 'direct-debit' }, page())

  assert.equal(data.length, 1)
  for (const kind of ['standing-order', 'scheduled-payment', 'beneficiary'] as const)
    await assert.rejects(listArrangements(bank, caller, { accountId, kind }, page()), notFound)
  await assert.rejects(getParty(bank, caller, accountId), notFound)
  await assert.rejects(getProduct(bank, caller, accountId), notFound)
})

test('pages neither skip nor repeat, and a cursor of one list opens no other', async () => {
  const { caller, accountId } = await consented([
    'ReadStandingOrdersBasic',
    'ReadScheduledPaymentsBasic',
  ])
  const list = (kind: 'standing-order' | 'scheduled-payment', given: Record<string, string>) =>
    listArrangements(bank, caller, { accountId, kind }, page({ limit: '1', ...given }))

  const first = await list('standing-order', {})
  assert.ok(first.next !== null)
  const second = await list('standing-order', { cursor: first.next })
  assert.equal(second.next, null)
  assert.notDeepEqual(first.data, second.data)
  await assert.rejects(list('scheduled-payment', { cursor: first.next }), {
    code: 'bank/cursor-invalid',
  })
})

test('the owner has one name for each partner, and the product is one that the bank has', async () => {
  const mine = await consented(['ReadParty', 'ReadProducts'])
  const theirs = await consented(['ReadParty'])

  const party = await getParty(bank, mine.caller, mine.accountId)
  assert.equal(party.fullLegalName, 'Rahimova Dilnoza Akmal qizi')
  assert.notEqual(party.partyId, (await getParty(bank, theirs.caller, theirs.accountId)).partyId)
  const product = await getProduct(bank, mine.caller, mine.accountId)
  assert.deepEqual([product.productType, product.currency], ['PersonalSavingsAccount', 'UZS'])
})

test('the next day of an order is one of its days, not passed, and the first such', () => {
  const day = fc
    .integer({ min: 0, max: 20_000 })
    .map((days) => new Temporal.PlainDate(2000, 1, 1).add({ days }))
  const frequency = fc.constantFrom<CoreFrequency>(
    'daily',
    'weekly',
    'monthly',
    'quarterly',
    'yearly',
  )
  const step = {
    daily: [0, 1],
    weekly: [0, 7],
    monthly: [1, 0],
    quarterly: [3, 0],
    yearly: [12, 0],
  }
  fc.assert(
    fc.property(day, frequency, fc.integer({ min: -500, max: 4_000 }), (firstOn, often, ahead) => {
      const today = firstOn.add({ days: ahead })
      const [months = 0, days = 0] = step[often]
      const turns = function* () {
        for (let turn = 0; ; turn++) yield firstOn.add({ months: months * turn, days: days * turn })
      }
      const wanted = turns().find((on) => Temporal.PlainDate.compare(on, today) >= 0)
      assert.ok(wanted)
      assert.ok(nextDue({ firstOn, frequency: often }, today)?.equals(wanted))
      const finalOn = wanted.subtract({ days: 1 })
      assert.equal(nextDue({ firstOn, frequency: often, finalOn }, today), undefined)
    }),
  )
})
