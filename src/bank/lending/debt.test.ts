import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DayCount } from './day-count.ts'
import {
  arrearsOf,
  type Debt,
  dueOf,
  isPaidOff,
  outstandingOf,
  payoffOf,
  plus,
  nothing,
  repaid,
  scheduled,
  sumOf,
} from './debt.ts'
import { dueDates, scheduleOf } from './schedule.ts'

const start = Temporal.PlainDate.from('2026-11-23')

const debtOf = (given: {
  principalMinor: bigint
  ratePpm: bigint
  feeMinor: bigint
  months: number
  method: Debt['method']
  dayCount: Debt['dayCount']
}): Debt => {
  const { feeMinor, months, principalMinor, ...terms } = given
  const rows = scheduleOf({ ...terms, principalMinor, from: start, due: dueDates(start, months) })
  return {
    ...terms,
    penaltyPpm: (terms.ratePpm * 3n) / 2n,
    instalments: rows.map((row, at) => scheduled(row, at === 0 ? feeMinor : 0n)),
  }
}

const debts = fc
  .record({
    principalMinor: fc.bigInt(1_000_00n, 1_000_000_000_00n),
    ratePpm: fc.bigInt(0n, 500_000n),
    feeMinor: fc.bigInt(0n, 500_00n),
    months: fc.integer({ min: 1, max: 36 }),
    method: fc.constantFrom('annuity' as const, 'differentiated' as const),
    dayCount: fc.constantFrom(...DayCount.options),
  })
  .map((given) => ({ debt: debtOf(given), given }))

/** Payments in order of time, each a share of what would end the debt on its day; more than all of it too. */
const payments = fc.array(
  fc.record({ days: fc.integer({ min: 0, max: 70 }), permille: fc.bigInt(1n, 1_050n) }),
  { maxLength: 12 },
)

const pay = (debt: Debt, given: { days: number; permille: bigint }[]) => {
  let now = { debt, on: start, parts: nothing, paid: 0n, excess: 0n }
  for (const { days, permille } of given) {
    const on = now.on.add({ days })
    const amount = (sumOf(payoffOf(now.debt, on)) * permille) / 1_000n
    if (amount === 0n) continue
    const after = repaid(now.debt, amount, on)
    assert.equal(
      sumOf(after.parts) + after.excessMinor,
      amount,
      'a payment goes somewhere, all of it',
    )
    assert.equal(
      after.excessMinor > 0n,
      permille > 1_000n && amount > sumOf(payoffOf(now.debt, on)),
    )
    now = {
      debt: after.debt,
      on,
      parts: plus(now.parts, after.parts),
      paid: now.paid + amount,
      excess: now.excess + after.excessMinor,
    }
    if (after.excessMinor > 0n) break
  }
  return now
}

test('whatever is paid and whenever, principal paid and principal left are the loan', () => {
  fc.assert(
    fc.property(debts, payments, ({ debt, given }, list) => {
      const after = pay(debt, list)
      assert.equal(outstandingOf(after.debt) + after.parts.principal, given.principalMinor)
      assert.equal(
        after.debt.instalments.reduce((sum, row) => sum + row.principalMinor, 0n),
        given.principalMinor,
      )
      for (const row of after.debt.instalments)
        for (const left of [
          row.feeMinor - row.paidFeeMinor,
          row.penaltyMinor - row.paidPenaltyMinor,
          row.interestMinor - row.paidInterestMinor,
          row.principalMinor - row.paidPrincipalMinor,
        ])
          assert.ok(left >= 0n, 'nothing is paid twice')
    }),
    { numRuns: 40 },
  )
})

test('a pay-off ends the debt on its day exactly, and a minor unit less does not', () => {
  fc.assert(
    fc.property(debts, payments, fc.integer({ min: 0, max: 400 }), ({ debt }, list, days) => {
      const before = pay(debt, list)
      fc.pre(before.excess === 0n && !isPaidOff(before.debt))
      const on = before.on.add({ days })
      const payoff = sumOf(payoffOf(before.debt, on))
      const ended = repaid(before.debt, payoff, on)
      assert.ok(isPaidOff(ended.debt))
      assert.deepEqual([ended.excessMinor, outstandingOf(ended.debt)], [0n, 0n])
      if (payoff > 1n) assert.ok(!isPaidOff(repaid(before.debt, payoff - 1n, on).debt))
      assert.equal(repaid(before.debt, payoff + 7n, on).excessMinor, 7n)
    }),
    { numRuns: 50 },
  )
})

