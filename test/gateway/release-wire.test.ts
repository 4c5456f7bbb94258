import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryOverTheWire } from './release-wire.ts'

test('TH3, S44: over the wire no canary comes back, nor stands in the log, in usage or on the disk', async () => {
  const trial = await tryOverTheWire(200, 20261123)
  assert.equal(trial.documents, 200)
  assert.ok(trial.released > 100 && trial.withheld > 10 && trial.refused > 5, JSON.stringify(trial))
})
