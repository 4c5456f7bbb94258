import assert from 'node:assert/strict'
import { test } from 'node:test'
import { problemKinds } from '#kernel/problem.ts'
import './bank.ts'
import { coreSpeechIn, coreWords, eachText } from './core-words.ts'
import {
  answers,
  documents,
  isLeaf,
  misfit,
  operations,
  resolved,
  Schema,
  walk,
} from './documents.ts'

test('every answer is closed: each object lists its members, each leaf has its class', () => {
  let leaves = 0
  for (const { id, raw, schema } of answers)
    for (const { place, schema: node } of walk(raw, schema, id))
      if (isLeaf(node)) {
        leaves++
        assert.match(
          String(node['x-data-class']),
          /^(public|personal|financial|card|secret)$/,
          place,
        )
      } else if (node['type'] === 'object')
        assert.equal(node['additionalProperties'], false, `${place} is open`)
  assert.ok(leaves > 500, `only ${leaves} leaves were seen`)
})

test('a card number leaves by one operation only, encrypted, or as a page that shows it once', () => {
  const places = answers.flatMap(({ id, raw, schema }) =>
    [...walk(raw, schema, id)]
      .filter(({ schema: s }) => s['x-data-class'] === 'card')
      .map((l) => l.place),
  )
  const hosted = ['revealCard 200.url', 'revealCard 200.expiresAt']
  assert.deepEqual(places, ['revealCard 200.jwe', ...hosted])
})

test('every request is closed too, and every operation that writes says how it happens once', () => {
  for (const { raw, method, operation } of operations) {
    const body = operation['requestBody']
    if (body !== undefined) {
      const json = Schema.parse(Schema.parse(resolved(raw, body)['content'])['application/json'])
      for (const { place, schema } of walk(raw, json['schema'], operation.operationId))
        if (schema['type'] === 'object')
          assert.equal(schema['additionalProperties'], false, `${place} is open`)
    }
    assert.equal(operation['x-idempotency'] !== undefined, method === 'POST', operation.operationId)
  }
})

test('every example is what its schema says', () => {
  let shown = 0
  for (const { id, product, schema, examples } of answers)
    for (const example of examples) {
      assert.equal(misfit(product, schema, example), undefined, id)
      shown++
    }
  assert.ok(shown > 200)
})

/** What partners owe is collected for the bank's own control alone. */
const heardByControl = new Set(['payments/collection-differs'])

test('every problem of the bank’s rooms that partners hear is in the documents', () => {
  const texts = documents.map(({ text }) => text).join('\n')
  const ours = [...problemKinds.keys()].filter(
    (code) =>
      (/^(accounts|payments|cards|lending|fx|kyc|sandbox|consents|core)\//.test(code) &&
        !heardByControl.has(code)) ||
      code === 'bank/cursor-invalid',
  )
  assert.ok(ours.length > 20)
  for (const code of ours) assert.ok(texts.includes(`code: ${code}`), `${code} is in no document`)
})

test('no word of the core is in any schema', () => {
  for (const { product, document } of documents) {
    const { schemas } = document.components
    const found = [...eachText(schemas)].filter(
      ({ text, place }) => coreWords.has(text) && !/description/.test(place),
    )
    assert.deepEqual(found, [], product)
  }
})

test('whatever a core would say by itself is heard', () => {
  const said = [
    { name: 'KARIMOVA DILNOZA         ' },
    { date: '221126' },
    { status: '0310' },
    { status: '7' },
    { amount: '00000001250-' },
    { NKL: 'x' },
    { code: 'NKL' },
    { number: '80206000900000001001' },
    { name: 'Dilnoza \ufffd' },
  ]
  for (const one of said) assert.notDeepEqual(coreSpeechIn(one), [], JSON.stringify(one))
  const ours = {
    amount: { amount: '12.50', currency: 'UZS' },
    next: null,
    name: 'Дилноза Каримова',
  }
  assert.deepEqual(coreSpeechIn(ours), [])
})
