import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareDecisions } from './decisions.ts'

test('a million decisions agree with the reference', async (t) => {
  const seed = Date.now() % 1_000_000_000
  t.diagnostic(`seed ${seed}`)

  const compared = await compareDecisions(1_000_000, seed)

  t.diagnostic(`${compared} decisions, 0 disagreements`)
  assert.ok(compared >= 1_000_000)
})
