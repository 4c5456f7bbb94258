/** Webhooks as the client verifies them: published vectors, what our courier signs, and what an attacker sends. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newSigningText, signerOf, webhookHeaders } from '#courier/webhook-signature.ts'
import { openWebhookVerifier, WebhookRefused } from '../../sdk/typescript/index.ts'

const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
}
/** Of Standard Webhooks 1.0.0: its JavaScript library's test (v1), and the specification's own (v1a). */
const vectors = [
  {
    key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    key: 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=',
    signature:
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  },
] as const

test('the published vectors of both schemes hold, and a changed byte does not', () => {
  const { id, timestamp, body } = message
  for (const { key, signature } of vectors) {
    const verified = openWebhookVerifier([key], { now: () => timestamp * 1000 })
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    }
    assert.equal(verified({ headers, body }).id, id)
    assert.throws(() => verified({ headers, body: body.replace('2', '3') }), WebhookRefused)
    assert.throws(
      () => verified({ headers: { ...headers, 'webhook-id': `${id}x` }, body }),
      WebhookRefused,
    )
  }
})

const body = '{"type":"payments.settled","timestamp":"2026-11-23T07:20:00Z","data":{"sequence":2}}'
const now = Temporal.Instant.from('2026-11-23T07:20:10Z')
const at = now.epochMilliseconds

test('what the courier signs with two keys is verified by either, in both schemes, while one is replaced', () => {
  const [own, next, secret] = [newSigningText('v1a'), newSigningText('v1a'), newSigningText('v1')]
  const headers = webhookHeaders([signerOf(next.text), signerOf(own.text), signerOf(secret.text)], {
    id: 'event_1',
    at: now,
    body,
  })
  for (const pinned of [own.public, next.public, secret.text]) {
    assert.ok(pinned)
    const event = openWebhookVerifier([pinned], { now: () => at })({ headers, body })
    assert.deepEqual([event.type, event.data], ['payments.settled', { sequence: 2 }])
  }
  const stranger = newSigningText('v1a').public ?? ''
  assert.throws(
    () => openWebhookVerifier([stranger], { now: () => at })({ headers, body }),
    WebhookRefused,
  )
})

test('a message that was kept is refused, and a public key is never taken for a secret', () => {
  const own = newSigningText('v1a')
  const pinned = own.public ?? ''
  const headers = webhookHeaders([signerOf(own.text)], { id: 'event_1', at: now, body })
  for (const shift of [-301_000, 301_000])
    assert.throws(
      () => openWebhookVerifier([pinned], { now: () => at + shift })({ headers, body }),
      /too old/,
    )
  const asSecret = webhookHeaders([signerOf(pinned.replace('whpk_', 'whsec_'))], {
    id: 'event_1',
    at: now,
    body,
  })
  assert.throws(
    () => openWebhookVerifier([pinned], { now: () => at })({ headers: asSecret, body }),
    WebhookRefused,
  )
  assert.throws(() => openWebhookVerifier([]), TypeError)
})
