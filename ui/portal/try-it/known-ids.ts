/** Ids that earlier answers brought, by the name of their member: the next call of somebody who tries needs them. */
const KEPT = 'portico.try-it.ids'

type Ids = Readonly<Record<string, string>>

export const knownIds = (): Ids => {
  const held: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}')
  return typeof held === 'object' && held !== null
    ? Object.fromEntries(Object.entries(held).filter(([, id]) => typeof id === 'string'))
    : {}
}

/** The first of each name, from the outside in. */
export const idsIn = (value: unknown): Ids => {
  if (Array.isArray(value))
    return value.reduceRight<Ids>((ids, one) => ({ ...ids, ...idsIn(one) }), {})
  if (typeof value !== 'object' || value === null) return {}
  const members = Object.entries(value)
  const below = members.reduceRight<Ids>((ids, [, member]) => ({ ...ids, ...idsIn(member) }), {})
  const own = members.filter(([name, id]) => name.endsWith('Id') && typeof id === 'string')
  return { ...below, ...Object.fromEntries(own) }
}

export const keepIds = (answer: string): void => {
  try {
    const found = { ...knownIds(), ...idsIn(JSON.parse(answer)) }
    sessionStorage.setItem(KEPT, JSON.stringify(found))
  } catch {
    // An answer that is no JSON brings no ids.
  }
}
