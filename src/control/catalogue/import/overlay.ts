/**
 * What the bank says of a document beside it, as OpenAPI Overlay 1.0 has it: a list of places and what is merged there.
 * So it stays when the document is handed in again. Places are JSON pointers (RFC 6901), as every check names them.
 */
import { z } from 'zod'
import { isObject, type Json, type JsonObject } from './source.ts'

const Pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])+)+$/, 'must be a JSON pointer')

export const Action = z.strictObject({
  target: Pointer.max(500),
  update: z.record(z.string().max(100), z.json()),
})
export const Overlay = z.array(Action).max(5_000)
export type Overlay = z.output<typeof Overlay>

/** The document with the overlay over it, and the targets that it no longer has. */
export const overlaid = (
  document: JsonObject,
  overlay: Overlay,
): { document: JsonObject; gone: readonly string[] } => {
  const whole = structuredClone(document)
  const gone: string[] = []
  for (const { target, update } of overlay) {
    const place = placeIn(whole, target)
    if (isObject(place)) merge(place, update)
    else gone.push(target)
  }
  return { document: whole, gone }
}

export const placeIn = (document: Json, pointer: string): Json | undefined =>
  pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json | undefined>((at, name) => {
      if (Array.isArray(at)) return at[Number(name)]
      return isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
    }, document)

/** Overlay 1.0, "update": members are merged, lists and values replaced; null takes a member away. */
const merge = (into: JsonObject, update: JsonObject) => {
  for (const [name, value] of Object.entries(update)) {
    if (name === '__proto__') continue
    const held = Object.hasOwn(into, name) ? into[name] : undefined
    if (value === null) delete into[name]
    else if (isObject(held) && isObject(value)) merge(held, value)
    else into[name] = structuredClone(value)
  }
}
