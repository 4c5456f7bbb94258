/** Envelope encryption: data keys under a key-encryption key, rows under data keys, each bound to its place. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'
import { problem } from '#kernel/problem.ts'

const NONCE = 12
const TAG = 16

export const sealBroken = problem(
  'vault/seal-broken',
  500,
  'Something that the vault keeps cannot be opened',
)

/** Where a ciphertext stands; it opens nowhere else. */
export type Place = Readonly<Record<string, string | number>>

const boundTo = (place: Place) => Buffer.from(canonical(place))

/**
 * AES-256-GCM with a random nonce: nonce ‖ ciphertext ‖ tag. A range has at most 10^9 numbers and two seals for each,
 * so its key stays below the 2^32 uses that NIST SP 800-38D §8.3 allows to random nonces.
 */
export const seal = (plain: Uint8Array, key: Uint8Array, place: Place): Buffer => {
  const nonce = randomBytes(NONCE)
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG })
  cipher.setAAD(boundTo(place))
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Answers the plain bytes, which the caller wipes; throws `vault/seal-broken` when a bit or the place is another. */
export const open = (sealed: Uint8Array, key: Uint8Array, place: Place): Buffer => {
  const bytes = Buffer.from(sealed)
  if (bytes.length < NONCE + TAG) throw sealBroken('it is too short to be a seal')
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), {
    authTagLength: TAG,
  })
  decipher.setAAD(boundTo(place))
  decipher.setAuthTag(bytes.subarray(bytes.length - TAG))
  const plain = decipher.update(bytes.subarray(NONCE, bytes.length - TAG))
  try {
    decipher.final()
    return plain
  } catch (cause) {
    plain.fill(0)
    throw sealBroken('it was altered, moved, or sealed under another key', { cause })
  }
}
