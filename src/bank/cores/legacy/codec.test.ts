import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import iconv from 'iconv-lite'
import { Bug } from '#kernel/assert.ts'
import { Problem } from '#kernel/problem.ts'
import { century, fullYear } from './century.ts'
import { type Field, type Layout, layout, pack, unpack } from './codec.ts'
import { allLayouts, operations } from './layouts.ts'

const today = new Temporal.PlainDate(2026, 11, 22)

const letters = Array.from('АБВЖЯабвжяЁёЎўQqZz09№ .,-"\'')
const capitals = letters.filter((letter) => letter === letter.toUpperCase())
const { first, last } = century(today)
const day = fc.integer({ min: 0, max: first.until(last).days }).map((days) => first.add({ days }))

/** Any value that the field's picture can hold. */
const valueOf = ({ picture, width }: Field): fc.Arbitrary<unknown> => {
  switch (picture.as) {
    case 'number':
      return fc.nat({ max: Math.min(10 ** width - 1, 2 ** 31 - 1) })
    case 'digits':
      return fc.string({
        unit: fc.constantFrom(...Array.from('0123456789')),
        minLength: width,
        maxLength: width,
      })
    case 'amount': {
      const most = 10n ** BigInt(width - 1) - 1n
      return fc.bigInt({ min: -most, max: most })
    }
    case 'date':
      return picture.none ? fc.option(day, { nil: undefined }) : day
    case 'time':
      return fc
        .tuple(fc.nat(23), fc.nat(59), fc.nat(59))
        .map(([hour, minute, second]) => new Temporal.PlainTime(hour, minute, second))
    case 'text': {
      const unit = fc.constantFrom(...(picture.letters === 'any' ? letters : capitals))
      return fc.string({ unit, maxLength: width }).map((text) => text.trim())
    }
    case 'code':
      return fc.constantFrom(...picture.of)
    case 'blank':
      return fc.constant(undefined)
  }
}

const valued = ({ fields }: Layout): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(
    Object.fromEntries(
      fields
        .filter(({ picture }) => picture.as !== 'blank')
        .map((field) => [field.name, valueOf(field)]),
    ),
  )

const anyRecord = fc
  .constantFrom(...allLayouts)
  .chain((one) => valued(one).map((values) => ({ one, values, bytes: packed(one, values) })))

/** The tests pack values that no compiler has seen. */
const packed = (one: Layout, values: Record<string, unknown>) =>
  pack(one, values as Parameters<typeof pack>[1], today)

const plain = (values: object) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]: [string, unknown]) => [
      name,
      value instanceof Temporal.PlainDate || value instanceof Temporal.PlainTime
        ? value.toString()
        : value,
    ]),
  )

test('whatever is packed is unpacked as it was, in every layout there is', () => {
  fc.assert(
    fc.property(anyRecord, ({ one, values, bytes }) => {
      assert.equal(bytes.length, one.width)
      assert.deepEqual(plain(unpack(one, bytes, today)), plain(values))
    }),
    { numRuns: 2000 },
  )
})

const anyPicture = fc.constantFrom<Field['picture']>(
  { as: 'number' },
  { as: 'digits' },
  { as: 'amount', decimals: 2 },
  { as: 'date', none: true },
  { as: 'date', none: false },
  { as: 'time' },
  { as: 'text', letters: 'any' },
  { as: 'text', letters: 'capitals' },
  { as: 'code', of: ['AB', 'CD'] },
  { as: 'blank' },
)

/** A record that no core has: any pictures, of any width that fits them. */
const anyLayout = fc
  .array(fc.tuple(anyPicture, fc.integer({ min: 2, max: 15 })), { minLength: 1, maxLength: 12 })
  .map((drawn) => {
    let end = 0
    const fields = drawn.map(([picture, width], index): Field => {
      const fixed =
        picture.as === 'code' ? 2 : picture.as === 'date' || picture.as === 'time' ? 6 : width
      const at = end
      end += fixed
      return { name: `F${index}`, at, width: fixed, picture }
    })
    return layout('ANY', 'cp866', fields)
  })

test('any layout that another core could have is packed and unpacked the same way', () => {
  const drawn = anyLayout.chain((one) => fc.tuple(fc.constant(one), valued(one)))
  fc.assert(
    fc.property(drawn, ([one, values]) => {
      assert.deepEqual(plain(unpack(one, packed(one, values), today)), plain(values))
    }),
    { numRuns: 1000 },
  )
})

/** Unpacks; what is believed must be just what the bytes say, and what is not believed must be `coreGarbled`. */
const believedExactly = (one: Layout, bytes: Buffer) => {
  try {
    const values = unpack(one, bytes, today)
    // The one thing that is written in two ways: no money, and no money owed.
    const same = iconv
      .decode(bytes, 'cp866')
      .replace(/(?<![1-9])0{17}-/g, (zero) => zero.replace('-', '+'))
    const again = iconv.decode(packed(one, values), 'cp866')
    assert.equal(again, same)
    return true
  } catch (error) {
    assert.ok(error instanceof Problem, String(error))
    assert.equal(error.code, 'core/garbled')
    assert.ok(error.cause instanceof Error)
    assert.match(error.cause.message, new RegExp(`^${one.name}[. ]`))
    assert.doesNotMatch(error.detail, new RegExp(one.name))
    return false
  }
}

