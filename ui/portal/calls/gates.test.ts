import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gateOf, gates, passingsOf } from './gates.ts'

test('a call that was answered passed every gate', () => {
  assert.deepEqual(
    passingsOf(null),
    gates.map((gate) => [gate, 'passed']),
  )
})

test('behind the gate that said no nothing was reached, and the refusal is on record', () => {
  const passings = new Map(passingsOf('consents/revoked'))
  assert.equal(passings.get('limit'), 'passed')
  assert.equal(passings.get('consent'), 'refused')
  assert.equal(passings.get('forward'), 'not-reached')
  assert.equal(passings.get('record'), 'passed')
})

test('what the bank itself refuses is shown where the call was handed on', () => {
  assert.equal(gateOf('core/unavailable'), 'forward')
  assert.equal(gateOf('lending/offer-expired'), 'forward')
})

const elsewhere = new Set([
  // A resource that is not there is the bank's to say, whoever found out first.
  'gateway/not-found',
  'gateway/upstream-refused',
  'gateway/spool-full',
  // Entitlement says it too, and before.
  'contracts/inactive',
])

test('every refusal of a gate stands at the gate whose file says it', () => {
  for (const gate of gates) {
    const [file] = globSync(`src/gateway/policies/${gate}.ts`)
    if (!file || gate === 'record') continue
    // What a limit says when it refuses stands beside the limits.
    const files = gate === 'limit' ? [file, 'src/gateway/limits/refusal.ts'] : [file]
    const text = files.map((one) => readFileSync(one, 'utf8')).join('\n')
    const named = text.matchAll(/problem\(\s*'([a-z]+\/[a-z-]+)'/g)
    for (const [, code = ''] of named)
      if (!elsewhere.has(code)) assert.equal(gateOf(code), gate, code)
  }
})
