/** The keys of an endpoint: a new one is current at once, the one that it replaces signs too until its end. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { openText, sealText } from '#platform/sealed.ts'
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

/** Bound to the key's own id: a sealed key moved to another row does not open. */
const contextOf = (id: string) => ['portico webhook key', id]

export const sealKey = (text: string, under: Uint8Array, id: string) =>
  sealText(under, contextOf(id), text)

/** Undefined where it was sealed with another key: then its endpoint cannot be signed to, and no other suffers. */
export const openKey = (sealed: Uint8Array, under: Uint8Array, id: string): string | undefined =>
  openText(under, contextOf(id), sealed)