test('paid as scheduled, a loan ends with its last instalment and costs what was offered', () => {
  fc.assert(
    fc.property(debts, ({ debt, given }) => {
      const offered = debt.instalments.reduce((sum, row) => sum + row.interestMinor, 0n)
      let now = debt
      let paid = nothing
      for (const { dueOn } of debt.instalments) {
        const due = sumOf(dueOf(now, dueOn))
        if (due === 0n) continue
        const after = repaid(now, due, dueOn)
        now = after.debt
        paid = plus(paid, after.parts)
        assert.equal(arrearsOf(now, dueOn.add({ days: 1 })).daysPastDue, 0)
      }
      assert.ok(isPaidOff(now))
      assert.deepEqual(paid, {
        fee: given.feeMinor,
        penalty: 0n,
        interest: offered,
        principal: given.principalMinor,
      })
    }),
    { numRuns: 40 },
  )
})

const ordinary = debtOf({
  principalMinor: 12_000_000_00n,
  ratePpm: 240_000n,
  feeMinor: 120_000_00n,
  months: 12,
  method: 'differentiated',
  dayCount: '30/360',
})

test('a late payment goes to fees, penalty interest, interest and principal, in that order', () => {
  const on = Temporal.PlainDate.from('2027-01-22')
  const due = dueOf(ordinary, on)
  // The first million and its interest were due on 23 December: 29 days of 30/360 at 36 % on the million.
  assert.deepEqual(due, {
    fee: 120_000_00n,
    penalty: 29_000_00n,
    interest: 240_000_00n,
    principal: 1_000_000_00n,
  })
  const partsOf = (minor: bigint) => repaid(ordinary, minor, on).parts
  assert.deepEqual(partsOf(100_000_00n), { ...nothing, fee: 100_000_00n })
  assert.deepEqual(partsOf(130_000_00n), { ...nothing, fee: 120_000_00n, penalty: 10_000_00n })
  assert.deepEqual(partsOf(400_000_00n), { ...due, principal: 11_000_00n })
})

test('days past due begin on the day after, and fall into the buckets of reports', () => {
  const seen = [0, 1, 30, 31, 60, 61, 90, 91].map((days) => {
    const { daysPastDue, bucket } = arrearsOf(
      ordinary,
      Temporal.PlainDate.from('2026-12-23').add({ days }),
    )
    assert.equal(daysPastDue, days)
    return bucket
  })
  assert.deepEqual(seen, [
    'CURRENT',
    'DPD_1_30',
    'DPD_1_30',
    'DPD_31_60',
    'DPD_31_60',
    'DPD_61_90',
    'DPD_61_90',
    'DPD_90_PLUS',
  ])
})

test('an early part makes the coming instalments smaller and leaves their days as they were', () => {
  const on = Temporal.PlainDate.from('2026-12-08')
  const { debt, parts, excessMinor } = repaid(ordinary, 6_240_000_00n, on)
  // Half a month at 2 % a month on twelve million, and the fee, come before the principal.
  assert.deepEqual(parts, {
    fee: 120_000_00n,
    penalty: 0n,
    interest: 120_000_00n,
    principal: 6_000_000_00n,
  })
  assert.equal(excessMinor, 0n)
  const coming = debt.instalments.filter((row) => row.kind === 'scheduled')
  assert.deepEqual(
    coming.map(({ dueOn }) => dueOn.toString()),
    ordinary.instalments.map(({ dueOn }) => dueOn.toString()),
  )
  assert.equal(coming[0]?.principalMinor, 500_000_00n)
  assert.equal(coming[0]?.interestMinor, 60_000_00n)
})
