import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareDecisions } from './decisions.ts'

test('licence ∩ contract ∩ attestation ∩ application ∩ consent ∩ cell is as the reference says, compiled and read by a gateway', async () => {
  const compared = await compareDecisions(20_000, 20_261_122)

  assert.ok(compared >= 20_000)
})
