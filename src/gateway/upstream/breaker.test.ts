import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openBreaker } from './breaker.ts'

test('it opens when half of what was asked failed, and not for a few failures', () => {
  const breaker = openBreaker()
  for (let i = 0; i < 4; i++) breaker.failed('a', i)
  assert.equal(breaker.state(), 'closed')
  for (let i = 0; i < 20; i++) breaker.served(`p${i}`, 10)
  for (let i = 0; i < 15; i++) breaker.failed(`p${i}`, 20)
  assert.equal(breaker.state(), 'closed')
  breaker.failed('b', 21)
  assert.equal(breaker.state(), 'open')
  assert.equal(breaker.ask(22), 999)
})

test('failures are forgotten with their windows', () => {
  const breaker = openBreaker()
  for (let i = 0; i < 4; i++) breaker.failed('a', 100)
  breaker.failed('a', 2_200)
  assert.equal(breaker.state(), 'closed')
})

test('half open it lets one call through: that one closes it, or opens it for twice as long', () => {
  const breaker = openBreaker()
  for (let i = 0; i < 5; i++) breaker.failed('a', 0)
  assert.equal(typeof breaker.ask(999), 'number')
  assert.equal(breaker.ask(1_000), 'probe')
  assert.equal(breaker.state(), 'half-open')
  assert.equal(typeof breaker.ask(1_001), 'number')
  breaker.failed('a', 1_010)
  assert.equal(breaker.ask(1_010), 2_000)
  assert.equal(breaker.ask(3_010), 'probe')
  breaker.probeLost(3_020, false)
  assert.equal(breaker.ask(3_021), 'probe')
  breaker.probeLost(4_100, true)
  assert.equal(breaker.state(), 'open')
  assert.equal(breaker.ask(8_100), 'probe')
  breaker.served('a', 8_110)
  assert.equal(breaker.state(), 'closed')
  assert.equal(breaker.ask(8_111), 'go')
})

test('one partner’s failures close the way for nobody while another is served, whether they break or hang', () => {
  const breaker = openBreaker()
  for (let i = 0; i < 50; i++) {
    breaker.failed('broken', i)
    if (i % 10 === 0) breaker.served('well', i)
  }
  assert.equal(breaker.state(), 'closed')
  breaker.hanging(30, 'broken', 60)
  assert.equal(breaker.state(), 'closed')
  breaker.hanging(30, null, 61)
  assert.equal(breaker.state(), 'open')
})

test('what hangs counts for as long as it hangs', () => {
  const breaker = openBreaker()
  breaker.hanging(4, 'a', 0)
  assert.equal(breaker.state(), 'closed')
  breaker.hanging(5, 'a', 50)
  assert.equal(breaker.state(), 'open')
})

test('however it is used: a pause never exceeds fifteen seconds, and an answer to a probe always closes it', () => {
  const happenings = fc.array(
    fc.record({
      what: fc.constantFrom('ask', 'served', 'failed', 'hanging', 'lost'),
      partner: fc.constantFrom('a', 'b'),
      apartMs: fc.integer({ min: 0, max: 20_000 }),
    }),
    { maxLength: 200 },
  )
  fc.assert(
    fc.property(happenings, (happened) => {
      const breaker = openBreaker()
      let nowMs = 0
      for (const { what, partner, apartMs } of happened) {
        nowMs += apartMs
        const before = breaker.state()
        if (what === 'ask') {
          const may = breaker.ask(nowMs)
          if (typeof may === 'number') assert.ok(may > 0 && may <= 15_000)
        } else if (what === 'served') {
          breaker.served(partner, nowMs)
          if (before === 'half-open') assert.equal(breaker.state(), 'closed')
        } else if (what === 'failed') breaker.failed(partner, nowMs)
        else if (what === 'hanging') breaker.hanging(3, partner, nowMs)
        else breaker.probeLost(nowMs, true)
      }
    }),
    { numRuns: 300 },
  )
})
