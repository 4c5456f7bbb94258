import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recoverySettings } from './restore.ts'

test('a moment to recover to is written with the offset of its zone: a server that recovers knows no abbreviation', () => {
  const until = Temporal.Instant.from('2026-11-24T03:34:27.448240967Z')

  assert.match(
    recoverySettings(until),
    /^recovery_target_time = '2026-11-24 03:34:27\.448240\+00'$/m,
  )
  assert.doesNotMatch(recoverySettings(undefined), /recovery_target_time =/)
})
