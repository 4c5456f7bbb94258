import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billOfMaterials, lockedPackages, refusedLicences } from './bill.ts'

const bill = await billOfMaterials()

test('the bill of materials names every package of the lock file, with the digest of what is fetched', () => {
  const named = new Map(bill.components.map((one) => [`${one.name}@${one.version}`, one]))
  assert.deepEqual(
    lockedPackages().filter((name) => !named.has(name)),
    [],
  )
  const undigested = bill.components.filter(({ hashes }) => hashes.length === 0)
  assert.deepEqual(
    undigested.map(({ name }) => name),
    [],
  )
})

test('every package has a licence that was agreed to', () => {
  assert.deepEqual(refusedLicences(bill), [])
})

test('a licence that nobody agreed to is found, alone or in an expression', () => {
  const [one] = bill.components
  assert.ok(one)
  const under = (expression: string) =>
    refusedLicences({ ...bill, components: [{ ...one, licenses: [{ expression }] }] }).length
  assert.equal(under('AGPL-3.0-only'), 1)
  assert.equal(under('MIT AND GPL-3.0-only'), 1)
  assert.equal(under('(MIT OR GPL-3.0-only)'), 0)
  assert.equal(refusedLicences({ ...bill, components: [{ ...one, licenses: [] }] }).length, 1)
})
