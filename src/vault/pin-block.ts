/** The enciphered PIN block of ISO 9564-1, format 4: AES over the PIN, bound to the number that it belongs to. */
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import { sealBroken } from './envelope.ts'

const BLOCK = 16
const CONTROL = 4
const FILL = 0xa
const ZERO = 0x30
const PIN_MIN = 4
const PIN_MAX = 12
/** Nibbles of the PIN field before its random half. */
const FIXED = 16

const nibble = (bytes: Uint8Array, at: number): number => {
  const byte = bytes[at >> 1] ?? 0
  return at % 2 === 0 ? byte >> 4 : byte & 0xf
}
const putNibble = (bytes: Uint8Array, at: number, value: number): void => {
  const byte = bytes[at >> 1] ?? 0
  bytes[at >> 1] = at % 2 === 0 ? (byte & 0x0f) | (value << 4) : (byte & 0xf0) | value
}

/** §9.4.2.3: control, length, digits, fill; then 64 random bits, so that equal PINs are no equal blocks. */
const pinField = (pin: Uint8Array): Buffer => {
  const field = randomFillSync(Buffer.alloc(BLOCK))
  putNibble(field, 0, CONTROL)
  putNibble(field, 1, pin.length)
  for (let at = 2; at < FIXED; at++)
    putNibble(field, at, at - 2 < pin.length ? (pin[at - 2] ?? 0) - ZERO : FILL)
  return field
}

/** §9.4.2.4: how many digits the number has beyond twelve, its digits, and zeros. */
const numberField = (number: Uint8Array): Buffer => {
  const field = Buffer.alloc(BLOCK)
  putNibble(field, 0, number.length - PIN_MAX)
  for (const [at, digit] of number.entries()) putNibble(field, at + 1, digit - ZERO)
  return field
}

/** Into `to`. */
const mix = (to: Uint8Array, other: Uint8Array): void => {
  for (const [at, byte] of other.entries()) to[at] = (to[at] ?? 0) ^ byte
}

// One block, and no chaining: the format is its own mode of AES.
const enciphered = (block: Uint8Array, key: Uint8Array): Buffer =>
  createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block)
const deciphered = (block: Uint8Array, key: Uint8Array): Buffer =>
  createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block)

/** `pin` and `number` are ASCII digits, which the caller wipes. */
export const pinBlock = (pin: Uint8Array, number: Uint8Array, key: Uint8Array): Buffer => {
  assert(pin.length >= PIN_MIN && pin.length <= PIN_MAX, 'a PIN has four to twelve digits')
  const field = pinField(pin)
  const first = enciphered(field, key)
  mix(first, numberField(number))
  const block = enciphered(first, key)
  for (const bytes of [field, first]) bytes.fill(0)
  return block
}

/** The PIN as ASCII digits, which the caller wipes. Throws `vault/seal-broken` where it is another number's or altered. */
export const pinOf = (block: Uint8Array, number: Uint8Array, key: Uint8Array): Buffer => {
  const first = deciphered(block, key)
  mix(first, numberField(number))
  const field = deciphered(first, key)
  first.fill(0)
  try {
    const length = nibble(field, 1)
    const whole =
      nibble(field, 0) === CONTROL &&
      length >= PIN_MIN &&
      length <= PIN_MAX &&
      Array.from({ length: FIXED - 2 }, (_, at) => nibble(field, at + 2)).every((value, at) =>
        at < length ? value <= 9 : value === FILL,
      )
    if (!whole) throw sealBroken('a PIN block is of another card, or was altered')
    return Buffer.from(Array.from({ length }, (_, at) => ZERO + nibble(field, at + 2)))
  } finally {
    field.fill(0)
  }
}
