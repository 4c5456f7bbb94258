import assert from 'node:assert/strict'
import { test } from 'node:test'
import { roll } from './rolling.ts'

test('G68: two gateways behind a balancer are restarted in turns under load, and no call fails', async () => {
  const { answered, failures, exits } = await roll(2, 4)
  assert.deepEqual(failures, [])
  assert.deepEqual(exits, [0, 0])
  assert.ok(answered > 100, `${answered} calls`)
})
