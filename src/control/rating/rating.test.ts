/** What holds for every price and every usage, whatever the figures. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Charge,
  InvoiceInput,
  invoiceLines,
  rate,
  RatingInput,
  RatingRefused,
} from './index.ts'

const decimals = (digits: number, max: number) =>
  fc
    .tuple(fc.integer({ min: 0, max }), fc.integer({ min: 0, max: 10 ** digits - 1 }))
    .map(([whole, part]) => `${whole}.${String(part).padStart(digits, '0')}`)
const price = decimals(4, 20)

const tiers = fc
  .tuple(
    fc.uniqueArray(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 4 }),
    fc.array(fc.record({ unit: price, flat: price }), { minLength: 5, maxLength: 5 }),
  )
  .map(([edges, prices]) => {
    const sorted = edges.toSorted((a, b) => a - b)
    return [...sorted, null].map((upTo, i) => ({
      upTo: upTo === null ? null : String(upTo),
      unit: prices[i]?.unit ?? '0',
      flat: prices[i]?.flat ?? '0',
    }))
  })

const period = { zone: 'Asia/Tashkent', start: '2026-09-01', end: '2026-10-01' }
const startMs = Temporal.Instant.from('2026-08-31T19:00:00Z').epochMilliseconds
const event = fc.record({
  id: fc.uuid(),
  at: fc
    .integer({ min: 0, max: 29 * 86_400_000 })
    .map((ms) => Temporal.Instant.fromEpochMilliseconds(startMs + ms).toString()),
  quantity: decimals(2, 50),
  value: decimals(2, 5_000),
})

const minorOf = (input: unknown): bigint => rate(RatingInput.parse(input)).minor
const one = (charge: unknown, more: object = {}) => ({
  currency: 'EUR',
  charges: [charge],
  ...more,
})

test('graduated is monotone: more is never cheaper', () => {
  fc.assert(
    fc.property(tiers, decimals(3, 9_000), decimals(3, 2_000), (t, quantity, more) => {
      const of = (q: string) => minorOf(one({ model: 'graduated', tiers: t, quantity: q }))
      const further = (Number(quantity) + Number(more)).toFixed(3)
      assert.ok(of(further) >= of(quantity))
    }),
  )
})

test('neither the order nor the repetition of events changes an invoice', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.array(fc.nat(29), { maxLength: 20 }),
      tiers,
      (events, again, t) => {
        const repeated = again.flatMap((i) => events[i] ?? [])
        const charges = (list: readonly object[]) => [
          { model: 'graduated', tiers: t, events: list },
          {
            model: 'percentage',
            percent: '1.3',
            fixed: '0.2',
            freeEvents: 3,
            freeValue: '900',
            eventMaximum: '12',
            events: list,
          },
        ]
        const bill = (list: readonly object[]) =>
          minorOf({ currency: 'EUR', period, charges: charges(list) })
        // Events of one instant keep the order in which they came: only those of different ones may be turned around.
        const distinct = new Set(events.map((e) => e.at)).size === events.length
        fc.pre(distinct)
        assert.equal(bill([...events.toReversed(), ...repeated]), bill(events))
      },
    ),
  )
})

test('any slicing of a period bills the same total, volume at its end', () => {
  fc.assert(
    fc.property(
      tiers,
      fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('graduated', 'volume'),
      (t, steps, model) => {
        let quantity = 0
        let booked = 0n
        steps.forEach((step, i) => {
          quantity += step
          const charge = {
            model,
            tiers: t,
            quantity: String(quantity),
            booked: `${booked / 100n}.${String(booked % 100n).padStart(2, '0')}`,
            minimum: '40',
          }
          const lines = invoiceLines(
            InvoiceInput.parse(one(charge, { final: i === steps.length - 1 })),
            2,
          )
          booked += lines.reduce((sum, l) => sum + l.minor, 0n)
        })
        assert.equal(
          booked,
          minorOf(one({ model, tiers: t, quantity: String(quantity), minimum: '40' })),
        )
      },
    ),
  )
})

test('the lines of an invoice are its amount, and a second run books nothing', () => {
  fc.assert(
    fc.property(tiers, decimals(2, 9_000), price, (t, quantity, fee) => {
      const first = rate(
        RatingInput.parse(
          one({ model: 'graduated', tiers: t, quantity }, { fees: [{ amount: fee }] }),
        ),
      )
      assert.equal(
        first.lines.reduce((sum, l) => sum + l.minor, 0n),
        first.minor,
      )
      const booked = first.lines.map(
        (l) => `${l.minor / 100n}.${String(l.minor % 100n).padStart(2, '0')}`,
      )
      const again = rate(
        RatingInput.parse(
          one(
            { model: 'graduated', tiers: t, quantity, booked: booked[0] },
            { fees: [{ amount: fee, booked: booked[1] }] },
          ),
        ),
      )
      assert.equal(again.minor, 0n)
    }),
  )
})

test('shares are the whole, and a negative sum is the mirror', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -10_000_000n, max: 10_000_000n }),
      fc
        .array(decimals(2, 100), { minLength: 1, maxLength: 6 })
        .filter((w) => w.some((x) => Number(x) > 0)),
      (minor, weights) => {
        const text = (m: bigint) =>
          `${m < 0n ? '-' : ''}${(m < 0n ? -m : m) / 100n}.${String((m < 0n ? -m : m) % 100n).padStart(2, '0')}`
        const shares = (m: bigint) =>
          rate(
            RatingInput.parse({ currency: 'EUR', split: { amount: text(m), weights } }),
          ).lines.map((l) => l.minor)
        assert.equal(
          shares(minor).reduce((a, b) => a + b, 0n),
          minor,
        )
        assert.deepEqual(
          shares(-minor),
          shares(minor).map((s) => -s),
        )
      },
    ),
  )
})

test('a change at an equal price costs the fee, give or take half a minor unit for each line', () => {
  const day = fc.integer({ min: 2, max: 30 }).map((d) => `2026-09-${String(d).padStart(2, '0')}`)
  fc.assert(
    fc.property(decimals(2, 5_000), day, (amount, on) => {
      const changed = minorOf({
        currency: 'EUR',
        period,
        fees: [
          { amount, to: on },
          { amount, from: on },
        ],
      })
      const whole = minorOf({ currency: 'EUR', period, fees: [{ amount }] })
      const apart = changed > whole ? changed - whole : whole - changed
      assert.ok(apart <= 1n)
    }),
  )
})

test('credit notes of all units leave nothing of a line, and never take more', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 1_000_000n }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
      (line, steps) => {
        const text = (m: bigint) => `${m / 100n}.${String(m % 100n).padStart(2, '0')}`
        const quantity = steps.reduce((a, b) => a + b, 0)
        let units = 0
        let credited = 0n
        const note = (creditQuantity: number) =>
          rate(
            RatingInput.parse({
              currency: 'EUR',
              creditNote: {
                line: text(line),
                quantity: String(quantity),
                creditQuantity: String(creditQuantity),
                creditedQuantity: String(units),
                credited: text(credited),
              },
            }),
          ).minor
        for (const step of steps) {
          credited -= note(step)
          units += step
        }
        assert.equal(credited, line)
        assert.throws(() => note(1), RatingRefused)
      },
    ),
  )
})

test('every mistake of a price is named with its place', () => {
  const broken: [Partial<Charge> & object, string, string][] = [
    [
      { model: 'graduated', tiers: [{ upTo: '10' }, { upTo: '10' }, { upTo: null }] } as never,
      'invalid_tiers',
      '/charges/0/tiers/1/upTo',
    ],
    [
      { model: 'graduated', tiers: [{ upTo: null }, { upTo: null }] } as never,
      'invalid_tiers',
      '/charges/0/tiers/0/upTo',
    ],
    [
      { model: 'volume', tiers: [{ upTo: '5' }] } as never,
      'invalid_tiers',
      '/charges/0/tiers/0/upTo',
    ],
    [{ model: 'per_unit', unit: '-1' } as never, 'invalid_price', '/charges/0/unit'],
    [{ model: 'per_unit', unit: '0.0000000000001' } as never, 'invalid_price', '/charges/0/unit'],
    [
      { model: 'per_unit', unit: '1', minimum: '2', maximum: '1' } as never,
      'invalid_price',
      '/charges/0/minimum',
    ],
    [
      { model: 'package', package: { size: '0', price: '1' } } as never,
      'invalid_price',
      '/charges/0/package/size',
    ],
    [
      { model: 'per_unit', unit: '1', discountPercent: '101' } as never,
      'invalid_price',
      '/charges/0/discountPercent',
    ],
  ]
  for (const [charge, fault, pointer] of broken)
    assert.throws(
      () => minorOf(one({ ...charge, quantity: '1' })),
      (error) =>
        error instanceof RatingRefused && error.fault === fault && error.pointer === pointer,
      pointer,
    )
  for (const quantity of ['-1', '0.0000001'])
    assert.throws(
      () => minorOf(one({ model: 'per_unit', unit: '1', quantity })),
      (error) => error instanceof RatingRefused && error.fault === 'invalid_quantity',
    )
})
