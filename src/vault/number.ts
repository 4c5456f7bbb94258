/** Card numbers as bytes: a string cannot be wiped, so no number here ever becomes one. */
import { createHmac, randomInt } from 'node:crypto'
import { assert } from '#kernel/assert.ts'

const DIGITS = 16
const ZERO = 0x30

/** The check digit of ISO/IEC 7812-1 Annex B (Luhn) over all digits but the last. */
const checkDigit = (digits: Uint8Array): number => {
  let sum = 0
  for (let at = digits.length - 2, doubled = true; at >= 0; at--, doubled = !doubled) {
    const digit = (digits[at] ?? 0) - ZERO
    const weighed = doubled ? digit * 2 : digit
    sum += weighed > 9 ? weighed - 9 : weighed
  }
  return (10 - (sum % 10)) % 10
}

export const isCardNumber = (digits: Uint8Array): boolean =>
  digits.length === DIGITS &&
  digits.every((byte) => byte >= ZERO && byte <= ZERO + 9) &&
  digits[DIGITS - 1] === ZERO + checkDigit(digits)

/** A random number in a range, as ASCII digits. The caller wipes it. */
export const randomNumber = (bin: string): Buffer => {
  const digits = Buffer.alloc(DIGITS)
  digits.write(bin, 'latin1')
  for (let at = bin.length; at < DIGITS - 1; at++) digits[at] = ZERO + randomInt(10)
  digits[DIGITS - 1] = ZERO + checkDigit(digits)
  return digits
}

/** PCI DSS 3.5.1.1: a keyed hash of the whole number. */
export const lookupOf = (number: Uint8Array, key: Uint8Array): Buffer =>
  createHmac('sha256', key).update(number).digest()

export interface Expiry {
  readonly month: number
  readonly year: number
}

/**
 * The verification code is computed from number and expiry, as card schemes compute it, so that it can be
 * checked and never need be stored (PCI DSS 3.3.1.2). Three ASCII digits; the caller wipes them.
 */
export const verificationCode = (number: Uint8Array, expiry: Expiry, key: Uint8Array): Buffer => {
  const mac = createHmac('sha256', key)
    .update(number)
    .update(`/${expiry.year}/${expiry.month}`)
    .digest()
  // Of 2^64 values modulo 1000 none is likelier than another by more than 2^-54.
  const code = mac.readBigUInt64BE() % 1000n
  mac.fill(0)
  return Buffer.from(
    [code / 100n, (code / 10n) % 10n, code % 10n].map((digit) => ZERO + Number(digit)),
  )
}

/** What may be shown to everybody (PCI DSS 3.4.1). */
export const lastFourOf = (number: Buffer): string => {
  assert(number.length === DIGITS, 'a card number has sixteen digits')
  return number.toString('latin1', DIGITS - 4)
}
