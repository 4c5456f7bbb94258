/** Text that only we can read and that fits only where it was made for: AES-256-GCM with its context bound to it. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { canonical } from '#kernel/canonical.ts'

const IV_BYTES = 12
const TAG_BYTES = 16

export const sealText = (key: Uint8Array, context: unknown, text: string): Buffer<ArrayBuffer> => {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(canonical(context)))
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** Undefined for anything that was not sealed with this key for this context. */
export const openText = (
  key: Uint8Array,
  context: unknown,
  sealed: Uint8Array,
): string | undefined => {
  if (sealed.length < IV_BYTES + TAG_BYTES) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES))
    .setAAD(Buffer.from(canonical(context)))
    .setAuthTag(sealed.subarray(-TAG_BYTES))
  try {
    const text = decipher.update(sealed.subarray(IV_BYTES, -TAG_BYTES))
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
