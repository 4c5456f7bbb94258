/** Partners' own tests send these amounts: what the sandbox plays for each is a promise as any other. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { around, scenarios } from '#bank/cores/synthetic/magic.ts'
import { compareSandboxValues } from '#control/versions/index.ts'

/** As published on 2026-11-22: the last two digits of an amount. What stands here stays; new ones are added. */
const published = {
  '2': 'insufficient_funds',
  '3': 'limit_exceeded',
  '4': 'creditor_unknown',
  '5': 'sanctions_hold',
  '6': 'accepted_then_returned',
  '7': 'timeout_then_success',
  '8': 'twice',
  '9': 'late',
}

test('every amount that the sandbox was published to play plays what it did', () => {
  assert.deepEqual(compareSandboxValues(published, { ...scenarios, ...around }), [])
  const [broken] = compareSandboxValues(published, { ...scenarios, ...around, 7: 'something_else' })
  assert.equal(broken?.id, 'commercial-sandbox-value-changed')
})
