import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isTree } from '#kernel/changes/index.ts'
import { domains, excerpt, headOf } from '#test/openapi/frozen.ts'
import { valuesOf } from '#test/openapi/values.ts'
import { compileProduct } from '../documents/operation.ts'
import {
  type Bucket,
  bucketAt,
  bucketIn,
  bucketText,
  factOf,
  factText,
  lengthBuckets,
  numberBuckets,
  wholeBuckets,
} from '../field-facts.ts'
import { SnapshotProduct } from '../snapshot.ts'
import { compileForm, type Form } from './form.ts'
import { openSightings } from './sightings.ts'

const sightings = openSightings()
let calls = 0
const newCall = () => ({
  id: `${(1_700_000_000_000 + calls++ * 86_400_000).toString(16).padStart(12, '0')}${'0'.repeat(20)}`,
  applicationId: 'application_1',
  version: '2026-11-22',
})
const none = () => undefined
const seenIn = (form: Form, json: unknown, query = ''): string[] => {
  const sighting = sightings.of(form, newCall())
  form.asked({ query, header: none, json }, sighting)
  return (sighting.texts() ?? []).toSorted()
}

const heads = new Map(domains.map((domain) => [domain, headOf(domain)]))
const house = [...heads].flatMap(([domain, head]) => {
  const openapi = SnapshotProduct.shape.openapi.parse(head)
  return compileProduct({ id: domain, openapi }).map((operation) => ({ domain, operation }))
})

const contains = ({ least, most, isLeastIn, isMostIn }: Bucket, value: number) =>
  (value > least || (isLeastIn && value === least)) &&
  (value < most || (isMostIn && value === most))

test('every number is in one bucket, which is found, written and read again', () => {
  const cases = [
    { buckets: lengthBuckets, values: fc.integer({ min: 0, max: 2_000_000 }) },
    { buckets: wholeBuckets, values: fc.maxSafeInteger() },
    { buckets: numberBuckets, values: fc.double({ noNaN: true }) },
  ]
  for (const { buckets, values } of cases) {
    fc.assert(
      fc.property(values, (value) => {
        const own = buckets.filter((one) => contains(one, value))
        assert.deepEqual([buckets[bucketAt(buckets, value)]], own, String(value))
      }),
    )
    for (const one of buckets) assert.deepEqual(bucketIn(bucketText(one)), one)
  }
})

test('a fact is written and read again', () => {
  const fact = { place: 'body', path: '#/a name/items', kind: 'enum:two words' }
  assert.deepEqual(factOf(factText(fact)), fact)
})

const text = { type: 'string' }
const closed = (properties: object, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})
const form = compileForm(
  {},
  {
    parameters: [
      { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100 } },
    ],
    requestBody: {
      content: {
        'application/json': {
          schema: closed({
            name: { ...text, maxLength: 140 },
            amount: { type: 'number' },
            state: { anyOf: [{ ...text, enum: ['Open', 'Shut'] }, { type: 'null' }] },
            open: { 'x-extensible-enum': ['A'], type: 'string' },
            tags: { type: 'array', items: text },
            inner: closed({ id: text, note: { type: ['string', 'null'] } }),
          }),
        },
      },
    },
    responses: {},
  },
  '#',
)
const everything = new Set(Array.from({ length: form.size }, (_, fact) => form.textOf(fact)))

test('what is kept of a call says which members, words and bounds it had', () => {
  const seen = seenIn(
    form,
    { name: 'Dilnoza Karimova', amount: -12.5, state: null, tags: [], inner: { note: null } },
    'limit=20',
  )
  assert.deepEqual(seen, [
    'body # sent',
    'body #/amount number:[-20,-10)',
    'body #/amount sent',
    'body #/inner sent',
    'body #/inner/id absent',
    'body #/inner/note null',
    'body #/inner/note sent',
    'body #/name length:[16,16]',
    'body #/name sent',
    'body #/open absent',
    'body #/state null',
    'body #/state sent',
    'body #/tags length:[0,0]',
    'body #/tags sent',
    'query #/limit number:[11,20]',
    'query #/limit sent',
  ])
})

