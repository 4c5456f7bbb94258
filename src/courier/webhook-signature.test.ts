import assert from 'node:assert/strict'
import { createHmac, createPublicKey, verify } from 'node:crypto'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import { newSigningText, signerOf, webhookHeaders } from './webhook-signature.ts'

/** Published vectors: the JavaScript library's of Standard Webhooks (v1), and the specification's own (v1a). */
const vectors = [
  {
    key: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  },
  {
    key: 'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
    signature:
      'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
  },
] as const
const message = {
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  at: Temporal.Instant.fromEpochMilliseconds(1_614_265_330_000),
  body: '{"test": 2432232314}',
}

test('Standard Webhooks 1.0.0: both signatures are those of the published vectors', () => {
  for (const { key, signature } of vectors)
    assert.equal(webhookHeaders([signerOf(key)], message)['webhook-signature'], signature)
})

test('every key that signs is in the one header, the current one first', () => {
  const signers = vectors.map(({ key }) => signerOf(key)).toReversed()
  assert.equal(
    webhookHeaders(signers, message)['webhook-signature'],
    vectors
      .map(({ signature }) => signature)
      .toReversed()
      .join(' '),
  )
})

test('a new key is in the form that libraries take, and signs what its public half verifies', () => {
  const asymmetric = newSigningText('v1a')
  const raw = Buffer.from((asymmetric.public ?? '').replace(/^whpk_/, ''), 'base64')
  assert.equal(raw.length, 32)
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') },
    format: 'jwk',
  })
  const content = Buffer.from(`${message.id}.1614265330.${message.body}`)
  const [, signature = ''] = webhookHeaders([signerOf(asymmetric.text)], message)[
    'webhook-signature'
  ].split(',')
  assert.ok(verify(null, content, key, Buffer.from(signature, 'base64')))

  const shared = newSigningText('v1')
  assert.equal(shared.public, null)
  const secret = Buffer.from(shared.text.replace(/^whsec_/, ''), 'base64')
  assert.equal(secret.length, 32)
  assert.equal(
    webhookHeaders([signerOf(shared.text)], message)['webhook-signature'],
    `v1,${createHmac('sha256', secret).update(content).digest('base64')}`,
  )
})

test('a key that is none, and an id that could be read two ways, sign nothing', () => {
  assert.throws(() => signerOf('whsec_c2hvcnQ='))
  assert.throws(() => signerOf('whsk_c2hvcnQ='))
  assert.throws(() => signerOf('secret'))
  assert.throws(() => webhookHeaders([], message))
  const [signer] = vectors.map(({ key }) => signerOf(key))
  assert.throws(() => webhookHeaders(signer ? [signer] : [], { ...message, id: 'a.1' }))
})

test('the published library takes our v1, alone and beside v1a, and nothing that was touched', () => {
  const [shared, other] = [newSigningText('v1'), newSigningText('v1')]
  const signers = [newSigningText('v1a'), shared].map(({ text }) => signerOf(text))
  const library = new Webhook(shared.text)
  // It knows no time but its own.
  const fresh = { ...message, at: Temporal.Now.instant() }
  for (const some of [signers.slice(1), signers, signers.toReversed()]) {
    const headers = webhookHeaders(some, fresh)
    assert.deepEqual(library.verify(fresh.body, headers), JSON.parse(fresh.body))
    const touched: [string, Record<string, string>][] = [
      [`${fresh.body} `, headers],
      [fresh.body, { ...headers, 'webhook-id': 'msg_other' }],
      [fresh.body, { ...headers, 'webhook-signature': `v1,${'A'.repeat(43)}=` }],
    ]
    for (const [body, given] of touched) assert.throws(() => library.verify(body, given))
    assert.throws(() => new Webhook(other.text).verify(fresh.body, headers))
  }
  const stale = { ...message, at: fresh.at.subtract({ minutes: 6 }) }
  assert.throws(() => library.verify(stale.body, webhookHeaders(signers, stale)))
})
