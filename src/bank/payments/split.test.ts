import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { uzs } from '../trial.ts'
import { partsOf } from './refund.ts'
import {
  cameBack,
  didNotComeBack,
  givenBack,
  type Leg,
  leftOf,
  type LegRequest,
  paidOut,
  refusedByDestination,
  released,
  sharedOut,
  SplitId,
  type SplitRequest,
  taken,
} from './split.ts'
import { PaymentId } from './payment.ts'

const paymentId = PaymentId.next()
const legAsked = (legId: string, how: Partial<LegRequest>): LegRequest => ({
  legId,
  destination: {
    schemeName: 'UZ.AccountNumber',
    identification: '8'.repeat(20),
    name: 'Seller',
  },
  role: 'seller',
  releaseCondition: 'immediate',
  ...how,
})
const asked = (gross: bigint, legs: LegRequest[], remainderTo?: string): SplitRequest => ({
  paymentId,
  grossAmount: uzs(gross),
  legs,
  ...(remainderTo !== undefined && { remainderTo }),
})
const sum = (parts: readonly bigint[]) => parts.reduce((a, b) => a + b, 0n)

/** Any request that could be meant: amounts, shares, and perhaps a leg for the rest. */
const request = fc
  .record({
    gross: fc.bigInt({ min: 1n, max: 10n ** 15n }),
    legs: fc.array(
      fc.oneof(
        fc.record({ permille: fc.integer({ min: 1, max: 400 }) }),
        fc.record({ sharePpm: fc.integer({ min: 1, max: 400_000 }) }),
      ),
      { minLength: 1, maxLength: 12 },
    ),
    rest: fc.boolean(),
  })
  .map(({ gross, legs, rest }) => {
    const made = legs.map((leg, at) =>
      legAsked(
        `leg-${at}`,
        'sharePpm' in leg ? leg : { amount: uzs((gross * BigInt(leg.permille)) / 1000n || 1n) },
      ),
    )
    return rest ? asked(gross, [...made, legAsked('rest', {})], 'rest') : asked(gross, made)
  })

test('whatever is split, the legs are the gross, or it is refused', () => {
  let split = 0
  fc.assert(
    fc.property(request, (r) => {
      let parts
      try {
        parts = sharedOut(r)
      } catch (error) {
        assert.equal((error as { code: string }).code, 'payments/split-unbalanced')
        return
      }
      split++
      assert.equal(sum(parts), r.grossAmount.minor)
      assert.ok(parts.every((part) => part > 0n))
      for (const [at, leg] of r.legs.entries()) {
        if (leg.amount) assert.equal(parts[at], leg.amount.minor)
        if (leg.sharePpm === undefined) continue
        const exact = (r.grossAmount.minor * BigInt(leg.sharePpm)) / 1_000_000n
        assert.ok(parts[at]! - exact >= 0n && parts[at]! - exact <= 1n, 'a share is its share')
      }
      assert.deepEqual(sharedOut(r), parts, 'the same request is the same split')
    }),
    { numRuns: 2000 },
  )
  assert.ok(split > 200, `only ${split} of the requests could be split`)
})

test('three equal shares of a hundred are 34, 33 and 33: the earlier leg has the tiyin', () => {
  const thirds = [333_334, 333_333, 333_333].map((sharePpm, at) => legAsked(`l${at}`, { sharePpm }))
  assert.deepEqual(sharedOut(asked(100n, thirds)), [34n, 33n, 33n])
})

test('the rest goes to the leg that takes it, on top of what it has', () => {
  const legs = [
    legAsked('pottery', { sharePpm: 600_000 }),
    legAsked('textiles', { sharePpm: 233_333 }),
    legAsked('fee', {}),
    legAsked('vat', { amount: uzs(107_142_86n) }),
  ]
  assert.deepEqual(sharedOut(asked(1_000_000_00n, legs, 'fee')), [
    600_000_00n,
    233_333_00n,
    59_524_14n,
    107_142_86n,
  ])
  const amount = { amount: uzs(10n) }
  assert.deepEqual(sharedOut(asked(100n, [legAsked('a', amount)], 'a')), [100n])
})

test('a split that leaves or lacks a tiyin is refused', () => {
  const unbalanced = { code: 'payments/split-unbalanced', status: 400 }
  const of = (minor: bigint) => legAsked('a', { amount: uzs(minor) })
  assert.throws(() => sharedOut(asked(100n, [of(99n)])), unbalanced)
  assert.throws(() => sharedOut(asked(100n, [of(101n)])), unbalanced)
  assert.throws(() => sharedOut(asked(100n, [of(100n), legAsked('b', {})], 'b')), unbalanced)
  assert.throws(() => sharedOut(asked(1n, [of(1n), legAsked('b', { sharePpm: 1 })])), unbalanced)
})

