import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileFiles, verdictOnFile } from './file-answer.ts'

const leaf = { type: 'string', format: 'binary', 'x-data-class': 'financial' }
const guarded = { ...leaf, 'x-permission': ['ReadStatementsDetail'] }
const declared = compileFiles(
  { 'application/pdf': { schema: guarded }, 'application/xml': { schema: leaf } },
  '#',
)
assert.ok(declared)
const held = new Set(['ReadStatementsDetail'])
const nobody = new Set<string>()
const file = (contentType: string | null, text: string | Buffer, encoded = false) => ({
  contentType,
  encoded,
  body: Buffer.from(text),
})

test('a file of a declared type leaves whole', () => {
  const pdf = verdictOnFile(declared, file('application/pdf', '%PDF-1.7 …'), held)
  const xml = verdictOnFile(
    declared,
    file('application/xml; charset=utf-8', '<?xml ?><a/>'),
    nobody,
  )

  assert.deepEqual(pdf, { released: true, contentType: 'application/pdf' })
  assert.deepEqual(xml, { released: true, contentType: 'application/xml' })
})

test('whatever else it is stays in', () => {
  const nots = [
    file(null, '%PDF-1.7'),
    file('text/csv', 'a,b'),
    file('text/html', '<?xml '),
    file('application/json', '{}'),
    file('application/pdf', ''),
    file('application/pdf', '<?xml ?><a/>'),
    file('application/pdf', '%PDF-1.7', true),
    file('application/xml', '%PDF-1.7'),
    file('application/xml', Buffer.from([...Buffer.from('<?xml '), 0xff])),
    file('application/xml', '<?xml ?><n>4111 1111 1111 1111</n>'),
    file('constructor', '%PDF-1.7'),
  ]
  for (const one of nots)
    assert.equal(verdictOnFile(declared, one, held).released, false, String(one.contentType))
})

test('a file that needs a permission of the consent stays in without it', () => {
  const pdf = file('application/pdf', '%PDF-1.7')
  assert.equal(verdictOnFile(declared, pdf, nobody).released, false)
  assert.equal(verdictOnFile(declared, pdf, new Set(['ReadBalances'])).released, false)
})

test('a response of JSON is no file, and JSON with a file beside it does not compile as one', () => {
  assert.equal(compileFiles({ 'application/json': {} }, '#'), undefined)
  const mixed = { 'application/json': {}, 'application/pdf': { schema: leaf } }
  assert.equal(compileFiles(mixed, '#'), undefined)
})

test('a file without its class, of a class that needs a projection, or of an unknown type does not compile', () => {
  const refused = { code: 'gateway/document-refused' }
  const of = (type: string, schema: unknown) => () => compileFiles({ [type]: { schema } }, '#')
  const { 'x-data-class': _, ...unclassed } = leaf
  assert.throws(of('application/pdf', unclassed), refused)
  for (const name of ['card', 'secret'])
    assert.throws(of('application/pdf', { ...leaf, 'x-data-class': name }), refused)
  assert.throws(of('application/pdf', { ...leaf, 'x-release': [{ action: 'drop' }] }), refused)
  assert.throws(of('application/octet-stream', leaf), refused)
  assert.throws(of('text/html', leaf), refused)
})
