import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Problem } from '#kernel/problem.ts'
import { noon } from '../trial.ts'
import {
  type Authorization,
  authorizationTransitions,
  cleared,
  decided,
  expired,
  reversed,
  settledBy,
} from './authorizations/authorization.ts'
import { CardId } from './card.ts'
import {
  type Cardholder,
  CardholderAction,
  cardholderAfter,
  CardholderId,
  cardholderTransitions,
} from './cardholders/cardholder.ts'
import { Channel, type Controls, type Interval, intervals, roomFor } from './controls/controls.ts'
import { Shipping, shippingAfter, shippingTransitions } from './plastic.ts'
import {
  type Programme,
  ProgrammeAction,
  programmeAfter,
  ProgrammeId,
  programmeTransitions,
  standardTerms,
} from './programmes/programme.ts'

/** What an action makes of a thing; a refusal leaves it as it is. */
const tried = <T>(before: T, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    return before
  }
}

const by = fc.constantFrom('partner' as const, 'bank' as const)

test('a programme moves as its table says, nothing opens a closed one, and no partner resumes what the bank stopped', () => {
  const programme = {
    ...({} as Programme),
    id: ProgrammeId.next(),
    status: 'bank_approved' as const,
    suspendedBy: null,
    updatedAt: noon,
  }
  const step = fc.record({ action: fc.constantFrom(...ProgrammeAction.options), by })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let now: Programme = programme
      for (const { action, by: who } of steps) {
        const before = now
        now = tried(now, () => programmeAfter(before, action, who, noon))
        if (before.status !== now.status)
          assert.ok(programmeTransitions[before.status].includes(now.status))
        if (before.suspendedBy === 'bank' && who === 'partner')
          assert.ok(now.suspendedBy === 'bank' || now.status === 'closed')
        assert.equal(now.status === 'suspended', now.suspendedBy !== null)
      }
    }),
  )
})

test('a cardholder moves as their table says, and no partner completes a verification or lifts the bank’s block', () => {
  const step = fc.record({ action: fc.constantFrom(...CardholderAction.options), by })
  fc.assert(
    fc.property(
      fc.constantFrom('pending_kyc' as const, 'active' as const),
      fc.array(step, { maxLength: 20 }),
      (status, steps) => {
        let now: Cardholder = {
          ...({} as Cardholder),
          id: CardholderId.next(),
          status,
          blockedBy: null,
        }
        for (const { action, by: who } of steps) {
          const before = now
          now = tried(now, () => cardholderAfter(before, action, who, noon))
          if (before.status !== now.status)
            assert.ok(cardholderTransitions[before.status].includes(now.status))
          if (before.status === 'pending_kyc') assert.notEqual(now.status, 'active')
          if (before.blockedBy === 'bank' && who === 'partner')
            assert.notEqual(now.status, 'active')
        }
      },
    ),
  )
})

test('a card’s way goes forward only, and a card that is virtual has none', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...Shipping.options), { maxLength: 10 }), (steps) => {
      let now: Shipping = 'pending'
      for (const next of steps) {
        const before: Shipping = now
        now = tried(now, () => shippingAfter(before, next))
        assert.ok(before === now || shippingTransitions[before].includes(now))
        assert.throws(() => shippingAfter(null, next), {
          code: 'cards/shipping-transition-refused',
        })
      }
    }),
  )
})

const authorization = (requestedMinor: bigint): Authorization => ({
  ...({} as Authorization),
  cardId: CardId.next(),
  status: 'pending',
  approved: null,
  requestedMinor,
  reservedMinor: requestedMinor,
  approvedMinor: 0n,
  heldMinor: 0n,
  clearedMinor: 0n,
  releasedMinor: 0n,
})