test('no fact holds a value: all that can be said stands in the document before anybody calls', () => {
  const secret = fc.string({ minLength: 5, unit: 'binary' })
  fc.assert(
    fc.property(
      fc.record({
        name: secret,
        amount: fc.double({ noNaN: true }),
        open: secret,
        tags: fc.array(secret),
      }),
      (body) => {
        const facts = seenIn(form, { ...body, state: 'Open', inner: { id: body.name } })
        for (const fact of facts) assert.ok(everything.has(fact), fact)
        assert.ok(facts.includes('body #/open enum:other'))
      },
    ),
  )
  for (const fact of everything)
    assert.match(
      fact,
      /^(?:call|body|query) #[/a-z]* (?:made|sent|absent|null|enum:(?:Open|Shut|A|other)|length:\S+|number:\S+)$/,
    )
})

test('of two values in the same bounds nobody can say which was sent', () => {
  const inBounds = (least: number, most: number) => fc.integer({ min: least, max: most })
  fc.assert(
    fc.property(
      inBounds(101, 120),
      inBounds(101, 120),
      inBounds(2_001, 5_000),
      inBounds(2_001, 5_000),
      (a, b, x, y) => {
        const facts = (length: number, amount: number) =>
          seenIn(form, { name: 'n'.repeat(length), amount })
        assert.deepEqual(facts(a, x), facts(b, y))
      },
    ),
  )
})

test('a fact is told once a day: every later call of the application finds it told', () => {
  const one = { ...newCall(), applicationId: 'application_2' }
  const body = { name: 'abc' }
  const call = (json: unknown, of = one) => {
    const sighting = sightings.of(form, of)
    form.asked({ query: '', header: none, json }, sighting)
    const texts = sighting.texts()
    sighting.told()
    return texts
  }
  const later = { ...one, id: newCall().id }
  assert.ok((call(body)?.length ?? 0) > 3)
  assert.equal(call(body), undefined)
  assert.deepEqual(call({ name: 'abcd' }), undefined, 'it is in the same bounds')
  assert.deepEqual(call({ name: 'abcdefgh' }), ['body #/name length:[7,8]'])
  assert.ok((call(body, { ...one, applicationId: 'application_3' })?.length ?? 0) > 3)
  assert.ok((call(body, later)?.length ?? 0) > 3, 'the next day it is told again')
})

test('what was not yet recorded is told again', () => {
  const one = { ...newCall(), applicationId: 'application_4' }
  const of = () => {
    const sighting = sightings.of(form, one)
    form.asked({ query: '', header: none, json: {} }, sighting)
    return sighting
  }
  of()
  assert.ok(of().texts())
})

test('every leaf that the bank releases has a fact, and every body of ours is seen without a word that is not its document’s', () => {
  let leaves = 0
  for (const { domain, operation } of house) {
    for (const [status, projection] of operation.answers)
      if (projection)
        for (const [i, fact] of operation.form.leaves(status, projection.fields).entries()) {
          leaves++
          assert.ok(
            fact >= 0,
            `${domain} ${operation.id} ${status} ${projection.fields[i]?.pointer}`,
          )
        }
    const schema = bodySchema(domain, operation.id)
    if (!schema) continue
    const known = new Set(
      Array.from({ length: operation.form.size }, (_, fact) => operation.form.textOf(fact)),
    )
    fc.assert(
      fc.property(valuesOf(schema), (body) => {
        const facts = seenIn(operation.form, body)
        assert.ok(facts.length > 0)
        for (const fact of facts) assert.ok(known.has(fact), fact)
        assert.ok(
          !facts.some((fact) => fact.endsWith('enum:other')),
          `${operation.id}: ${facts.join()}`,
        )
      }),
      { numRuns: 10 },
    )
  }
  assert.ok(leaves > 300, `${leaves} leaves`)
})

const bodySchema = (domain: (typeof domains)[number], id: string) => {
  const { paths } = excerpt(heads.get(domain) ?? {}, [id])
  const [item] = Object.values(isTree(paths) ? paths : {})
  const [operation] = Object.values(isTree(item) ? item : {})
  const found = ['requestBody', 'content', 'application/json', 'schema'].reduce<unknown>(
    (at, name) => (isTree(at) ? at[name] : undefined),
    operation,
  )
  return isTree(found) ? found : undefined
}
