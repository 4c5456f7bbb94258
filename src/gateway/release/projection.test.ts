import assert from 'node:assert/strict'
import { test } from 'node:test'
import { JsonRefused } from '../documents/json.ts'
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

test('an answer with fewer members than were declared is withheld, whatever its members are named', () => {
  const shape = object({ jwe: leaf('string'), url: leaf('string'), at: leaf('string') })
  const one = releaseOf({ ...shape, minProperties: 1 })
  for (const text of ['{}', '{"undeclared":true}']) assert.throws(() => one(text), NotAsDeclared)
  assert.equal(one('{"undeclared":true,"url":"x"}'), '{"url":"x"}')
  const two = releaseOf({ ...shape, minProperties: 2 })
  assert.throws(() => two('{"url":"x"}'), NotAsDeclared)
  assert.equal(two('{"url":"x","at":"y"}'), '{"url":"x","at":"y"}')
})

test('the first rule that fits decides, and where none fits the field is not there', () => {
  const said = (...rules: unknown[]) => leaf('string', { 'x-release': rules })
  const schema = object({
    account: said(
      { action: 'release', consent: ['Detail'], purpose: ['tax'] },
      { action: 'mask', form: 'account-number', consent: ['Basic', 'Detail'] },
    ),
    name: said({ action: 'mask', form: 'name', scope: ['names'] }, { action: 'drop' }),
    phone: said({ action: 'mask', form: 'phone', licence: ['cards.issue'] }),
    email: said({ action: 'mask', form: 'email' }),
    note: said({ action: 'truncate', length: 4 }),
    id: said({ action: 'tokenise', prefix: 'ref' }),
    key: leaf('string', { 'x-data-class': 'secret', 'x-release': [{ action: 'drop' }] }),
  })
  const text = JSON.stringify({
    account: '20208000900000001001',
    name: 'Dilnoza Karimova',
    phone: '+998 90 123 45 67',
    email: 'dilnoza@namuna.uz',
    note: '😀 rent',
    id: 'A-17',
    key: 'CANARY',
  })
  const projection = compileProjection({}, schema, '#')
  const released = (held: Partial<Held>) =>
    JSON.parse(projection.release(text, holding(held), pseudonym).text)
  const always = { email: 'd***@namuna.uz', note: '😀 re', id: 'ref_4' }

  assert.deepEqual(released({}), always)
  assert.deepEqual(released({ consent: new Set(['Basic']), scope: new Set(['names']) }), {
    ...always,
    account: '***1001',
    name: 'D*** K***',
  })
  assert.deepEqual(
    released({ consent: new Set(['Detail']), purpose: 'tax', licence: 'cards.issue' }),
    { ...always, account: '20208000900000001001', phone: '+998***67' },
  )
})

test('what a contract withholds is dropped, whatever the rules say, and what left is counted', () => {
  const money = object({ amount: leaf('string'), currency: leaf('string') })
  const projection = compileProjection({}, object({ data: { type: 'array', items: money } }), '#')
  const text = '{"data":[{"amount":"1","currency":"UZS"},{"amount":"2","currency":"UZS"}]}'
  const release = (withheld?: ReadonlySet<string>) =>
    projection.release(text, holding({}), pseudonym, withheld)

  assert.deepEqual([...release().counts], [2, 2])
  const narrowed = release(new Set(['/data/*/amount']))
  assert.equal(narrowed.text, '{"data":[{"currency":"UZS"},{"currency":"UZS"}]}')
  assert.deepEqual([...narrowed.counts], [0, 2])
})

for (const [what, schema, wrong] of [
  ['a secret that may leave', leaf('string', { 'x-data-class': 'secret' }), /secret/],
  [
    'a masked card',
    leaf('string', { 'x-data-class': 'card', 'x-release': [{ action: 'mask', form: 'name' }] }),
    /card data/,
  ],
  [
    'a rule that is never reached',
    leaf('string', { 'x-release': [{ action: 'release' }, { action: 'drop' }] }),
    /never reached/,
  ],
  [
    'a masked number',
    leaf('integer', { 'x-release': [{ action: 'mask', form: 'phone' }] }),
    /only a string/,
  ],
  [
    'a mask that breaks the pattern',
    leaf('string', { pattern: '^x', 'x-release': [{ action: 'mask', form: 'phone' }] }),
    /pattern/,
  ],
  ['an unknown action', leaf('string', { 'x-release': [{ action: 'show' }] }), /x-release/],
  [
    'an unknown condition',
    leaf('string', { 'x-release': [{ action: 'release', whenever: ['x'] }] }),
    /x-release/,
  ],
] as const)
  test(`a leaf with ${what} does not compile`, () => {
    assert.throws(() => compileProjection({}, object({ a: schema }), '#'), wrong)
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
