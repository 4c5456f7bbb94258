import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idsIn } from './known-ids.ts'

test('an answer gives the first id of each name, the outer before the inner', () => {
  const answer = {
    data: [
      { accountId: 'acc_1', owner: { customerId: 'cus_1' } },
      { accountId: 'acc_2', owner: { customerId: 'cus_2', accountId: 'acc_inner' } },
    ],
    next: null,
  }
  assert.deepEqual(idsIn(answer), { accountId: 'acc_1', customerId: 'cus_1' })
  assert.deepEqual(idsIn('text'), {})
})
