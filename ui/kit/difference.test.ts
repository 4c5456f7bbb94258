import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { difference } from './difference.ts'

test('a changed value is shown as it was and as it will be, and its neighbours stay', () => {
  const before = { limits: { rate: { perSecond: 100, burst: 200 } } }
  const after = { limits: { rate: { perSecond: 150, burst: 200 } } }

  assert.deepEqual(difference(before, after), [
    { kind: 'gone', place: 'limits.rate.perSecond', value: '100' },
    { kind: 'new', place: 'limits.rate.perSecond', value: '150' },
    { kind: 'same', place: 'limits.rate.burst', value: '200' },
  ])
})

test('a list of words is a set: only the word that comes is new, wherever it is sorted to', () => {
  assert.deepEqual(difference(['emi', 'pisp'], ['aisp', 'emi', 'pisp']), [
    { kind: 'same', place: '[]', value: 'emi' },
    { kind: 'same', place: '[]', value: 'pisp' },
    { kind: 'new', place: '[]', value: 'aisp' },
  ])
})

test('where nothing was, all of it is new', () => {
  assert.deepEqual(difference(null, { name: 'Anor', rehearsal: false, csr: null, remark: '' }), [
    { kind: 'new', place: 'name', value: 'Anor' },
    { kind: 'new', place: 'rehearsal', value: 'false' },
    { kind: 'new', place: 'csr', value: '—' },
    { kind: 'new', place: 'remark', value: '—' },
  ])
})

test('a verdict about a document takes nothing of the document away', () => {
  const lines = difference({ type: 'pci_aoc' }, { result: 'accepted' })

  assert.deepEqual(
    lines.map((line) => line.kind),
    ['same', 'new'],
  )
})

test('a state compared with itself changes nothing, and swapping sides swaps gone and new', () => {
  const state = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean()))
  fc.assert(
    fc.property(state, state, (a, b) => {
      assert.ok(difference(a, a).every((line) => line.kind === 'same'))
      const shared = { ...a, shared: 1 }
      const other = { ...b, shared: 1 }
      const count = (kind: string, x: unknown, y: unknown) =>
        difference(x, y).filter((line) => line.kind === kind).length
      assert.equal(count('gone', shared, other), count('new', other, shared))
    }),
  )
})
