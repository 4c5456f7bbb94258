import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import {
  activated,
  dueStep,
  newKey,
  removed,
  retired,
  type SigningKey,
  signer,
} from './signing-key.ts'

const DAYS = 90
const jwk = { kty: 'RSA' }
const later = (hours: number) => noon.add({ hours })

/** Does what the calendar says, hour by hour; answers every step with its hour. */
const year = () => {
  let keys: SigningKey[] = [activated(newKey('key-0', jwk, noon), noon, { notice: false })]
  const steps: [hour: number, what: string][] = []
  for (let hour = 0; hour < 365 * 24; hour++) {
    const now = later(hour)
    const step = dueStep(keys, DAYS, now)
    if (!step) continue
    steps.push([hour, step.do])
    if (step.do === 'publish') keys = [newKey(`key-${steps.length}`, jwk, now), ...keys]
    else
      keys = keys.map((key) => {
        if (step.do === 'remove') return key.kid === step.kid ? removed(key, now) : key
        if (key.kid === step.kid) return activated(key, now)
        return key.state === 'active' ? retired(key, now) : key
      })
    assert.equal(keys.filter((key) => key.state === 'active').length, 1, `hour ${hour}`)
  }
  return steps
}

test('A58: in a year each key is published a day before it signs, and removed an hour after the last token', () => {
  const steps = year()
  assert.equal(steps.filter(([, what]) => what === 'activate').length, 4)
  for (const [at, what] of steps.filter(([, w]) => w === 'activate')) {
    assert.equal(what, 'activate')
    assert.ok(steps.some(([hour, w]) => w === 'publish' && at - hour >= 24))
    assert.ok(steps.some(([hour, w]) => w === 'remove' && hour - at === 1))
  }
})

test('a key that control has not told the gateways of signs nothing; the one before it goes on', () => {
  const before = retired(activated(newKey('old', jwk, noon), noon, { notice: false }), later(48))
  const next = activated(newKey('new', jwk, noon), later(48))
  assert.equal(signer([next, before], ['old'])?.kid, 'old')
  assert.equal(signer([next, before], ['old', 'new'])?.kid, 'new')
  assert.equal(signer([next, before], []), undefined)
  assert.equal(signer([next, before], undefined)?.kid, 'new')
})

test('a key goes through its states in one order, each with its notice', () => {
  const refused = { code: 'authorization/signing-key-not-ready' }
  const fresh = newKey('key', jwk, noon)
  assert.throws(() => activated(fresh, later(23)), refused)
  const active = activated(fresh, later(24))
  assert.throws(() => activated(active, later(25)), refused)
  assert.throws(() => removed(active, later(1_000)), refused)
  const old = retired(active, later(30))
  assert.throws(() => removed(old, later(30).add({ minutes: 59 })), refused)
  assert.equal(removed(old, later(31)).state, 'removed')
  assert.equal(removed(fresh, noon).state, 'removed')
})
