/** A document on its way to becoming a product: what was handed in, what the bank says of it, and what is still missing. */
import { z } from 'zod'
import { type FieldError, Problem, problem } from '#kernel/problem.ts'
import { UpstreamId } from '#platform/registered-upstream.ts'
import { readDocument } from '../document.ts'
import { adopted } from './adoption.ts'
import type { Note } from './conversion.ts'
import { type Overlay, Overlay as OverlaySchema, overlaid, placeIn } from './overlay.ts'
import { isObject, type JsonObject, readSource, SOURCE_CHARACTERS_MAX } from './source.ts'
import { suggestedClass } from './suggestion.ts'

export const draftNotFound = problem('catalogue/draft-not-found', 404, 'No such draft')

export const ProductId = z
  .string()
  .regex(/^[a-z][a-z-]*$/, 'must be a word in small letters')
  .max(40)

export const Draft = z.strictObject({
  productId: ProductId,
  upstreamId: UpstreamId,
  version: z.iso.date(),
  source: z.string().min(1).max(SOURCE_CHARACTERS_MAX),
  overlay: OverlaySchema,
})
export type Draft = z.output<typeof Draft>

/** A place that lacks a class, and the one that its name suggests. */
export interface Suggestion {
  readonly target: string
  readonly dataClass: string
}

export interface Assessment {
  /** As it would be published. */
  readonly document: JsonObject
  /** What must be mended first; nothing: it may be proposed. */
  readonly findings: readonly FieldError[]
  /** What the import did of itself. */
  readonly notes: readonly Note[]
  /** Targets of the overlay that the document no longer has. */
  readonly gone: readonly string[]
  readonly suggestions: readonly Suggestion[]
}

/** Reads a draft as far as it can be read without knowing the rest of the catalogue. */
export const assess = (draft: Draft): Assessment => {
  const { productId, upstreamId, version } = draft
  const source = readSource(draft.source)
  const { document: plain, notes } = adopted(source, {
    product: productId,
    upstream: upstreamId,
    version,
  })
  const { document, gone } = overlaid(plain, draft.overlay)
  const findings = [...referencesOut(document), ...mistakesIn(productId, document)]
  return { document, findings, notes, gone, suggestions: suggestionsFor(findings) }
}

const mistakesIn = (productId: string, document: JsonObject): readonly FieldError[] => {
  try {
    readDocument(productId, document)
    return []
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const errors = error.particulars.errors ?? [
      { pointer: '', code: error.code, detail: error.detail },
    ]
    return errors.map((wrong) => ({ ...wrong, detail: hintFor(productId, wrong) ?? wrong.detail }))
  }
}

/** What to say where an operation says nothing yet, in words that can be answered. */
const hintFor = (productId: string, { pointer }: FieldError): string | undefined => {
  switch (/^\/paths\/[^/]+\/[a-z]+\/(x-[a-z-]+|operationId)$/.exec(pointer)?.[1]) {
    case 'operationId':
      return 'a word in camelCase that no other operation has'
    case 'x-permission':
      return `a permission of the licence matrix, such as accounts.read; or products.${productId}, which the contract alone opens`
    case 'x-scope':
      return `the scope that a token must hold: ${productId}, or ${productId}:read`
    case 'x-consent':
      return 'none; or { type } of the consent that a customer must have given'
    case 'x-class':
      return 'how urgent it is: payment-status, payment, accounts or bulk'
    case 'x-risk':
      return 'what it reaches: high (moves or reveals), personal, or reference'
    case 'x-idempotency':
      return 'required where it moves something, else accepted'
    case undefined:
    default:
      return undefined
  }
}

/** References that lead out of the document: nothing is fetched for anybody. */
const referencesOut = (document: JsonObject): FieldError[] => {
  const found: FieldError[] = []
  const walk = (value: unknown, pointer: string) => {
    if (typeof value !== 'object' || value === null) return
    for (const [name, inner] of Object.entries(value)) {
      const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (name === '$ref' && typeof inner === 'string' && !inner.startsWith('#/'))
        found.push({
          pointer: at,
          code: 'external-reference',
          detail: 'it leads out of the document; put what it refers to into components',
        })
      else walk(inner, at)
    }
  }
  walk(document, '')
  return found
}

const suggestionsFor = (findings: readonly FieldError[]): Suggestion[] =>
  findings.flatMap(({ pointer, code }) => {
    if (code !== 'no-data-class') return []
    const target = pointer.slice(0, pointer.lastIndexOf('/'))
    const name = target.split('/').findLast((part) => !/^(?:items|properties|\d+)$/.test(part))
    const dataClass = suggestedClass(name ?? '')
    return dataClass === undefined ? [] : [{ target, dataClass }]
  })

/** The overlay of a draft with more said: what names the same place is merged into one action. */
export const saidMore = (overlay: Overlay, more: Overlay): Overlay => {
  const byTarget = new Map(overlay.map((action) => [action.target, action]))
  for (const { target, update } of more) {
    const held = byTarget.get(target)
    byTarget.set(target, { target, update: { ...held?.update, ...update } })
  }
  return [...byTarget.values()]
}

/** What of a document is new, and what is gone, beside the one that was handed in before. */
export const newsBetween = (
  before: JsonObject,
  after: JsonObject,
): { added: string[]; removed: string[] } => {
  const places = (document: JsonObject): string[] => {
    const found: string[] = []
    const walk = (value: unknown, pointer: string) => {
      if (typeof value !== 'object' || value === null) return
      for (const [name, inner] of Object.entries(value)) {
        const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
        if (/\/properties\/[^/]+$|^\/paths\/[^/]+\/(?:get|put|post|delete|patch)$/.test(at))
          found.push(at)
        walk(inner, at)
      }
    }
    walk(document, '')
    return found
  }
  return {
    added: places(after).filter((place) => placeIn(before, place) === undefined),
    removed: places(before).filter((place) => placeIn(after, place) === undefined),
  }
}

/** What one schema after the other unfolds to when every reference is followed; a cycle is too much for any limit. */
export const unfoldsTo = (document: JsonObject): number => {
  const known = new Map<string, number>()
  const sizeOf = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + sizeOf(one), 1)
    if (typeof value !== 'object' || value === null) return 1
    const reference: unknown = Reflect.get(value, '$ref')
    if (typeof reference === 'string') {
      const found = known.get(reference)
      if (found !== undefined) return found
      // Whoever comes here again before it is known has gone in a circle.
      known.set(reference, Number.POSITIVE_INFINITY)
      const target = reference.startsWith('#/') ? placeIn(document, reference.slice(1)) : undefined
      const size = target === undefined ? 1 : sizeOf(target)
      known.set(reference, size)
      return size
    }
    return Object.values(value).reduce<number>((sum, one) => sum + sizeOf(one), 1)
  }
  return isObject(document['paths']) ? sizeOf(document['paths']) : 0
}
