/** A document that somebody is verified by. Partners bring it and never see it again. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const DocumentId = idOf('document')
export type DocumentId = z.output<typeof DocumentId>

export const DocumentType = z.enum([
  'ID_CARD',
  'PASSPORT',
  'ADDRESS_PROOF',
  'REGISTRATION_EXTRACT',
  'OWNERSHIP_DECLARATION',
])

export const DocumentRequest = z.strictObject({
  type: DocumentType,
  mediaType: z.enum(['image/jpeg', 'image/png', 'application/pdf']),
  content: z
    .string()
    .min(16)
    .max(933_336)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/),
})
export type DocumentRequest = z.output<typeof DocumentRequest>

/** What is known of a document; what it says is sealed. */
export const Document = z.object({
  id: DocumentId,
  verificationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  type: DocumentType,
  mediaType: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  receivedAt: z.instanceof(Temporal.Instant),
})
export type Document = z.output<typeof Document>

export const documentUnreadable = problem(
  'kyc/document-unreadable',
  422,
  'The document is not what it says it is',
)
export const documentsFull = problem(
  'kyc/documents-full',
  409,
  'The verification has as many documents as it can have',
)

/** A passport, both sides of a card, proofs: nobody needs more. */
export const DOCUMENTS_MAX = 12

/** How files of each kind begin. */
const beginnings = {
  'image/jpeg': 'ffd8ff',
  'image/png': '89504e470d0a1a0a',
  'application/pdf': '255044462d',
} as const

/** The bytes, where they are of the kind that they are said to be. */
export const contentOf = ({ mediaType, content }: DocumentRequest): Buffer => {
  const bytes = Buffer.from(content, 'base64')
  if (bytes.toString('base64') !== content) throw documentUnreadable('content is not base64')
  if (!bytes.toString('hex', 0, 8).startsWith(beginnings[mediaType]))
    throw documentUnreadable(`content does not begin as ${mediaType} does`)
  return bytes
}

/** What can be read in a file without its program: a scan's own remarks, a form's fields, the text of a simple PDF. */
export const wordsIn = (content: Buffer): string =>
  (content.toString('latin1').match(/[\x20-\x7e]{8,}/g) ?? []).join('\n')

export const sha256Of = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

export const documentJson = (document: Document) => ({
  documentId: document.id,
  type: document.type,
  mediaType: document.mediaType,
  bytes: document.bytes,
  sha256: document.sha256,
  receivedDateTime: document.receivedAt.toString(),
})
