import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonRefused } from './json.ts'
import { compileProjection, type Held, NotAsDeclared } from './projection.ts'

const leaf = (type: string, more = {}) => ({ type, 'x-data-class': 'personal', ...more })
const object = (properties: Record<string, unknown>, required: string[] = []) => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})
const none: ReadonlySet<string> = new Set()
const holding = (held: Partial<Held>): Held => ({
  consent: none,
  scope: none,
  licence: undefined,
  purpose: undefined,
  ...held,
})
const pseudonym = (prefix: string, value: string) => `${prefix}_${value.length}`
const releaseOf = (schema: unknown, ...permissions: string[]) => {
  const projection = compileProjection({}, schema, '#')
  const held = holding({ consent: new Set(permissions) })
  return (text: string) => projection.release(text, held, pseudonym).text
}

test('numbers and plain strings pass as they are written; escaped ones are written plainly', () => {
  const release = releaseOf(object({ n: leaf('number'), s: leaf('string'), u: leaf('string') }))
  assert.equal(
    release('{ "n" : 1.50e2 , "s":"a\\u0034\\/b", "u":"ü\\n" }'),
    '{"n":1.50e2,"s":"a4/b","u":"ü\\n"}',
  )
})

test('a container in which nothing is open for the caller is not there for them', () => {
  const owner = object({ name: leaf('string', { 'x-permission': ['Detail'] }) })
  const schema = object({ id: leaf('string'), owner, owners: { type: 'array', items: owner } })
  const text = '{"id":"1","owner":{"name":"A"},"owners":[{"name":"B"}]}'
  assert.equal(releaseOf(schema)(text), '{"id":"1"}')
  assert.equal(releaseOf(schema, 'Detail')(text), text)
})

test('a member that stands twice is refused, declared or not', () => {
  const release = releaseOf(object({ a: leaf('integer') }))
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"a":1,"x":1,"x":2}',
    '{"x":{"y":1,"y":2},"a":1}',
  ])
    assert.throws(() => release(text), JsonRefused)
})

test('a value of a type that was not declared is refused', () => {
  const release = releaseOf(
    object(
      {
        a: leaf('integer'),
        b: leaf('string', { enum: ['x'] }),
        c: { type: ['string', 'null'], 'x-data-class': 'public' },
      },
      ['a'],
    ),
  )
  assert.equal(release('{"a":1,"c":null}'), '{"a":1,"c":null}')
  for (const text of [
    '{"a":"1"}',
    '{"a":1.5}',
    '{"a":null}',
    '{"a":true}',
    '{"a":{}}',
    '{"a":[1]}',
    '{"a":1,"b":"y"}',
    '{"a":1,"c":1}',
    '{}',
    '[]',
    'null',
    '"a"',
  ])
    assert.throws(() => release(text), NotAsDeclared, text)
})

test('more than thirty-one members are all told apart', () => {
  const names = Array.from({ length: 62 }, (_, i) => `m${i}`)
  const release = releaseOf(
    object(Object.fromEntries(names.map((n) => [n, leaf('integer')])), names),
  )
  const text = JSON.stringify(Object.fromEntries(names.map((n, i) => [n, i])))
  assert.equal(release(text), text)
  assert.throws(() => release(text.replace('"m61":61', '"m30":30')), JsonRefused)
  assert.throws(
    () =>
      compileProjection(
        {},
        object(Object.fromEntries([...names, 'm62'].map((n) => [n, leaf('integer')]))),
        '#',
      ),
    /more than 62/,
  )
})

/** A schema, a document of it with canaries wherever nobody was granted or declared anything, and what must come out. */
interface Made {
  readonly schema: Record<string, unknown>
  readonly value: unknown
  readonly expected: unknown
  /** Nothing in it is open for the caller. */
  readonly closed: boolean
}
type Make = (held: ReadonlySet<string>) => Made

const CANARY = 'CANARY'
const permission = fc.constantFrom('P1', 'P2', 'P3')
const name = fc.string({
  unit: fc.constantFrom('a', 'b', 'é', '/', '~'),
  minLength: 1,
  maxLength: 3,
})

const leafMade = fc
  .tuple(fc.option(fc.array(permission, { minLength: 1, maxLength: 2 })), fc.string())
  .map(([gates, text]): Make => (held) => {
    const closed = gates !== null && !gates.some((gate) => held.has(gate))
    return {
      schema: leaf('string', gates ? { 'x-permission': gates } : {}),
      value: closed ? CANARY : text,
      expected: text,
      closed,
    }
  })
const listMade = (item: fc.Arbitrary<Make>) =>
  fc.tuple(item, fc.nat(3)).map(([make, length]): Make => (held) => {
    const { schema, value, expected, closed } = make(held)
    const repeated = (one: unknown) => Array.from({ length }, () => one)
    return {
      schema: { type: 'array', items: schema },
      value: repeated(value),
      expected: repeated(expected),
      closed,
    }
  })
const objectMade = (member: fc.Arbitrary<Make>) =>
  fc
    .tuple(fc.dictionary(name, member, { maxKeys: 5 }), fc.nat(2))
    .map(([members, strangers]): Make => (held) => {
      const inner = Object.entries(members).map(([key, make]) => ({ key, ...make(held) }))
      const undeclared = Array.from({ length: strangers }, (_, i) => [
        `stranger${i}`,
        [{ [CANARY]: CANARY }],
      ])
      return {
        schema: object(Object.fromEntries(inner.map((m) => [m.key, m.schema]))),
        value: Object.fromEntries([...undeclared, ...inner.map((m) => [m.key, m.value])]),
        expected: Object.fromEntries(
          inner.filter((m) => !m.closed).map((m) => [m.key, m.expected]),
        ),
        closed: inner.length > 0 && inner.every((m) => m.closed),
      }
    })
const made = fc.letrec<{ node: Make }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'node' },
    leafMade,
    listMade(tie('node')),
    objectMade(tie('node')),
  ),
})).node

test('R10: what comes out is what was declared and granted, no more and no less', () => {
  fc.assert(
    fc.property(made, fc.subarray(['P1', 'P2', 'P3']), (make, held) => {
      const { schema, value, expected, closed } = make(new Set(held))
      const out = releaseOf(object({ root: schema }), ...held)(JSON.stringify({ root: value }))
      assert.ok(!out.includes(CANARY), out)
      assert.deepEqual(JSON.parse(out), closed ? {} : { root: expected })
    }),
    { numRuns: 10_000 },
  )
})
