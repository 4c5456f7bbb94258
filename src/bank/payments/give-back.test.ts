import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uuidv7 } from '#kernel/id.ts'
import type { Problem } from '#kernel/problem.ts'
import { freshDatabase } from '#test/world.ts'
import { openTrial, refs, uzs } from '../trial.ts'
import { adds, codesOf, type Destination, GROSS, openMarketplace, sum } from './marketplace.ts'

const database = await freshDatabase('cell')
const trial = await openTrial(database.as('bank'))
const { carrier } = trial
const { received, split, release, refund, read, legTo, destinationOf } = openMarketplace(trial)

test('a refund pays the payer exactly, and takes of each leg exactly its part', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const before = {
    payer: await trial.booked(refs.payer.current),
    programme: await trial.booked(refs.programme),
    pottery: await trial.booked(refs.pottery),
  }

  const { refund: given, parts } = await refund(r, s.id, { amount: uzs(100_000_01n) })

  assert.equal(given.status, 'ACSC')
  assert.equal(sum(parts.map((p) => p.heldMinor + p.paidMinor)), 100_000_01n)
  const state = await read(r, s.id)
  adds(state)
  assert.equal(sum(state.legs.map((leg) => leg.reversedMinor)), 100_000_01n)
  assert.equal((await trial.booked(refs.payer.current)) - before.payer, 100_000_01n)
  const heldPart = parts.find(({ legId }) => legId === 'textiles')?.heldMinor ?? 0n
  assert.equal(before.programme - (await trial.booked(refs.programme)), heldPart)
  const pottery = parts.find(({ legId }) => legId === 'pottery')
  assert.equal(before.pottery - (await trial.booked(refs.pottery)), pottery?.paidMinor)
})

test('of twenty refunds of a tenth at once, ten are paid', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const before = await trial.booked(refs.payer.current)

  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, () => refund(r, s.id, { amount: uzs(GROSS / 10n) })),
  )

  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 10)
  assert.deepEqual(new Set(codesOf(outcomes)), new Set(['payments/refund-exceeds']))
  assert.equal((await trial.booked(refs.payer.current)) - before, GROSS)
  const state = await read(r, s.id)
  adds(state)
  assert.ok(state.legs.every((leg) => leg.reversedMinor === leg.amountMinor))
})

test('the platform bears a refund up to its fee, and legs bear what they are named for', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  await refund(r, s.id, { amount: uzs(59_524_14n), policy: 'PLATFORM_BEARS' })
  await assert.rejects(refund(r, s.id, { amount: uzs(1n), policy: 'PLATFORM_BEARS' }), {
    code: 'payments/refund-exceeds',
    status: 409,
  })
  const legs = [{ legId: 'pottery', amount: uzs(5n) }]
  await refund(r, s.id, { amount: uzs(5n), policy: 'BY_LEG', legs })
  await assert.rejects(refund(r, s.id, { amount: uzs(6n), policy: 'BY_LEG', legs }), {
    code: 'platform/request-invalid',
  })
  const reversed = new Map((await read(r, s.id)).legs.map((leg) => [leg.legId, leg.reversedMinor]))
  assert.deepEqual(
    [reversed.get('platform'), reversed.get('pottery'), reversed.get('textiles')],
    [59_524_14n, 5n, 0n],
  )
})

test('a refund with one key is one refund', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  const call = r.call('createRefund')
  const before = await trial.booked(refs.payer.current)
  const given = await Promise.all(
    Array.from({ length: 10 }, () => refund(r, s.id, { amount: uzs(7n) }, call)),
  )
  assert.equal(new Set(given.map((g) => g.refund.id)).size, 1)
  assert.equal((await trial.booked(refs.payer.current)) - before, 7n)
})

/** Moves all that an account has out of it, as its owner may. */
const drain = async (name: Destination) => {
  const minor = await trial.booked(refs[name])
  const { number, bankCode } = await trial.accountOf(refs.other.current)
  if (minor > 0n)
    await trial.soundCore.transfer({
      reference: `D${uuidv7().slice(0, 19).toUpperCase()}`,
      debtor: refs[name],
      creditor: { number, bankCode, name: 'Other' },
      amount: uzs(minor),
      text: 'Out',
    })
}

test('a refund never takes a seller below zero: it fails, and what had come back is held on its leg', async () => {
  const r = await received(GROSS)
  const { split: s } = await split(r)
  await drain('pottery')
  const before = await trial.booked(refs.payer.current)

  const { refund: given } = await refund(r, s.id, { amount: uzs(GROSS / 2n) })

  assert.deepEqual([given.status, given.reasonCode], ['RJCT', 'AM04'])
  assert.equal(await trial.booked(refs.payer.current), before)
  assert.equal(await trial.booked(refs.pottery), 0n)
  const state = await read(r, s.id)
  adds(state)
  assert.ok(state.legs.every((leg) => leg.reversedMinor === 0n && leg.reversingMinor === 0n))
  const treasury = state.legs.find(({ legId }) => legId === 'treasury')
  assert.equal(treasury?.heldMinor, 53_571_43n)
  await release(r, s.id, 'treasury')
  assert.equal((await read(r, s.id)).legs.find(({ legId }) => legId === 'treasury')?.heldMinor, 0n)
})

