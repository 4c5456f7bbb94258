import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { annualPercentageRate } from './annual-percentage-rate.ts'
import { DayCount, partsBetween, YEAR } from './day-count.ts'
import { annuityOf, dueDates, interestOn, scheduleOf, type Terms } from './schedule.ts'

const day = (text: string) => Temporal.PlainDate.from(text)
const dayCounts = DayCount.options

const terms: fc.Arbitrary<Terms> = fc
  .record({
    principalMinor: fc.bigInt(100_000n, 10_000_000_000_00n),
    ratePpm: fc.bigInt(0n, 600_000n),
    method: fc.constantFrom('annuity' as const, 'differentiated' as const),
    dayCount: fc.constantFrom(...dayCounts),
    begins: fc.integer({ min: 0, max: 3_000 }),
    months: fc.integer({ min: 1, max: 84 }),
    late: fc.integer({ min: 0, max: 14 }),
  })
  .map(({ begins, months, late, ...rest }) => {
    const offered = day('2024-01-31').add({ days: begins })
    return { ...rest, from: offered.add({ days: late }), due: dueDates(offered, months) }
  })

test('2006 ISDA §4.16: each convention counts a leap February as its clause says', () => {
  const [from, to] = [day('2024-01-31'), day('2024-02-29')]
  const counted = dayCounts.map((convention) => partsBetween(convention, from, to))
  assert.deepEqual(counted, [29n, 29n, 29n, 29n * 365n])
  assert.equal(partsBetween('30/360', day('2024-01-30'), day('2024-03-31')), 60n)
  assert.equal(partsBetween('30/360', day('2024-01-29'), day('2024-03-31')), 62n)
  // Of a year that begins in the middle of a leap year, each part is of its own calendar year.
  assert.equal(
    partsBetween('ACT/ACT-ISDA', day('2024-07-01'), day('2025-07-01')),
    184n * 365n + 181n * 366n,
  )
})

test('a year of each convention is a whole year of interest', () => {
  for (const dayCount of ['30/360', 'ACT/365F', 'ACT/ACT-ISDA'] as const)
    assert.equal(
      interestOn(1_000_000n, { ratePpm: 100_000n, dayCount }, day('2025-01-01'), day('2026-01-01')),
      100_000n,
      dayCount,
    )
  const rate = { ratePpm: 100_000n, dayCount: 'ACT/360' as const }
  assert.equal(interestOn(1_000_000n, rate, day('2025-01-01'), day('2026-01-01')), 101_389n)
})

test('time counted in two steps is the time counted in one, for every convention of actual days', () => {
  const date = fc.integer({ min: 0, max: 20_000 }).map((days) => day('2000-01-01').add({ days }))
  fc.assert(
    fc.property(
      fc.constantFrom(...dayCounts.slice(1)),
      fc.array(date, { minLength: 3, maxLength: 3 }),
      (convention, days) => {
        const [a, b, c] = days.toSorted((x, y) => Temporal.PlainDate.compare(x, y))
        assert.ok(a && b && c)
        const both = partsBetween(convention, a, b) + partsBetween(convention, b, c)
        assert.equal(both, partsBetween(convention, a, c))
        assert.ok(YEAR[convention] > 0n)
      },
    ),
    { numRuns: 200 },
  )
})

test('the textbook annuity: 10 000 000.00 at 24 % in 12 equal months of 30/360', () => {
  const rows = scheduleOf({
    principalMinor: 10_000_000_00n,
    ratePpm: 240_000n,
    method: 'annuity',
    dayCount: '30/360',
    from: day('2026-11-23'),
    due: dueDates(day('2026-11-23'), 12),
  })
  const totals = rows.map((row) => row.interestMinor + row.principalMinor)
  // P·i / (1 − (1+i)⁻ⁿ) with i = 2 % is 945 595.9662…
  assert.deepEqual(totals.slice(0, 11), Array<bigint>(11).fill(945_595_97n))
  assert.equal(totals[11], 945_595_92n)
  assert.equal(rows[0]?.interestMinor, 200_000_00n)
})

