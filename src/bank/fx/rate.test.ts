import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { money } from '#kernel/money.ts'
import { madeUpRates } from './made-up-market.ts'
import { lockFeeBps, LockPeriod, pairAsked, priced, QuoteRequest, ratesJson } from './quote.ts'
import { exchanged, FxCurrency, halfUp, PairName, pairs, rateText, reciprocalText } from './rate.ts'

const micros = fc.bigInt(10_000n, 99_999_000_000n)
const minor = fc.bigInt(1n, 10n ** 14n)

/** Exactly, as a fraction: what an amount is in the other currency of its pair. */
const exact = (amount: bigint, toCounter: boolean, rate: bigint) =>
  toCounter
    ? { numerator: amount * rate, denominator: 1_000_000n }
    : { numerator: amount * 1_000_000n, denominator: rate }

test('HALF_UP rounds to the nearest whole, and away from zero where two are equally near', () => {
  const cases = [
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [4n, 3n, 1n],
    [5n, 3n, 2n],
    [0n, 7n, 0n],
    [7n, 14n, 1n],
  ] as const
  for (const [numerator, denominator, rounded] of cases)
    assert.equal(halfUp(numerator, denominator), rounded)
})

test('an amount at a rate is exact to half a minor unit, in both directions', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PairName.options), minor, micros, fc.boolean(), (...given) => {
      const [name, amount, rate, toCounter] = given
      const pair = pairs[name]
      const from = money(amount, toCounter ? pair.base : pair.counter)
      const to = exchanged(from, pair, rate)
      const { numerator, denominator } = exact(amount, toCounter, rate)
      const off = to.minor * denominator - numerator
      assert.equal(to.currency, toCounter ? pair.counter : pair.base)
      assert.ok(2n * (off < 0n ? -off : off) <= denominator)
    }),
  )
})

test('a rate is decimal text of six places, its reciprocal of twelve', () => {
  assert.equal(rateText(12_650_250_000n), '12650.250000')
  assert.equal(rateText(5n), '0.000005')
  assert.equal(reciprocalText(12_650_250_000n), '0.000079049821')
  assert.equal(reciprocalText(1_000_000n), '1.000000000000')
  assert.deepEqual(ratesJson(pairs['USD/UZS'], 12_650_250_000n, 'UZS'), {
    rate: '0.000079049821',
    inverseRate: '12650.250000',
  })
})

const asked = fc
  .record({
    currencies: fc
      .tuple(fc.constantFrom(...FxCurrency.options), fc.constantFrom(...FxCurrency.options))
      .filter(([a, b]) => a !== b),
    fixedSide: fc.constantFrom('SELL' as const, 'BUY' as const),
    minor: fc.bigInt(10_000_00n, 10n ** 13n),
    lockPeriod: fc.constantFrom(...LockPeriod.options),
  })
  .map(({ currencies: [sellCurrency, buyCurrency], fixedSide, minor: amount, lockPeriod }) => ({
    sellCurrency,
    buyCurrency,
    fixedSide,
    lockPeriod,
    amount: money(amount, fixedSide === 'SELL' ? sellCurrency : buyCurrency),
  }))

const mid = fc.record({ micros: fc.bigInt(900_000n, 20_000_000_000n) })
const markup = fc.integer({ min: 0, max: 1000 })

test('the fixed side is what was asked for, and the other follows from the rate to the minor unit', () => {
  fc.assert(
    fc.property(asked, mid, markup, (request, rate, bps) => {
      const pair = pairAsked(request)
      const { sell, buy, fee, rateMicros } = priced(request, pair, rate, bps)
      const converted = money(sell.minor - fee.minor, sell.currency)
      if (request.fixedSide === 'SELL') {
        assert.deepEqual(sell, request.amount)
        assert.deepEqual(buy, exchanged(converted, pair, rateMicros))
      } else {
        assert.deepEqual(buy, request.amount)
        assert.deepEqual(converted, exchanged(buy, pair, rateMicros))
      }
      const lockBps = BigInt(lockFeeBps[request.lockPeriod])
      const off = fee.minor - halfUp(converted.minor * lockBps, 10_000n)
      assert.ok(off >= -1n && off <= 1n, `the fee is off by ${off}`)
    }),
  )
})

