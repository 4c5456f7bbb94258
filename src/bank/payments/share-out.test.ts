import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256url } from '#platform/jose.ts'
import { freshDatabase } from '#test/world.ts'
import { callBy, newPartner, openTrial, refs, uzs } from '../trial.ts'
import { adds, codesOf, GROSS, openMarketplace } from './marketplace.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const programme = await trial.accountOf(refs.programme)
const { received, split, release, refund, read, legTo, destinationOf } = openMarketplace(trial)

test('a payment is shared out to the tiyin: immediate legs are paid, manual ones are held', async () => {
  const r = await received(GROSS)
  const before = await trial.booked(refs.pottery)

  const state = await split(r)

  adds(state)
  assert.deepEqual(
    state.legs.map((leg) => [leg.legId, leg.amountMinor, leg.paidMinor, leg.heldMinor]),
    [
      ['pottery', 600_000_00n, 600_000_00n, 0n],
      ['textiles', 233_333_00n, 0n, 233_333_00n],
      ['platform', 59_524_14n, 59_524_14n, 0n],
      ['treasury', 107_142_86n, 107_142_86n, 0n],
    ],
  )
  assert.equal((await trial.booked(refs.pottery)) - before, 600_000_00n)
})

test('fifty releases at once pay a leg once', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const before = await trial.booked(refs.textiles)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 50 }, () => release(r, s.id, 'textiles')),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/leg-not-held']))
  assert.equal((await trial.booked(refs.textiles)) - before, 233_333_00n)
  adds(await read(r, s.id))
})

test('a release that is asked again with its key is answered, and pays nothing again', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const call = r.call('releaseLeg')
  const before = await trial.booked(refs.textiles)

  await release(r, s.id, 'textiles', call)
  const { leg } = await release(r, s.id, 'textiles', call)

  assert.equal(leg.paidMinor, 233_333_00n)
  assert.equal((await trial.booked(refs.textiles)) - before, 233_333_00n)
})

test('twenty tries to split with one key are one split; another body under it is refused', async () => {
  const r = await received(GROSS)
  const call = r.call('createSplitPayment')
  const states = await Promise.all(Array.from({ length: 20 }, () => split(r, {}, call)))
  assert.equal(new Set(states.map((state) => state.split.id)).size, 1)
  await assert.rejects(split(r, {}, { ...call, bodySha256: sha256url('other') }), {
    code: 'gateway/idempotency-key-reused',
  })
})

test('a payment is shared out up to its amount, however many ask at once', async () => {
  const r = await received(GROSS)
  const half = async () =>
    split(r, {
      grossAmount: uzs(GROSS / 2n),
      legs: [await legTo('pottery', { amount: uzs(GROSS / 2n) })],
      remainderTo: undefined,
    })

  const outcomes = await Promise.allSettled(Array.from({ length: 12 }, half))

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 2)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/source-exceeded']))
})

test('only one’s own settled payment into one’s programme can be split', async () => {
  const r = await received(GROSS)
  const stranger = { ...r, call: (operation: string) => callBy(newPartner(), operation) }
  await assert.rejects(split(stranger), { code: 'gateway/not-found', status: 404 })

  const elsewhere = await received(GROSS, refs.pottery)
  await assert.rejects(split(elsewhere), { code: 'payments/source-unusable' })

  const itself = { ...(await destinationOf('pottery')), identification: programme.number }
  const circle = [await legTo('pottery', { destination: itself, amount: uzs(GROSS) })]
  await assert.rejects(split(r, { legs: circle, remainderTo: undefined }), {
    code: 'payments/destination-unusable',
  })
})

test('another partner’s split does not exist', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const stranger = { ...r, call: (operation: string) => callBy(newPartner(), operation) }
  const missing = { code: 'gateway/not-found', status: 404 }
  await assert.rejects(read(stranger, s.id), missing)
  await assert.rejects(release(stranger, s.id, 'textiles'), missing)
  await assert.rejects(refund(stranger, s.id, {}), missing)
  await assert.rejects(release(r, s.id, 'nobody'), missing)
})

test('a leg whose destination is closed is held with the reason, and can be given back', async () => {
  const r = await received(GROSS)
  const state = await split(r, {
    legs: [await legTo('shut', { amount: uzs(GROSS) })],
    remainderTo: undefined,
  })
  const [leg] = state.legs
  assert.deepEqual([leg?.heldMinor, leg?.reasonCode, leg?.releasing], [GROSS, 'AC04', null])

  const { refund: given } = await refund(r, state.split.id, { amount: uzs(GROSS) })
  assert.equal(given.status, 'ACSC')
  assert.equal((await read(r, state.split.id)).legs[0]?.reversedMinor, GROSS)
})
