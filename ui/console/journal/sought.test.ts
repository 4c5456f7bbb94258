import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateOf } from '#kernel/format.ts'
import { askedFor, soughtIn } from './sought.ts'

test('days are the bank’s, as lines are shown, and the last one is searched whole', () => {
  const zone = 'Asia/Tashkent'
  const asked = askedFor({ event: 'contracts.', from: '2026-11-22', to: '2026-11-23' }, zone)
  assert.deepEqual(asked, {
    event: 'contracts.',
    from: '2026-11-21T19:00:00.000Z',
    to: '2026-11-23T19:00:00.000Z',
  })
  const early = '2026-11-21T20:30:00Z'
  assert.equal(dateOf('en', early, zone), dateOf('en', asked.from ?? '', zone))
  assert.ok(
    early >= (asked.from ?? ''),
    'a line of the night is found under the day it is shown on',
  )
})

test('an address that was written by hand breaks no page', () => {
  assert.deepEqual(soughtIn({ from: 'yesterday', to: '2026-99-01', actor: '', about: 7 }), {})
  assert.deepEqual(soughtIn({ from: '2026-11-01', actor: 'system', other: 'x' }), {
    actor: 'system',
    from: '2026-11-01',
  })
})