test('rounding never gives the bank or the customer more than one minor unit', () => {
  fc.assert(
    fc.property(asked, mid, (request, rate) => {
      const { markup: earned } = priced(request, pairAsked(request), rate, 0)
      // Without a mark-up all that the bank earns against the middle rate is rounding: of `buy`, and of what is given
      // for it, which is worth a minor unit of the dearer currency at most.
      const worth =
        request.fixedSide === 'BUY'
          ? exchanged(money(1n, request.sellCurrency), pairAsked(request), rate.micros).minor
          : 0n
      assert.ok(earned.minor >= -worth - 1n && earned.minor <= worth + 1n, String(earned.minor))
    }),
  )
})

test('a customer never does better than the middle rate by more than rounding, and worse with each mark-up', () => {
  fc.assert(
    fc.property(asked, mid, markup, markup, (request, rate, one, other) => {
      const [low, high] = one < other ? [one, other] : [other, one]
      const pair = pairAsked(request)
      const [cheap, dear] = [priced(request, pair, rate, low), priced(request, pair, rate, high)]
      assert.ok(dear.buy.minor <= cheap.buy.minor)
      assert.ok(dear.sell.minor >= cheap.sell.minor)
    }),
  )
})

test('a rate that is held for longer costs more', () => {
  const costs = LockPeriod.options.map(
    (lockPeriod) =>
      priced(
        {
          sellCurrency: 'UZS',
          buyCurrency: 'USD',
          fixedSide: 'BUY',
          amount: money(100_00n, 'USD'),
          lockPeriod,
        },
        pairs['USD/UZS'],
        { micros: 12_634_120_000n },
        60,
      ).sell.minor,
  )
  // 1 270 992.47 so'm, and 0, 2, 5 and 20 hundredths of a per cent of it.
  assert.deepEqual(costs, [127_099_247n, 127_124_667n, 127_162_797n, 127_353_445n])
})

test('what cannot be exchanged is refused by name', () => {
  const refused = (body: object, code: string) => {
    const request = QuoteRequest.parse({
      sellCurrency: 'UZS',
      buyCurrency: 'USD',
      fixedSide: 'SELL',
      amount: { amount: '100.00', currency: 'UZS' },
      lockPeriod: 'PT1M',
      ...body,
    })
    assert.throws(
      () => priced(request, pairAsked(request), { micros: 12_634_120_000n }, 60),
      { code, status: 400 },
      JSON.stringify(body),
    )
  }
  refused({ buyCurrency: 'UZS' }, 'fx/pair-not-offered')
  refused({ fixedSide: 'BUY' }, 'fx/amount-invalid')
  refused({ amount: { amount: '0.00', currency: 'UZS' } }, 'fx/amount-invalid')
  refused({ amount: { amount: '-5.00', currency: 'UZS' } }, 'fx/amount-invalid')
  // Sixty so'm are less than half a cent.
  refused({ amount: { amount: '60.00', currency: 'UZS' } }, 'fx/amount-invalid')
})

test('the made-up market is the same for everybody, moves in small steps, and rests on weekends', () => {
  const at = (text: string) => madeUpRates(Temporal.Instant.from(text))
  assert.deepEqual(at('2026-11-23T06:00:01Z'), at('2026-11-23T06:00:01Z'))
  const [saturday, sunday] = [at('2026-11-21T03:00:00Z'), at('2026-11-22T23:00:00Z')]
  assert.deepEqual(
    saturday.map(({ micros: m, asOf }) => [m, asOf.toString()]),
    sunday.map(({ micros: m, asOf }) => [m, asOf.toString()]),
  )
  assert.equal(saturday[0]?.asOf.toString(), '2026-11-20T23:59:55Z')

  let before = at('2026-11-23T00:00:00Z')
  const seen = new Set<bigint>()
  for (let step = 1; step <= 500; step++) {
    const now = madeUpRates(
      Temporal.Instant.from('2026-11-23T00:00:00Z').add({ seconds: step * 60 }),
    )
    for (const [index, rate] of now.entries()) {
      const last = before[index]
      assert.ok(last)
      const change = rate.micros - last.micros
      // A thousandth in a minute would be a storm.
      assert.ok((change < 0n ? -change : change) * 1_000n < last.micros)
    }
    seen.add(now[0]?.micros ?? 0n)
    before = now
  }
  assert.ok(seen.size > 400)
})
