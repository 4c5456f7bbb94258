/** A signed, immutable document that control publishes and a cell's process holds: its envelope and its proof. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { Cell } from '#kernel/cell.ts'
import { problem } from '#kernel/problem.ts'
import type { JWK } from './jose.ts'

export const publicationRefused = problem(
  'gateway/snapshot-refused',
  500,
  'A published document cannot be trusted',
)

/** Who a document is for. Each reader declares the content that it wants; control fulfils it. */
export const Audience = z.enum(['gateway', 'authorization'])
export type Audience = z.output<typeof Audience>

export const Envelope = z.strictObject({
  format: z.literal('portico.publication/1'),
  cell: Cell,
  audience: Audience,
  /** Grows by every publication of (cell, audience); going back is a new epoch with old content. */
  epoch: z.number().int().positive(),
  compiledAt: z.string(),
  /** Hex SHA-256 of the canonical content. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  content: z.unknown(),
  /** base64url Ed25519 over the canonical envelope without `content` and `signature`. */
  signature: z.string(),
})
export type Envelope = z.output<typeof Envelope>

/** What the signature is over: the digest stands for the content. */
const signedText = (envelope: Envelope) =>
  Buffer.from(canonical({ ...envelope, content: undefined, signature: undefined }))

export const sealEnvelope = (
  head: Pick<Envelope, 'cell' | 'audience' | 'epoch' | 'compiledAt' | 'content'>,
  privateJwk: JWK,
): Envelope => {
  const sha256 = createHash('sha256').update(canonical(head.content)).digest('hex')
  const unsigned: Envelope = { format: 'portico.publication/1', ...head, sha256, signature: '' }
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' })
  return { ...unsigned, signature: sign(null, signedText(unsigned), key).toString('base64url') }
}

/**
 * Answers the content of a trustworthy envelope, parsed; throws `gateway/snapshot-refused` with the reason for all else:
 * unparsable, unknown member, wrong cell or audience, digest or signature that does not hold, epoch not above `above`.
 */
export const openEnvelope = <T extends z.ZodType>(
  raw: unknown,
  expected: { cell: Cell; audience: Audience; key: JWK; above?: number; content: T },
): { epoch: number; sha256: string; compiledAt: string; content: z.output<T> } => {
  const parsed = Envelope.safeParse(raw)
  if (!parsed.success)
    throw publicationRefused(`its envelope is not in shape: ${parsed.error.issues[0]?.message}`)
  const envelope = parsed.data
  if (envelope.cell !== expected.cell || envelope.audience !== expected.audience)
    throw publicationRefused(`it is for ${envelope.cell}/${envelope.audience}`)
  const key = createPublicKey({ key: expected.key, format: 'jwk' })
  if (!verify(null, signedText(envelope), key, Buffer.from(envelope.signature, 'base64url')))
    throw publicationRefused('its signature does not hold')
  if (createHash('sha256').update(canonical(envelope.content)).digest('hex') !== envelope.sha256)
    throw publicationRefused('its content is not what was signed')
  if (expected.above !== undefined && envelope.epoch <= expected.above)
    throw publicationRefused(`epoch ${envelope.epoch} is not above ${expected.above}`)
  const content = expected.content.safeParse(envelope.content)
  if (!content.success) {
    const issue = content.error.issues[0]
    throw publicationRefused(
      `its content is not in shape at /${issue?.path.join('/')}: ${issue?.message}`,
    )
  }
  const { epoch, sha256, compiledAt } = envelope
  return { epoch, sha256, compiledAt, content: content.data }
}

/** A revocation as it travels: `seq` grows within its source; the reader denies `id` until `expiresAt`. */
export const Revocation = z.strictObject({
  source: z.enum(['control', 'cell']),
  seq: z.number().int().positive(),
  kind: z.enum([
    'consent',
    'grant',
    'client',
    'token',
    'certificate',
    'key',
    'partner',
    'permission',
  ]),
  /** For `permission`: `partnerId permission`. */
  id: z.string(),
  at: z.string(),
  expiresAt: z.string(),
})
export type Revocation = z.output<typeof Revocation>
