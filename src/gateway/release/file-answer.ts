/**
 * Answers that are files. A file has no leaves, so nothing of it can be held back: it leaves whole or not at all, only
 * from the bank itself, and only as what the document declares and its first bytes say it is.
 */
import { z } from 'zod'
import { holdsCardNumber } from '#platform/card-guard.ts'
import { holdsSecret } from '#platform/secret-guard.ts'
import {
  type AnyObject,
  below,
  documentRefused,
  memberAt,
  objectAt,
  type Pointer,
} from '../documents/schema.ts'
import type { UpstreamAnswer } from '../upstream/upstream.ts'

/** How a file of each type begins, and whether its text can be read by the guards. */
const kinds = {
  'application/pdf': { begins: '%PDF-', text: false },
  'application/xml': { begins: '<?xml ', text: true },
  'text/csv': { begins: '', text: true },
} as const
type FileType = keyof typeof kinds

/** The types that an answer may have, and the consent permissions of which one must be held for each. */
export type DeclaredFiles = ReadonlyMap<FileType, readonly string[]>

const FileSchema = z.strictObject({
  type: z.literal('string'),
  format: z.literal('binary'),
  description: z.string().optional(),
  'x-data-class': z.enum(['public', 'personal', 'financial']),
  'x-permission': z.array(z.string()).min(1).optional(),
})

const isFileType = (type: string): type is FileType => Object.hasOwn(kinds, type)

/** What a response declares where none of its types is JSON; undefined where it is no file. */
export const compileFiles = (media: AnyObject, at: Pointer): DeclaredFiles | undefined => {
  const types = Object.keys(media)
  if (types.length === 0 || types.includes('application/json')) return undefined
  const declared = new Map<FileType, readonly string[]>()
  for (const type of types) {
    const place = below(at, type)
    if (!isFileType(type)) throw documentRefused(`${place} is no type of file that is let out`)
    const schema = memberAt(
      FileSchema,
      objectAt(media[type], place)['schema'],
      below(place, 'schema'),
    )
    declared.set(type, schema['x-permission'] ?? [])
  }
  return declared
}

export type FileVerdict =
  | { readonly released: true; readonly contentType: FileType }
  | { readonly released: false; readonly why: string; readonly finding?: 'card-number' | 'secret' }

const withheldFor = (why: string, finding?: 'card-number' | 'secret'): FileVerdict => ({
  released: false,
  why,
  ...(finding && { finding }),
})

/** Whether a file is what was declared, for whoever holds these consent permissions. */
export const verdictOnFile = (
  files: DeclaredFiles,
  { contentType, encoded, body }: Pick<UpstreamAnswer, 'contentType' | 'encoded' | 'body'>,
  held: ReadonlySet<string>,
): FileVerdict => {
  const type = contentType?.toLowerCase().replace(/; ?charset=utf-8$/, '') ?? ''
  const needs = isFileType(type) ? files.get(type) : undefined
  if (encoded || !isFileType(type) || !needs) return withheldFor('it is no file of a declared type')
  if (needs.length > 0 && !needs.some((permission) => held.has(permission)))
    return withheldFor('the consent has none of the permissions of this file')
  const { begins, text } = kinds[type]
  if (body.length === 0 || !body.subarray(0, begins.length).equals(Buffer.from(begins)))
    return withheldFor('it does not begin as a file of its type')
  if (!text) return { released: true, contentType: type }
  const read = readUtf8(body)
  if (read === undefined) return withheldFor('its text is not UTF-8')
  if (holdsCardNumber(read))
    return withheldFor('it holds what reads as a card number', 'card-number')
  if (holdsSecret(read)) return withheldFor('it holds what reads as a secret', 'secret')
  return { released: true, contentType: type }
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const readUtf8 = (bytes: Buffer): string | undefined => {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
