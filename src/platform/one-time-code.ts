/** RFC 6238: a code of six digits from a secret and the time, as authenticator apps make it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { assert } from '#kernel/assert.ts'

const STEP_SECONDS = 30
const DIGITS = 6
/** RFC 6238 §5.2: one step either way for clocks and slow fingers. */
const DRIFT_STEPS = [0n, -1n, 1n]

export const stepOf = (now: Temporal.Instant): bigint =>
  BigInt(Math.floor(now.epochMilliseconds / 1000 / STEP_SECONDS))

/** RFC 4226 §5.3 with HMAC-SHA-1, which is what the apps of customers know. */
export const codeAt = (secret: Uint8Array, step: bigint): string => {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(step)
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 0x0f
  const number = (mac.readUInt32BE(offset) & 0x7fff_ffff) % 10 ** DIGITS
  return String(number).padStart(DIGITS, '0')
}

/** The step that a code belongs to: now or next to it, and later than the last one that was used. */
export const stepOfCode = (
  code: string,
  secret: Uint8Array,
  now: Temporal.Instant,
  lastStep: bigint | null,
): bigint | undefined =>
  DRIFT_STEPS.map((drift) => stepOf(now) + drift).find(
    (step) => (lastStep === null || step > lastStep) && isSame(code, codeAt(secret, step)),
  )

const isSame = (given: string, expected: string) =>
  given.length === expected.length && timingSafeEqual(Buffer.from(given), Buffer.from(expected))

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 base32 without padding: how secrets are told to apps. */
export const base32 = (text: string): Uint8Array => {
  const bits = Array.from(text, (letter) => {
    const value = alphabet.indexOf(letter)
    assert(value >= 0, 'a base32 secret is made of A–Z and 2–7')
    return value.toString(2).padStart(5, '0')
  })
  const bytes = bits.join('').match(/.{8}/g) ?? []
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2))
}

/** Bytes as an app takes them: the other way round. */
export const inBase32 = (bytes: Uint8Array): string => {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? [])
    .map((five) => alphabet.charAt(Number.parseInt(five.padEnd(5, '0'), 2)))
    .join('')
}
