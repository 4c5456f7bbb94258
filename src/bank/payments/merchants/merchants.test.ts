import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase } from '#test/world.ts'
import { callBy, openTrial, refs, uzs } from '../../trial.ts'
import { adds, GROSS, openMarketplace, type Received } from '../marketplace.ts'
import { releaseVerified } from '../share-out.ts'
import {
  getSubMerchant,
  listSubMerchants,
  registerSubMerchant,
  verifySubMerchants,
} from './index.ts'
import type { SubMerchantId } from './sub-merchant.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { bank, carrier } = trial
const { received, split, release, refund, read, destinationOf } = openMarketplace(trial)

const register = async (
  r: Received,
  account: object,
  more: { legalName?: string; registrationNumber?: string } = {},
) =>
  registerSubMerchant(bank, r.call('registerSubMerchant'), {
    legalName: 'Rishton Pottery',
    registrationNumber: '980000002',
    account: { schemeName: 'UZ.AccountNumber', identification: '', ...account },
    ...more,
  })
const potteryAccount = async () => {
  const { name: _, ...account } = await destinationOf('pottery')
  return account
}
const outside = { identification: '20208000400000009009', bankCode: '00014' }
const seller = (subMerchantId: SubMerchantId) => ({
  legs: [
    {
      legId: 'seller',
      subMerchantId,
      role: 'seller' as const,
      sharePpm: 1_000_000,
      releaseCondition: 'immediate' as const,
    },
  ],
  remainderTo: undefined,
})
const statusOf = async (r: Received, id: SubMerchantId) => {
  const { status, reason } = await getSubMerchant(bank, r.call('getSubMerchant'), id)
  return [status, reason]
}

test('O23: a leg is held until its sub-merchant is verified, and then is paid by itself, once', async () => {
  const r = await received(GROSS)
  const before = await trial.booked(refs.pottery)
  const merchant = await register(r, await potteryAccount())
  assert.equal(merchant.status, 'PENDING')
  const { split: s, legs } = await split(r, seller(merchant.id))
  assert.deepEqual([legs[0]?.heldMinor, legs[0]?.releasing], [GROSS, null])
  await assert.rejects(release(r, s.id, 'seller'), { code: 'payments/payee-unverified' })
  assert.equal(await releaseVerified(bank, carrier), 0)

  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, merchant.id), ['VERIFIED', null])
  await Promise.all(Array.from({ length: 8 }, () => releaseVerified(bank, carrier)))

  const state = await read(r, s.id)
  adds(state)
  assert.equal(state.legs[0]?.paidMinor, GROSS)
  assert.equal((await trial.booked(refs.pottery)) - before, GROSS)
})

test('an account that is a sub-merchant’s is held for it, however the partner names it', async () => {
  const r = await received(GROSS)
  await register(r, await potteryAccount())
  const { legs } = await split(r)
  assert.equal(legs.find(({ legId }) => legId === 'pottery')?.heldMinor, 600_000_00n)
})

test('an account of somebody else, a closed one, and a business that no register knows are rejected', async () => {
  const r = await received(1_00n)
  const { name: _, ...shut } = await destinationOf('shut')
  const notTheirs = await register(r, await potteryAccount(), { registrationNumber: '980000003' })
  const closed = await register(r, shut, {
    legalName: 'Margilan Textiles',
    registrationNumber: '980000003',
  })
  const declined = await register(r, outside, {
    legalName: 'Rejected Trading MCHJ',
    registrationNumber: '980009001',
  })
  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, notTheirs.id), ['REJECTED', 'ACCOUNT_NOT_THEIRS'])
  assert.deepEqual(await statusOf(r, closed.id), ['REJECTED', 'ACCOUNT_CLOSED'])
  assert.deepEqual(await statusOf(r, declined.id), ['REJECTED', 'BANK_DECLINED'])
  await assert.rejects(split(r, { ...seller(declined.id), grossAmount: uzs(1_00n) }), {
    code: 'payments/destination-unusable',
  })
})

test('who was rejected for a slip of the pen is registered again, and paid; nobody guesses whose an account is', async () => {
  const r = await received(GROSS)
  const account = await potteryAccount()
  const slip = await register(r, account, { registrationNumber: '980000003' })
  await assert.rejects(register(r, account), { code: 'payments/sub-merchant-known' })
  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, slip.id), ['REJECTED', 'ACCOUNT_NOT_THEIRS'])
  const again = await register(r, account)
  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, again.id), ['VERIFIED', null])
  const { legs } = await split(r)
  assert.equal(legs.find(({ legId }) => legId === 'pottery')?.subMerchantId, again.id)

  const guesses = await received(1_00n)
  for (const registrationNumber of ['980000004', '980000005', '980000006']) {
    await register(guesses, account, { registrationNumber })
    await verifySubMerchants(bank)
  }
  await assert.rejects(register(guesses, account, { registrationNumber: '980000007' }), {
    code: 'payments/sub-merchant-known',
  })
})

test('O35: one that somebody has to look at stays pending without a word why, until it is decided', async () => {
  const r = await received(1_00n)
  const merchant = await register(r, outside, {
    legalName: 'Review Trading MCHJ',
    registrationNumber: '980009002',
  })
  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, merchant.id), ['PENDING', null])
  trial.pass(120)
  await verifySubMerchants(bank)
  assert.deepEqual(await statusOf(r, merchant.id), ['VERIFIED', null])
})

test('what was refunded of a held leg is not paid when its sub-merchant is verified', async () => {
  const r = await received(GROSS)
  const merchant = await register(r, await potteryAccount())
  const { split: s } = await split(r, seller(merchant.id))
  await refund(r, s.id, { amount: uzs(GROSS) })
  await verifySubMerchants(bank)
  await releaseVerified(bank, carrier)
  const state = await read(r, s.id)
  adds(state)
  assert.deepEqual([state.legs[0]?.paidMinor, state.legs[0]?.reversedMinor], [0n, GROSS])
})

test('an account is one sub-merchant of a programme; another programme sees none of it', async () => {
  const r = await received(1_00n)
  const merchant = await register(r, await potteryAccount())
  await assert.rejects(register(r, await potteryAccount()), { code: 'payments/sub-merchant-known' })
  const list = await listSubMerchants(bank, r.call('listSubMerchants'), undefined)
  assert.deepEqual(
    list.merchants.map(({ id }) => id),
    [merchant.id],
  )
  const stranger = callBy((await received(1_00n)).payment.partnerId, 'getSubMerchant')
  await assert.rejects(getSubMerchant(bank, stranger, merchant.id), { code: 'gateway/not-found' })
})