test('principal sums to the loan, the balance reaches nothing, and no line is negative', () => {
  fc.assert(
    fc.property(terms, (asked) => {
      const rows = scheduleOf(asked)
      assert.equal(rows.length, asked.due.length)
      let balance = asked.principalMinor
      for (const { principalMinor, interestMinor, balanceMinor } of rows) {
        balance -= principalMinor
        assert.equal(balanceMinor, balance)
        assert.ok(principalMinor >= 0n && interestMinor >= 0n && balance >= 0n)
      }
      assert.equal(balance, 0n)
    }),
    { numRuns: 60 },
  )
})

test('equal instalments are equal but for the last, which differs by what rounding left', () => {
  fc.assert(
    fc.property(terms, (given) => {
      // Of the size that is lent: of a few so'm, rounding alone may pay the last instalment.
      const asked = { ...given, principalMinor: given.principalMinor + 100_000_000n }
      const annuity = annuityOf(asked)
      const rows = scheduleOf({ ...asked, method: 'annuity' })
      const totals = rows.map((row) => row.interestMinor + row.principalMinor)
      // A long month of a dear loan may bear more interest than an instalment: it is paid, and nothing is added to the debt.
      fc.pre(rows.every((row) => row.interestMinor <= annuity))
      for (const total of totals.slice(0, -1)) assert.equal(total, annuity)
      // Each rounding leaves at most half a minor unit, of interest and of the instalment, and grows until the end.
      const growths = rows.map(({ from, dueOn }) => {
        const years =
          Number(partsBetween(asked.dayCount, from, dueOn)) / Number(YEAR[asked.dayCount])
        return 1 + (Number(asked.ratePpm) / 1_000_000) * years
      })
      const most = growths.reduce((left, growth) => left * growth + 1, 0)
      const last = totals.at(-1) ?? 0n
      const apart = last > annuity ? last - annuity : annuity - last
      assert.ok(Number(apart) <= most + 1, `${apart} apart, ${most} at most`)
    }),
    { numRuns: 60 },
  )
})

test('equal parts of the principal are equal but for the last, and interest only falls', () => {
  fc.assert(
    fc.property(terms, (asked) => {
      const rows = scheduleOf({ ...asked, method: 'differentiated', dayCount: '30/360' })
      const part = asked.principalMinor / BigInt(rows.length)
      for (const row of rows.slice(0, -1)) assert.equal(row.principalMinor, part)
      const last = rows.at(-1)?.principalMinor ?? 0n
      assert.ok(last >= part && last < part + BigInt(rows.length))
    }),
    { numRuns: 60 },
  )
})

test('a loan that is paid out later than it was offered never costs more', () => {
  fc.assert(
    fc.property(terms, fc.integer({ min: 1, max: 13 }), (asked, later) => {
      const offered = { ...asked, from: asked.from.subtract({ days: 0 }) }
      const taken = { ...offered, from: offered.from.add({ days: later }) }
      fc.pre(Temporal.PlainDate.compare(taken.from, taken.due[0]!) < 0)
      const costOf = (t: Terms) => scheduleOf(t).reduce((sum, row) => sum + row.interestMinor, 0n)
      // Of an annuity each rounding may leave a minor unit.
      assert.ok(costOf(taken) <= costOf(offered) + BigInt(asked.due.length))
    }),
    { numRuns: 60 },
  )
})

test('Directive 2008/48/EC Annex I: credit repaid in one sum after a year costs its interest', () => {
  const flows = [
    { days: 0, minor: 1_000_00n },
    { days: 365, minor: -1_200_00n },
  ]
  assert.equal(annualPercentageRate(flows), 20_00)
  assert.equal(
    annualPercentageRate([
      { days: 0, minor: 100n },
      { days: 30, minor: -100n },
    ]),
    0,
  )
  // Twelve months at 2 % a month are (1.02)^12 − 1 a year, but for the lengths of the months.
  const from = day('2026-01-01')
  const due = dueDates(from, 12)
  const rows = scheduleOf({
    principalMinor: 10_000_000_00n,
    ratePpm: 240_000n,
    method: 'annuity',
    dayCount: '30/360',
    from,
    due,
  })
  const paid = rows.map((row) => ({
    days: from.until(row.dueOn).days,
    minor: -row.interestMinor - row.principalMinor,
  }))
  const apr = annualPercentageRate([{ days: 0, minor: 10_000_000_00n }, ...paid])
  assert.equal(apr, 26_95)
})