test('every wrong leg is named by its place', () => {
  const pointerOf = (legs: LegRequest[], remainderTo?: string) => {
    try {
      sharedOut(asked(100n, legs, remainderTo))
      return 'none'
    } catch (error) {
      const { particulars } = error as { particulars: { errors?: { pointer: string }[] } }
      return particulars.errors?.[0]?.pointer
    }
  }
  const whole = legAsked('a', { amount: uzs(100n) })
  assert.equal(pointerOf([whole], 'z'), '/remainderTo')
  assert.equal(pointerOf([whole, whole]), '/legs/1/legId')
  assert.equal(pointerOf([{ ...whole, sharePpm: 1 }]), '/legs/0')
  assert.equal(pointerOf([whole, legAsked('b', {})]), '/legs/1')
  const dollars = { amount: { minor: 100n, currency: 'USD' as const } }
  assert.equal(pointerOf([legAsked('a', dollars)]), '/legs/0/amount/currency')
  assert.equal(pointerOf([legAsked('a', { amount: uzs(0n) })]), '/legs/0/amount/amount')
})

const leg = (amountMinor: bigint): Leg => ({
  splitId: SplitId.next(),
  legId: 'a',
  position: 0,
  role: 'seller',
  releaseCondition: 'manual',
  number: '8'.repeat(20),
  bankCode: '09998',
  bankGiven: true,
  name: 'Seller',
  amountMinor,
  paidMinor: 0n,
  heldMinor: amountMinor,
  reversedMinor: 0n,
  reversingMinor: 0n,
  releasing: null,
  subMerchantId: null,
  reasonCode: null,
})

/** One leg through any order of things that happen to legs; those that cannot happen now are left out. */
test('a leg is paid, held and reversed to its last tiyin, in any order of what happens to it', () => {
  const step = fc.record({
    what: fc.constantFrom('release', 'paid', 'refused', 'refund', 'back', 'not-back', 'give-back'),
    share: fc.integer({ min: 1, max: 100 }),
    failed: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 12n }),
      fc.array(step, { maxLength: 40 }),
      (minor, steps) => {
        let now = leg(minor)
        const part = (of: bigint, share: number) => (of * BigInt(share)) / 100n
        const happens = ({ what, share, failed }: (typeof steps)[number]): Leg | undefined => {
          switch (what) {
            case 'release':
              return now.releasing === null && now.heldMinor > 0n ? released(now, 'R') : undefined
            case 'paid':
              return now.releasing === null ? undefined : paidOut(now, now.heldMinor)
            case 'refused':
              return now.releasing === null ? undefined : refusedByDestination(now, 'AC04')
            case 'refund': {
              const amount = part(leftOf(now), share)
              if (amount === 0n || now.releasing !== null) return undefined
              const refund = { amount: uzs(amount), policy: 'PRO_RATA', reason: 'CUST' } as const
              const [taking] = partsOf(refund, [now], 'UZS')
              return taking && taken(now, taking)
            }
            case 'back': {
              const amount = part(now.reversingMinor, share)
              return amount > 0n ? cameBack(now, amount, failed ? 'leg' : 'refund') : undefined
            }
            case 'not-back': {
              const amount = part(now.reversingMinor, share)
              return amount > 0n ? didNotComeBack(now, amount) : undefined
            }
            case 'give-back': {
              const amount = part(now.reversedMinor, share)
              return amount > 0n && now.releasing === null ? givenBack(now, amount) : undefined
            }
          }
        }
        for (const s of steps) {
          now = happens(s) ?? now
          assert.equal(now.paidMinor + now.heldMinor + now.reversedMinor, minor)
          assert.ok(now.reversingMinor >= 0n && now.reversingMinor <= now.paidMinor)
          assert.ok(leftOf(now) >= 0n)
        }
      },
    ),
  )
})

test('a refund is shared by what is left of each leg, to the tiyin, and never takes more than that', () => {
  const legs = fc
    .array(fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.nat(100)), {
      minLength: 1,
      maxLength: 20,
    })
    .map((list) =>
      list.map(([amount, percent], at): Leg => {
        const reversed = (amount * BigInt(percent)) / 100n
        const whole = { ...leg(amount), legId: `l${at}`, position: at }
        return { ...whole, heldMinor: amount - reversed, reversedMinor: reversed }
      }),
    )
  fc.assert(
    fc.property(legs, fc.bigInt({ min: 1n, max: 10n ** 13n }), (list, minor) => {
      const refund = { amount: uzs(minor), policy: 'PRO_RATA', reason: 'CUST' } as const
      const left = sum(list.map(leftOf))
      if (minor > left) {
        assert.throws(() => partsOf(refund, list, 'UZS'), { code: 'payments/refund-exceeds' })
        return
      }
      const parts = partsOf(refund, list, 'UZS')
      assert.equal(sum(parts.map((p) => p.heldMinor + p.paidMinor)), minor)
      for (const p of parts) assert.ok(p.heldMinor + p.paidMinor <= leftOf(p.leg))
    }),
    { numRuns: 1000 },
  )
})
