import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { documents } from '../documents.ts'
import { rules } from './rules.ts'

for (const { name, broken } of rules)
  test(name, () => {
    assert.deepEqual(
      documents.flatMap((one) => [...broken(one)].map((place) => `${one.product}: ${place}`)),
      [],
    )
  })

/** For each rule, in their order, a slip of the pen that it is there to find. */
const slips: readonly (readonly [string, string])[] = [
  ['summary: What the market is at', 'summary: rates'],
  ["description: 'A price with an end. It is used once, by one exchange.'", "description: ''"],
  [
    'description: >-\n        It no longer counts',
    'x-description: >-\n        It no longer counts',
  ],
  ['/fx/v1/quotes/{quoteId}:', '/fx/v1/getQuotes/{quote}:'],
  ["'414': { $ref: '#/components/responses/AddressTooLong' }", "'417': { description: None. }"],
  ['dealable: false\n', 'dealable: 1\n'],
  ['            gateway-not-found:', '            not-found:'],
  ['title: Too many calls\n', 'title: Slow down\n'],
  ["fee: { $ref: '#/components/schemas/Amount' }", 'fee: { type: number }'],
  ['required: [data, next]', 'required: [data]'],
  ["pattern: '^quote_[0-9a-f]{32}$'", 'maxLength: 40'],
  ['x-idempotency: required', 'x-units: 1'],
  ["pattern: '^[A-Za-z0-9_.-]{1,512}$'", 'maxLength: 512'],
  ['additionalProperties: false', 'additionalProperties: true'],
  ['x-data-class: financial', 'x-class-of-data: financial'],
  ['enum: [ACTIVE, ACCEPTED, EXPIRED, CANCELLED]', 'enum: [Active, ACCEPTED, EXPIRED, CANCELLED]'],
  ['ACTIVE: [ACCEPTED', 'ACTIVE: [TAKEN'],
  ['fx.funds-reserved:\n', 'fxFundsReserved:\n'],
]

test('each rule finds what it is there for', () => {
  const [fx] = documents.filter(({ product }) => product === 'fx')
  assert.ok(fx)
  assert.equal(slips.length, rules.length)
  for (const [at, { name, broken }] of rules.entries()) {
    const [written, slipped] = slips[at] ?? ['', '']
    assert.ok(fx.text.includes(written), `${written} stands in the document`)
    const raw: unknown = parse(fx.text.replaceAll(written, slipped))
    assert.ok([...broken({ product: 'fx', raw })].length > 0, `${name}: ${slipped}`)
  }
})
