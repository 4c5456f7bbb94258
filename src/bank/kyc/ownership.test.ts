import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beneficialOwners, hidesSomebody, Structure } from './ownership.ts'
import { compare, minus, one, plus, rational, solved, textOf, times, zero } from './rational.ts'

const named = (kind: 'person' | 'company', refs: readonly string[]) =>
  refs.map((ref) => ({ ref, kind, name: `Name of ${ref}` }))

/** `a owns 1/2 of business` as `['a', 'business', '1/2']`. */
const structure = (
  people: readonly string[],
  companies: readonly string[],
  holdings: readonly (readonly [string, string, string])[],
  controls: readonly (readonly [string, string])[] = [],
) =>
  Structure.parse({
    parties: [...named('person', people), ...named('company', companies)],
    holdings: holdings.map(([owner, of, share]) => ({ owner, of, share })),
    controls: controls.map(([by, of]) => ({ by, of, means: 'VOTING_AGREEMENT' })),
  })

const told = (s: Structure) =>
  beneficialOwners(s).owners.map(({ ref, basis, share }) => `${ref} ${share} ${basis.join('+')}`)

test('a quarter through three companies is a quarter exactly, and the smallest bit less is not', () => {
  const chain = (last: string) =>
    structure(
      ['a', 'b'],
      ['x', 'y'],
      [
        ['x', 'business', '3/4'],
        ['y', 'x', '2/3'],
        ['a', 'y', last],
        ['b', 'business', '1/4'],
      ],
    )
  assert.deepEqual(told(chain('1/2')), ['a 1/4 OWNERSHIP', 'b 1/4 OWNERSHIP'])
  assert.deepEqual(told(chain('4999999/9999999')), ['b 1/4 OWNERSHIP'])
})

test('several chains of one person add up', () => {
  const s = structure(
    ['a'],
    ['x', 'y'],
    [
      ['x', 'business', '1/3'],
      ['y', 'business', '1/3'],
      ['a', 'x', '3/8'],
      ['a', 'y', '3/8'],
    ],
  )
  assert.deepEqual(told(s), ['a 1/4 OWNERSHIP'])
  assert.equal(textOf(beneficialOwners(s).unexplained), '3/4')
})

test('companies that own each other hold their shares for those outside of the circle', () => {
  const s = structure(
    ['a', 'b'],
    ['x', 'y'],
    [
      ['x', 'business', '1/1'],
      ['y', 'x', '1/2'],
      ['x', 'y', '1/2'],
      ['a', 'x', '1/2'],
      ['b', 'y', '1/2'],
    ],
  )
  assert.deepEqual(told(s), ['a 2/3 OWNERSHIP', 'b 1/3 OWNERSHIP'])
  assert.equal(textOf(beneficialOwners(s).unexplained), '0/1')
})

test('a circle that nobody is behind is no ownership', () => {
  const s = structure(
    ['a'],
    ['x', 'y'],
    [
      ['x', 'business', '1/2'],
      ['y', 'x', '1/1'],
      ['x', 'y', '1/1'],
    ],
  )
  assert.throws(() => beneficialOwners(s), /kyc\/ownership-impossible/)
})

test('who decides owns it, with no share at all, through companies and circles too', () => {
  const agreed = structure(['a', 'b'], ['x'], [['b', 'business', '1/1']], [['a', 'business']])
  assert.deepEqual(told(agreed), ['a 0/1 CONTROL', 'b 1/1 OWNERSHIP+CONTROL'])

  // 51 % of 51 % is a little more than a quarter; 51 % of 45 % is less, and still decides where the rest is spread.
  const thin = structure(
    ['a'],
    ['x', 'y', 'z'],
    [
      ['x', 'business', '26/100'],
      ['y', 'business', '26/100'],
      ['a', 'x', '51/100'],
      ['x', 'y', '51/100'],
      ['business', 'z', '1/1'],
      ['z', 'business', '1/100'],
    ],
  )
  const [found] = told(thin)
  assert.match(found ?? '', /^a \d+\/\d+ CONTROL$/)
})

test('half of the votes does not decide', () => {
  const s = structure(
    ['a', 'b'],
    [],
    [
      ['a', 'business', '1/2'],
      ['b', 'business', '1/2'],
    ],
  )
  assert.deepEqual(told(s), ['a 1/2 OWNERSHIP', 'b 1/2 OWNERSHIP'])
})

test('where a quarter is unexplained, or nobody was found, somebody may hide', () => {
  const spread = structure(['a'], [], [['a', 'business', '3/4']])
  assert.equal(hidesSomebody(beneficialOwners(spread)), true)
  const most = structure(['a'], [], [['a', 'business', '76/100']])
  assert.equal(hidesSomebody(beneficialOwners(most)), false)
  assert.equal(hidesSomebody(beneficialOwners(structure([], [], []))), true)
})

test('what cannot be is refused with its place', () => {
  const refusals = [
    structure(['a'], [], [['b', 'business', '1/2']]),
    structure(['a'], [], [['a', 'nowhere', '1/2']]),
    structure(['a', 'b'], [], [['a', 'b', '1/2']]),
    structure(
      ['a'],
      [],
      [
        ['a', 'business', '2/3'],
        ['a', 'business', '1/2'],
      ],
    ),
    structure(['a', 'a'], [], []),
    structure(['business'], [], []),
  ]
  for (const s of refusals) assert.throws(() => beneficialOwners(s), /kyc\/ownership-impossible/)
})