test('what went to another bank is not taken back, and what is on its way cannot be refunded yet', async () => {
  const r = await received(GROSS)
  const away = { ...(await destinationOf('pottery')), bankCode: '00014' }
  const legs = [
    await legTo('pottery', { destination: away, amount: uzs(GROSS / 2n) }),
    await legTo('textiles', { amount: uzs(GROSS / 2n), releaseCondition: 'manual' }),
  ]
  const { split: s } = await split(r, { legs, remainderTo: undefined })
  await assert.rejects(refund(r, s.id, { amount: uzs(GROSS) }), { code: 'payments/leg-in-flight' })
  for (let n = 0; n < 80; n++) {
    trial.pass(3600)
    await carrier.lookAfter()
  }
  await assert.rejects(refund(r, s.id, { amount: uzs(GROSS) }), {
    code: 'payments/reversal-impossible',
    status: 409,
  })
  const held = [{ legId: 'textiles', amount: uzs(GROSS / 2n) }]
  const { refund: given } = await refund(r, s.id, {
    amount: uzs(GROSS / 2n),
    policy: 'BY_LEG',
    legs: held,
  })
  assert.equal(given.status, 'ACSC')
})

/** Anything that a marketplace, its sellers and a bad day can do, in any order. */
const step = fc.record({
  what: fc.constantFrom('release', 'refund', 'refund', 'drain', 'fault', 'look', 'together'),
  leg: fc.constantFrom('pottery', 'textiles', 'platform', 'treasury'),
  permille: fc.integer({ min: 1, max: 700 }),
  policy: fc.constantFrom('PRO_RATA', 'PLATFORM_BEARS'),
  fault: fc.constantFrom('lost', 'away'),
})

test('whatever happens to a split, in any order and with any answer lost, it adds up at every moment', async () => {
  const refusals = ['payments/leg-not-held', 'payments/leg-in-flight', 'payments/refund-exceeds']
  const tolerant = (done: Promise<unknown>) =>
    done.catch((error: unknown) => {
      if (!refusals.includes((error as Problem).code)) throw error
    })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
      const inBank = async () =>
        sum(
          await Promise.all(
            [
              refs.programme,
              refs.pottery,
              refs.textiles,
              refs.platform,
              refs.treasury,
              refs.payer.current,
              refs.other.current,
            ].map((ref) => trial.booked(ref)),
          ),
        )
      const r = await received(GROSS)
      const start = {
        bank: await inBank(),
        programme: await trial.booked(refs.programme),
        payer: await trial.booked(refs.payer.current),
      }
      const { split: s } = await split(r)
      const doing = {
        release: ({ leg }: { leg: string }) => tolerant(release(r, s.id, leg)),
        refund: ({
          permille,
          policy,
        }: {
          permille: number
          policy: 'PRO_RATA' | 'PLATFORM_BEARS'
        }) => {
          const gross = policy === 'PRO_RATA' ? GROSS : 59_524_14n
          return tolerant(
            refund(r, s.id, { amount: uzs((gross * BigInt(permille)) / 1000n), policy }),
          )
        },
      }
      for (const now of steps) {
        if (now.what === 'release') await doing.release(now)
        if (now.what === 'refund') await doing.refund(now)
        if (now.what === 'drain') await drain(now.leg as Destination)
        if (now.what === 'fault') trial.faults.push(now.fault as 'lost' | 'away')
        if (now.what === 'together')
          await Promise.all([
            doing.release(now),
            doing.refund(now as never),
            doing.refund(now as never),
          ])
        if (now.what === 'look') {
          trial.pass(60)
          await carrier.lookAfter()
        }
        adds(await read(r, s.id))
      }
      trial.faults.length = 0
      for (let n = 0; n < 6; n++) {
        trial.pass(600)
        await carrier.lookAfter()
      }

      const state = await read(r, s.id)
      adds(state)
      assert.ok(state.refunds.every(({ refund: g }) => g.status === 'ACSC' || g.status === 'RJCT'))
      assert.ok(state.legs.every((leg) => leg.reversingMinor === 0n && leg.releasing === null))
      const refunded = sum(
        state.refunds
          .filter(({ refund: g }) => g.status === 'ACSC')
          .map(({ refund: g }) => g.amountMinor),
      )
      assert.equal(sum(state.legs.map((leg) => leg.reversedMinor)), refunded)
      assert.ok(refunded <= GROSS)
      // The bank's own books say the same: what is held is in the programme's account, what was refunded is the payer's.
      const held = sum(state.legs.map((leg) => leg.heldMinor))
      assert.equal((await trial.booked(refs.programme)) - start.programme, held - GROSS)
      assert.equal((await trial.booked(refs.payer.current)) - start.payer, refunded)
      assert.equal(await inBank(), start.bank)
    }),
    { numRuns: 12 },
  )
})
