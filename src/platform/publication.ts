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
 * A sealed envelope as it travels, and its digest. The text is canonical, so the bytes of its content are those that the
 * digest is over: a reader hashes what it received and does not write it anew (`openText`). `content` is canonical text.
 */
export const sealText = (
  head: Pick<Envelope, 'cell' | 'audience' | 'epoch' | 'compiledAt'> & { content: string },
  key: JWK,
): string => {
  const sha256 = createHash('sha256').update(head.content).digest('hex')
  const unsigned: Envelope = { format: 'portico.publication/1', ...head, sha256, signature: '' }
  const signature = sign(null, signedText(unsigned), createPrivateKey({ key, format: 'jwk' }))
  const [before, after] = canonical({
    ...unsigned,
    content: null,
    signature: signature.toString('base64url'),
  }).split('"content":null')
  return `${before}"content":${head.content}${after}`
}

interface Expected {
  readonly cell: Cell
  readonly audience: Audience
  readonly key: JWK
  readonly above?: number
}

/** The envelope's own promises: for whom it is, who signed it, and that it is not older than what is held. */
const openHead = (raw: unknown, expected: Expected): Envelope => {
  const parsed = Envelope.safeParse(raw)
  if (!parsed.success)
    throw publicationRefused(`its envelope is not in shape: ${parsed.error.issues[0]?.message}`)
  const envelope = parsed.data
  if (envelope.cell !== expected.cell || envelope.audience !== expected.audience)
    throw publicationRefused(`it is for ${envelope.cell}/${envelope.audience}`)
  const key = createPublicKey({ key: expected.key, format: 'jwk' })
  if (!verify(null, signedText(envelope), key, Buffer.from(envelope.signature, 'base64url')))
    throw publicationRefused('its signature does not hold')
  if (expected.above !== undefined && envelope.epoch <= expected.above)
    throw publicationRefused(`epoch ${envelope.epoch} is not above ${expected.above}`)
  return envelope
}

const digestOf = (content: string | Uint8Array) =>
  createHash('sha256').update(content).digest('hex')

/** The head stands in the first and the last few hundred bytes, whatever the size of the content is. */
const HEAD_BYTES_MAX = 512

/** The content's bytes in a text as `sealText` writes it, and the envelope around them; undefined for another spelling. */
const parted = (bytes: Buffer): { head: string; content: Buffer } | undefined => {
  const word = '"content":'
  const from = bytes.subarray(0, HEAD_BYTES_MAX).indexOf(word)
  const tailFrom = Math.max(0, bytes.length - HEAD_BYTES_MAX)
  const to = bytes.subarray(tailFrom).lastIndexOf(',"epoch":')
  if (from < 0 || to < 0 || from + word.length >= tailFrom + to) return undefined
  const content = bytes.subarray(from + word.length, tailFrom + to)
  const before = bytes.toString('utf8', 0, from)
  return { head: `${before}"content":null${bytes.toString('utf8', tailFrom + to)}`, content }
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw publicationRefused('it is not JSON')
  }
}

/** As `openEnvelope`, from the bytes that came, and without judging what the content says. */
export const openText = (
  bytes: Buffer,
  expected: Expected,
): { epoch: number; sha256: string; compiledAt: string; content: unknown } => {
  const parts = parted(bytes)
  if (parts) {
    const envelope = openHead(parsedJson(parts.head), expected)
    if (digestOf(parts.content) === envelope.sha256)
      return { ...envelope, content: parsedJson(parts.content.toString('utf8')) }
  }
  const envelope = openHead(parsedJson(bytes.toString('utf8')), expected)
  if (digestOf(canonical(envelope.content)) !== envelope.sha256)
    throw publicationRefused('its content is not what was signed')
  return envelope
}

/**
 * Answers the content of a trustworthy envelope, parsed; throws `gateway/snapshot-refused` with the reason for all else:
 * unparsable, unknown member, wrong cell or audience, digest or signature that does not hold, epoch not above `above`.
 */
export const openEnvelope = <T extends z.ZodType>(
  raw: unknown,
  expected: Expected & { content: T },
): { epoch: number; sha256: string; compiledAt: string; content: z.output<T> } => {
  const envelope = openHead(raw, expected)
  if (digestOf(canonical(envelope.content)) !== envelope.sha256)
    throw publicationRefused('its content is not what was signed')
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