test('in any order of clearings, reversals and expiry: held, cleared and released add up, and an end is an end', () => {
  const step = fc.record({
    what: fc.constantFrom('clear', 'reverse', 'expire'),
    minor: fc.bigInt({ min: 0n, max: 120n }),
    all: fc.boolean(),
  })
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 100n }),
      fc.array(step, { maxLength: 12 }),
      (minor, steps) => {
        const approved = { approved: true, minor, by: 'controls' } as const
        let now = decided(authorization(100n), approved, noon)
        for (const { what, minor: some, all } of steps) {
          const before = now
          now = tried(now, () => {
            if (what === 'clear') return cleared(before, some, all, noon)
            return what === 'reverse'
              ? reversed(before, all ? undefined : some, noon)
              : expired(before, noon)
          })
          assert.equal(now.heldMinor + now.clearedMinor + now.releasedMinor, minor)
          assert.ok(now.clearedMinor >= before.clearedMinor)
          assert.ok(now.releasedMinor >= before.releasedMinor)
          assert.ok(
            now.status === before.status ||
              authorizationTransitions[before.status].includes(now.status),
          )
          assert.equal(now.status === 'pending', now.heldMinor > 0n)
        }
      },
    ),
  )
})

const uzs = (minor: bigint) => ({ minor, currency: 'UZS' }) as const

test('whatever the partner says, no more is approved than the controls leave room for', () => {
  const word = fc.oneof(
    fc.constant({ word: 'not-asked' } as const),
    fc.constant({ word: 'decline' } as const),
    fc.record({ word: fc.constant('silent' as const), late: fc.boolean() }),
    fc.record({ word: fc.constant('approve' as const), minor: fc.bigInt({ min: 0n, max: 500n }) }),
  )
  fc.assert(
    fc.property(
      word,
      fc.bigInt({ min: 1n, max: 200n }),
      fc.bigInt({ min: 1n, max: 200n }),
      fc.boolean(),
      fc.bigInt({ min: 0n, max: 200n }),
      (said, requestedMinor, open, partialApproval, bound) => {
        const room = open < requestedMinor ? open : requestedMinor
        const asked = { requestedMinor, currency: 'UZS', partialApproval } as const
        const decision = settledBy(said, asked, room, { approveUpTo: [uzs(bound)] })
        if (!decision.approved) return
        assert.ok(decision.minor > 0n && decision.minor <= room)
        assert.ok(partialApproval || decision.minor === requestedMinor)
        assert.notEqual(said.word, 'decline')
        if (said.word === 'approve') assert.ok(decision.minor <= said.minor)
        if (said.word === 'silent') assert.ok(decision.minor <= bound)
      },
    ),
  )
})

test('more controls never leave more room (O28)', () => {
  const controls: fc.Arbitrary<Controls> = fc.record(
    {
      limits: fc.array(
        fc.record({
          interval: fc.constantFrom(...intervals),
          amount: fc.bigInt({ min: 0n, max: 300n }).map(uzs),
        }),
        { maxLength: 4 },
      ),
      channels: fc.subarray([...Channel.options], { minLength: 1 }),
      countries: fc.record({
        mode: fc.constantFrom('allow' as const, 'block' as const),
        codes: fc.subarray(['UZ', 'KZ', 'DE'], { minLength: 1 }),
      }),
    },
    { requiredKeys: ['limits'] },
  )
  const spent = fc.bigInt({ min: 0n, max: 200n })
  fc.assert(
    fc.property(
      controls,
      controls,
      spent,
      fc.bigInt({ min: 1n, max: 200n }),
      (a, b, used, minor) => {
        const use = { amount: uzs(minor), mcc: '5411', country: 'UZ', channel: 'chip' } as const
        const each = Object.fromEntries(intervals.map((interval) => [interval, used]))
        const so = { ...(each as Record<Interval, bigint>), per_authorization: 0n }
        const [one, both] = [roomFor(use, so, [a]), roomFor(use, so, [a, b])]
        if (both.open) assert.ok(one.open && both.upTo <= one.upTo && both.upTo <= minor)
        if (both.open)
          for (const { interval, amount } of [...a.limits, ...b.limits])
            assert.ok(both.upTo + so[interval] <= amount.minor)
      },
    ),
  )
})

test('the standard programme has a limit and a stand-in amount in each of its currencies', () => {
  for (const currency of standardTerms.currencies) {
    assert.ok(standardTerms.controls.limits.some(({ amount }) => amount.currency === currency))
    assert.ok(standardTerms.standIn.approveUpTo.some((amount) => amount.currency === currency))
  }
})
