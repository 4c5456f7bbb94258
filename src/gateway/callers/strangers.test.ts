import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStrangers, tooManyUnproven, verifyingTooMany } from './strangers.ts'

const attacker = '192.0.2.1'
const partner = '198.51.100.7'

const open = (failuresPerAddress = 2, verifications = 3) => {
  const clock = { ms: 0 }
  const strangers = openStrangers({ failuresPerAddress, verifications }, () => clock.ms)
  const tries = (address: string): string => {
    try {
      strangers.begin(address)
    } catch (error) {
      return String(Reflect.get(Object(error), 'code'))
    }
    strangers.end()
    return 'taken'
  }
  return { clock, strangers, tries }
}

test('G17: an address that fails more often than its budget is not verified any more, and others are', () => {
  const { strangers, tries } = open()
  for (let failures = 0; failures < 20; failures++) {
    assert.equal(tries(attacker), 'taken', `after ${failures} failures`)
    strangers.failed(attacker)
  }
  assert.equal(tries(attacker), tooManyUnproven.code)
  assert.equal(tries(partner), 'taken')
})

test('a failure is forgiven with time, at the rate of the budget and never faster', () => {
  const { clock, strangers, tries } = open()
  for (let i = 0; i < 1_000; i++) strangers.failed(attacker)
  let taken = 0
  for (let i = 0; i < 100; i++) {
    clock.ms += 100
    if (tries(attacker) !== 'taken') continue
    taken++
    strangers.failed(attacker)
  }
  assert.equal(taken, 20, 'ten seconds at two in a second')
})

test('only so many verifications are under way at a time, whoever asks', () => {
  const { strangers, tries } = open()
  for (let i = 0; i < 3; i++) strangers.begin(partner)
  assert.equal(tries('203.0.113.9'), verifyingTooMany.code)
  strangers.end()
  assert.equal(tries('203.0.113.9'), 'taken')
})

test('G36: however many addresses fail, they are held in bounded memory, and none that failed is forgotten', () => {
  const { strangers, tries } = open()
  for (let i = 0; i < 20; i++) strangers.failed(attacker)
  for (let i = 0; i < 150_000; i++) strangers.failed(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`)
  assert.ok(strangers.state().addresses <= 100_001)
  assert.equal(tries(attacker), tooManyUnproven.code)
})
