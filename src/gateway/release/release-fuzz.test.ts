import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tryProjections } from '#test/gateway/release-trial.ts'

test('TH3, R10: no canary comes through, and what was granted does, whatever the bank sends', () => {
  const trial = tryProjections(8_000, 20261122)
  assert.ok(trial.released > 4_000 && trial.refused > 500, JSON.stringify(trial))
})
