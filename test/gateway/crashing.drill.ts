/** The long form of crashing.test.ts: two gateways under writes, killed again and again at moments that nobody chose. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crash } from './crashing.ts'

test('R1: killed at random moments under load, no write is done twice, lost, or charged twice', async () => {
  const { writes, violations, kills } = await crash(20, 12)
  assert.deepEqual(violations, [])
  assert.equal(kills, 20)
  assert.ok(writes > 50, `${writes} writes`)
})
