import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { backoff } from './db.ts'

test('however often a server was not found, it is looked for again within a second', () => {
  fc.assert(
    fc.property(fc.nat(10_000), (failures) => {
      const seconds = backoff(failures)
      assert.ok(seconds > 0 && seconds <= 1, `${seconds} s after ${failures} failures`)
    }),
  )
  assert.ok(backoff(0) < backoff(6), 'the first time at once')
})
