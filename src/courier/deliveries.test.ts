import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCourierHouse } from '#test/courier/house.ts'

const house = await openCourierHouse()

test('every event arrives at every endpoint that wants it, signed, with its place among those of its subject', async () => {
  const partner = house.partnerId()
  const all = await house.endpoint({ partnerId: partner, types: ['*'] })
  const settledOnly = await house.endpoint({ partnerId: partner, types: ['payments.settled'] })
  const foreign = await house.endpoint({ partnerId: house.partnerId(), types: ['*'] })

  await house.happens('payments.settled', 'payment_1', { partnerId: partner, secret: 'x' })
  await house.happens('payments.rejected', 'payment_1', { partnerId: partner, reasonCode: 'AC04' })
  await house.quiet()

  assert.deepEqual(
    all.heard.map(({ body }) => [body.type, body.data]),
    [
      ['payments.settled', { subject: 'payment_1', sequence: 1 }],
      ['payments.rejected', { subject: 'payment_1', sequence: 2, reasonCode: 'AC04' }],
    ],
  )
  assert.deepEqual(
    settledOnly.heard.map(({ body }) => body.type),
    ['payments.settled'],
  )
  assert.equal(foreign.heard.length, 0)
  for (const message of all.heard) assert.ok(all.verifies(message))
  assert.equal(new Set(all.heard.map(({ id }) => id)).size, 2)
})
