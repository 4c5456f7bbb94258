import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scaledPrice } from './scaled-price.ts'

test('a price is moved by per cents exactly, and stays decimal text', () => {
  assert.equal(scaledPrice('36', 10), '39.6')
  assert.equal(scaledPrice('0.25', -20), '0.2')
  assert.equal(scaledPrice('500', 0), '500')
  assert.equal(scaledPrice('0', 50), '0')
  assert.equal(scaledPrice('0.000000000001', -50), '0')
  assert.equal(scaledPrice('123456789012345', 1), '124691356902468.45')
  assert.equal(scaledPrice('10', -150), '0')
})
