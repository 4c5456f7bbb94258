/** The keys of an endpoint: a new one is current at once, the one that it replaces signs too until its end. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Scheme } from './endpoint.ts'

export const SigningKeyId = idOf('whkey')

export const keysTooMany = problem(
  'webhooks/keys-too-many',
  409,
  'Too many keys of the endpoint are still in use',
)

/** Svix's bound: a header with more signatures is one that some receiver cuts off. */
export const RETIRING_MAX = 10

export const SigningKey = z.object({
  id: SigningKeyId,
  endpointId: z.string(),
  scheme: Scheme,
  public: z.string().nullable(),
  sealed: z.instanceof(Uint8Array),
  madeAt: z.instanceof(Temporal.Instant),
  endsAt: z.instanceof(Temporal.Instant).nullable(),
  verifiedAt: z.instanceof(Temporal.Instant).nullable(),
})
export type SigningKey = z.output<typeof SigningKey>

export const keyState = (
  key: Pick<SigningKey, 'endsAt'>,
  now: Temporal.Instant,
): 'current' | 'retiring' | 'gone' =>
  key.endsAt === null
    ? 'current'
    : Temporal.Instant.compare(now, key.endsAt) < 0
      ? 'retiring'
      : 'gone'

const aadOf = (id: string) => Buffer.from(`portico webhook key ${id}`)

/** AES-256-GCM, bound to the key's own id: a sealed key moved to another row does not open. */
export const sealKey = (text: string, under: Uint8Array, id: string): Buffer => {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', under, iv).setAAD(aadOf(id))
  return Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
}

export const openKey = (sealed: Uint8Array, under: Uint8Array, id: string): string => {
  assert(sealed.length > 28, 'a sealed key has its nonce and its tag')
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', under, bytes.subarray(0, 12))
    .setAAD(aadOf(id))
    .setAuthTag(bytes.subarray(-16))
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString()
}
