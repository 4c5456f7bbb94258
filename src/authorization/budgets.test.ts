import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { openBudgets } from './budgets.ts'

test('an address gets its burst at once, then its rate, and is told how long to wait', () => {
  const { take } = openBudgets({ perSecond: 2, burst: 3 })
  assert.deepEqual([take('a', 0), take('a', 0), take('a', 0)], [0, 0, 0])
  assert.equal(take('a', 0), 1)
  assert.equal(take('a', 500), 0)
  assert.equal(take('a', 500), 1)
})

test('one address spends nothing of another', () => {
  const { take } = openBudgets({ perSecond: 1, burst: 1 })
  assert.equal(take('a', 0), 0)
  assert.equal(take('b', 0), 0)
  assert.ok(take('a', 0) > 0)
})

test('however the questions fall, no more are answered than burst and rate allow', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }), (gaps) => {
      const { take } = openBudgets({ perSecond: 5, burst: 10 })
      let nowMs = 0
      let answered = 0
      for (const gap of gaps) {
        nowMs += gap
        if (take('a', nowMs) === 0) answered += 1
      }
      assert.ok(answered <= 10 + (nowMs / 1000) * 5)
    }),
  )
})

test('what was not there and was done is paid for later, and looking spends nothing', () => {
  const { charge, waitFor } = openBudgets({ perSecond: 1, burst: 2 })
  for (let i = 0; i < 4; i++) assert.equal(waitFor('a', 0), 0)
  for (let i = 0; i < 9; i++) charge('a', 0)
  assert.equal(waitFor('a', 0), 3)
  assert.equal(waitFor('a', 3_000), 0)
})
