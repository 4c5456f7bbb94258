import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { noon } from '#test/world.ts'
import { hasNonceOf } from './proofs.ts'

const secret = Buffer.alloc(32, 7)
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** RFC 9449 §8: a nonce as the library makes it at a minute. */
const nonceAt = (minute: number): string => {
  const salt = Buffer.alloc(8)
  salt.writeBigUInt64BE(BigInt(minute))
  return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url')
}
const proven = (nonce: unknown) => {
  const request = new IncomingMessage(new Socket())
  request.headersDistinct['dpop'] = [`${encode({ alg: 'ES256' })}.${encode({ nonce })}.AAAA`]
  return request
}

test('a nonce of the secret before is known for the minutes around it, and no other', () => {
  const minute = Math.floor(noon.epochMilliseconds / 60_000)
  for (const around of [-2, 0, 2])
    assert.ok(hasNonceOf(proven(nonceAt(minute + around)), secret, noon))
  for (const foreign of [nonceAt(minute - 3), 'something', 7, undefined])
    assert.equal(hasNonceOf(proven(foreign), secret, noon), false)
  assert.equal(hasNonceOf(proven(nonceAt(minute)), Buffer.alloc(32, 8), noon), false)
})