test('a record with any byte changed is believed exactly or not at all', () => {
  let refused = 0
  fc.assert(
    fc.property(anyRecord, fc.nat(), fc.nat(255), ({ one, bytes }, at, byte) => {
      const mutated = Buffer.from(bytes)
      mutated[at % bytes.length] = byte
      if (!believedExactly(one, mutated)) refused += 1
    }),
    { numRuns: 3000 },
  )
  assert.ok(refused > 1000, `only ${refused} of 3000 were refused`)
})

test('a record cut short or grown is never believed', () => {
  fc.assert(
    fc.property(anyRecord, fc.nat(), ({ one, bytes }, at) => {
      assert.equal(believedExactly(one, bytes.subarray(0, at % bytes.length)), false)
      assert.equal(believedExactly(one, Buffer.concat([bytes, Buffer.from(' ')])), false)
    }),
    { numRuns: 1000 },
  )
})

test('noise of the right length is believed exactly or not at all', () => {
  fc.assert(
    fc.property(fc.constantFrom(...allLayouts), fc.infiniteStream(fc.nat(255)), (one, noise) => {
      believedExactly(one, Buffer.from([...noise.take(one.width)]))
    }),
    { numRuns: 1000 },
  )
})

test('a name in another code page is not believed', () => {
  const { reply } = operations.customer
  const line = '900000011КОДИРОВ РУСТАМ'.padEnd(79).concat('00000000091403881000010', '010120')
  assert.equal(unpack(reply, iconv.encode(line, 'cp866'), today).NAIM, 'КОДИРОВ РУСТАМ')
  for (const codePage of ['windows-1251', 'koi8-r', 'iso-8859-5']) {
    assert.equal(believedExactly(reply, iconv.encode(line, codePage)), false, codePage)
  }
  assert.equal(believedExactly(reply, Buffer.from(line)), false, 'utf-8')
})

const sum = layout('SUM', 'cp866', [
  { name: 'S', at: 0, width: 6, picture: { as: 'amount', decimals: 2 } },
])
const read = (text: string) => unpack(sum, Buffer.from(text), today).S

test('the sign stands behind, and zero has none', () => {
  assert.equal(read('00123+'), 123n)
  assert.equal(read('00123-'), -123n)
  assert.equal(read('00000-'), 0n)
  assert.equal(pack(sum, { S: 0n }, today).toString(), '00000+')
  assert.equal(pack(sum, { S: -1n }, today).toString(), '00001-')
  for (const wrong of ['-00123', '001.23', '00123 ', '001234', ' 0123+', '+0123+', '0012３+'])
    assert.throws(() => read(wrong), { code: 'core/garbled' }, wrong)
})

test('what does not fit is a bug of ours, and is not sent', () => {
  assert.throws(() => pack(sum, { S: 123_456n }, today), Bug)
  assert.throws(() => pack(operations.customer.request, { NKL: '123' }, today), Bug)
  assert.throws(() => pack(operations.echo.request, { TEKST: 'қ' }, today), Bug)
  assert.throws(() => pack(operations.echo.request, { TEKST: 'a\r\nb' }, today), Bug)
})

test('a layout with a gap or an overlap stops the program from starting', () => {
  const field = (at: number) =>
    ({ name: `F${at}`, at, width: 2, picture: { as: 'digits' } }) as const
  assert.equal(layout('GOOD', 'cp866', [field(0), field(2)]).width, 4)
  assert.throws(() => layout('GAP', 'cp866', [field(0), field(3)]), Bug)
  assert.throws(() => layout('OVERLAP', 'cp866', [field(0), field(1)]), Bug)
})

const date = layout('DAY', 'cp866', [
  { name: 'D', at: 0, width: 6, picture: { as: 'date', none: true } },
])
const dayIn = (text: string, on = today) => unpack(date, Buffer.from(text), on).D?.toString()

test('a year of two digits is the one in the hundred years that end twenty years from now', () => {
  assert.equal(dayIn('221126'), '2026-11-22')
  assert.equal(dayIn('311246'), '2046-12-31')
  assert.equal(dayIn('010147'), '1947-01-01')
  assert.equal(dayIn('311299'), '1999-12-31')
  assert.equal(dayIn('010100'), '2000-01-01')
  assert.equal(dayIn('010147', today.add({ years: 1 })), '2047-01-01')
  assert.equal(dayIn('010180', new Temporal.PlainDate(1999, 12, 31)), '1980-01-01')
  assert.equal(dayIn('010119', new Temporal.PlainDate(1999, 12, 31)), '2019-01-01')
  assert.equal(dayIn('010120', new Temporal.PlainDate(1999, 12, 31)), '1920-01-01')
  for (let year = 0; year < 100; year += 1) {
    const full = fullYear(year, today.year)
    assert.ok(full % 100 === year && full >= 1947 && full <= 2046, `${year} became ${full}`)
  }
})

test('a day that the calendar lacks is no day, and no day is said with zeros', () => {
  assert.equal(dayIn('290224'), '2024-02-29')
  assert.equal(dayIn('000000'), undefined)
  for (const wrong of [
    '290226',
    '310426',
    '001126',
    '220026',
    '321126',
    '221326',
    '22/1/6',
    '      ',
  ])
    assert.throws(() => dayIn(wrong), { code: 'core/garbled' }, wrong)
  assert.throws(() => pack(date, { D: new Temporal.PlainDate(1946, 12, 31) }, today), Bug)
  assert.throws(() => pack(date, { D: new Temporal.PlainDate(2047, 1, 1) }, today), Bug)
})
