/** A problem of the bank’s own documents, as callers of the version before know it. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openCell, refused } from '#test/gateway/cell.ts'
import { day } from '#test/gateway/partner.ts'
import { answerJson } from '#test/gateway/played.ts'
import type { Snapshot } from './snapshot.ts'

const older = ['2026-05-04', '2026-08-03']
const cell = await openCell()
after(() => cell.close())
const holder = await cell.addHolder('mtls')
await cell.start()
const withOlder = (content: Snapshot): Snapshot => ({
  ...content,
  products: content.products.map((one) => ({ ...one, versions: [...older, day] })),
})
const epoch = cell.publish((same) => same, withOlder)
while ((await cell.health()).epoch < epoch) await sleep(10)

const paymentId = `payment_${'0'.repeat(31)}1`
const recall = async (version: string) =>
  cell.callMtls(holder, await cell.token(holder), {
    method: 'POST',
    path: `/payments/v1/payments/${paymentId}/recalls`,
    headers: { 'api-version': version, 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ reason: 'DUPL' }),
  })

test('a second recall is 409 payments/recall-open today, and 422 payments/already-recalled to callers of older versions', async () => {
  cell.setPlay((_, response) =>
    answerJson(
      response,
      409,
      {
        code: 'payments/recall-open',
        title: 'The payment is recalled already',
        detail: 'one recall at a time, and none after one was accepted',
      },
      'application/problem+json',
    ),
  )
  refused(await recall(day), 409, 'payments/recall-open')
  for (const version of older) {
    const answered = await recall(version)
    refused(answered, 422, 'payments/already-recalled')
    assert.equal(answered.json['status'], 422)
    assert.match(String(answered.json['type']), /payments\/already-recalled$/)
    assert.equal(answered.headers['api-version'], version)
  }
})
