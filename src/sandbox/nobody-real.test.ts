import assert from 'node:assert/strict'
import { test } from 'node:test'
import { realIdentifiers } from '#platform/real-identifiers.ts'
import { accountLines, customerLines } from './multitude.ts'
import { customers, identities, people } from './people.ts'

test('nobody who lives in the sandbox has anything that could be real', () => {
  const texts = [...customers, ...identities, ...people].map((one) => JSON.stringify(one))
  assert.ok(texts.length > 30)
  assert.deepEqual(
    texts.flatMap((text) => realIdentifiers(text)),
    [],
  )
})

test('nor does anybody of the multitude', () => {
  const multitude = {
    customers: 2_000,
    transactions: 1_000,
    seed: 1,
    today: Temporal.PlainDate.from('2026-11-22'),
  }
  for (const lines of [customerLines(multitude), accountLines(multitude)])
    for (const line of lines) assert.deepEqual(realIdentifiers(line), [])
})
