import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bornAtMs, uuidv7 } from './id.ts'

test('RFC 9562 §5.7: a UUIDv7 has its millisecond, version and variant, and no two are alike', () => {
  const atMs = Date.UTC(2026, 10, 23, 1, 2, 3, 456)
  const ids = Array.from({ length: 10_000 }, () => uuidv7(atMs))

  assert.equal(new Set(ids).size, ids.length)
  for (const id of ids) {
    assert.match(id, /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/)
    assert.equal(bornAtMs(id), atMs)
  }
  assert.equal(bornAtMs(uuidv7(2 ** 48 - 1)), 2 ** 48 - 1)
})
