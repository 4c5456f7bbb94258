/** Media types by name (RFC 6838, RFC 6839): which of one document became which of the other. */

interface MediaType {
  readonly essence: string
  readonly type: string
  readonly subtype: string
  readonly suffix: string | undefined
}

const parse = (name: string): MediaType => {
  const essence = name.split(';')[0]!.trim().toLowerCase()
  const [type = '', subtype = ''] = essence.split('/')
  return { essence, type, subtype, suffix: subtype.split('+')[1] }
}

/** `application/problem+json` is a kind of `application/json`. */
const isKindOf = (special: MediaType, general: MediaType): boolean =>
  special.type === general.type &&
  special.suffix !== undefined &&
  special.suffix === general.subtype

export type NameChange = 'none' | 'changed' | 'specialized' | 'generalized'

export interface MatchedTypes {
  readonly pairs: readonly { before: string; after: string; change: NameChange }[]
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

export const matchedTypes = (
  base: readonly string[],
  revision: readonly string[],
): MatchedTypes => {
  const pairs: { before: string; after: string; change: NameChange }[] = []
  const removed = [...base]
  const added = [...revision]
  const pairUp = (changeOf: (before: MediaType, after: MediaType) => NameChange | undefined) => {
    for (const before of removed.slice())
      for (const after of added) {
        const change = before === after ? 'none' : changeOf(parse(before), parse(after))
        if (!change) continue
        pairs.push({ before, after, change })
        removed.splice(removed.indexOf(before), 1)
        added.splice(added.indexOf(after), 1)
        break
      }
  }
  pairUp(() => undefined)
  pairUp((before, after) => (before.essence === after.essence ? 'changed' : undefined))
  pairUp((before, after) =>
    isKindOf(after, before) ? 'specialized' : isKindOf(before, after) ? 'generalized' : undefined,
  )
  return { pairs, added, removed }
}