const fractions = fc
  .tuple(fc.bigInt(-50n, 50n), fc.bigInt(1n, 50n))
  .map(([over, under]) => rational(over, under))

test('fractions add, multiply and compare as fractions do', () => {
  fc.assert(
    fc.property(fractions, fractions, fractions, (a, b, c) => {
      assert.deepEqual(plus(a, b), plus(b, a))
      assert.deepEqual(times(a, plus(b, c)), plus(times(a, b), times(a, c)))
      assert.equal(compare(a, b), -compare(b, a) + 0)
      assert.deepEqual(minus(plus(a, b), b), a)
    }),
  )
})

test('an elimination solves what it says it solves', () => {
  const square = fc.array(fc.array(fractions, { minLength: 3, maxLength: 3 }), {
    minLength: 3,
    maxLength: 3,
  })
  const vector = fc.array(fc.bigInt(-9n, 9n), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(square, vector, (rows, right) => {
      const x = solved(rows, right)
      if (!x) return
      const left = rows.map((row) =>
        row.reduce((sum, v, i) => plus(sum, times(v, rational(x.over[i] ?? 0n, x.under))), zero),
      )
      assert.deepEqual(
        left,
        right.map((value) => rational(value)),
      )
    }),
  )
})

test('the worst that can be declared is computed in a moment', () => {
  const companies = Array.from({ length: 29 }, (_, n) => `c${n}`)
  const all = ['business', ...companies]
  const edges = Array.from({ length: 100 }, (_, n): [string, string, string] => [
    n % 30 === 7 ? 'p' : (companies[(n * 11 + 3) % 29] ?? 'p'),
    all[n % 30] ?? 'business',
    `${1_000_003 + n}/${9_999_991 - 2 * n}`,
  ])
  const s = structure(['p'], companies, edges)
  const before = process.cpuUsage()
  const { unexplained } = beneficialOwners(s)
  const { user } = process.cpuUsage(before)
  assert.ok(user < 500_000, `${user} µs`)
  assert.ok(unexplained.under.toString().length > 300, 'the fractions became long')
})

/** Companies c0…c4 with `business`, persons p0…p2; every company is held to at most 9/10 by companies. */
const worlds = fc
  .array(
    fc.record({
      owner: fc.constantFrom('p0', 'p1', 'p2', 'c0', 'c1', 'c2', 'c3', 'c4', 'business'),
      of: fc.constantFrom('business', 'c0', 'c1', 'c2', 'c3', 'c4'),
      parts: fc.integer({ min: 1, max: 9 }),
    }),
    { maxLength: 25 },
  )
  .map((edges) => {
    const left = new Map<string, number>()
    const holdings = edges.flatMap(({ owner, of, parts }): [string, string, string][] => {
      const free = left.get(of) ?? (owner.startsWith('p') ? 30 : 27)
      if (parts > free) return []
      left.set(of, free - parts)
      return [[owner, of, `${parts}/30`]]
    })
    return structure(['p0', 'p1', 'p2'], ['c0', 'c1', 'c2', 'c3', 'c4'], holdings)
  })

test('whatever circles there are, the shares of everybody and what is unexplained are the whole', () => {
  fc.assert(
    fc.property(worlds, (s) => {
      const everybody = beneficialOwners({
        ...s,
        // Control makes each person an owner who is told, with their share.
        controls: ['p0', 'p1', 'p2'].map((by) => ({ by, of: 'business', means: 'OTHER' as const })),
      })
      const shares = everybody.owners.map(({ share }) => {
        const [over = '0', under = '1'] = share.split('/')
        return rational(BigInt(over), BigInt(under))
      })
      assert.equal(shares.length, 3)
      for (const share of [...shares, everybody.unexplained])
        assert.ok(compare(share, zero) >= 0 && compare(share, one) <= 0)
      assert.deepEqual(shares.reduce(plus, everybody.unexplained), one)
    }),
  )
})

test('a walk of many steps through the circles comes to the same shares', () => {
  fc.assert(
    fc.property(worlds, (s) => {
      const weight = new Map([['business', 1]])
      const got = new Map<string, number>()
      for (let step = 0; step < 250; step++) {
        const next = new Map<string, number>()
        for (const { owner, of, share } of s.holdings) {
          const [over = '0', under = '1'] = share.split('/')
          const part = ((weight.get(of) ?? 0) * Number(over)) / Number(under)
          const into = owner.startsWith('p') ? got : next
          into.set(owner, (into.get(owner) ?? 0) + part)
        }
        weight.clear()
        for (const [company, part] of next) weight.set(company, part)
      }
      const { owners } = beneficialOwners(s)
      for (const ref of ['p0', 'p1', 'p2']) {
        const told = owners.find((o) => o.ref === ref)
        if (!told) {
          assert.ok((got.get(ref) ?? 0) < 0.2501, ref)
          continue
        }
        const [over = '0', under = '1'] = told.share.split('/')
        const exact = Number(over) / Number(under)
        assert.ok(Math.abs(exact - (got.get(ref) ?? 0)) < 1e-5, ref)
      }
    }),
    { numRuns: 40 },
  )
})
