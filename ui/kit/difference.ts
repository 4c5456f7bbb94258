/** What changes between two states, line by line, as an approver reads it. */

export interface Line {
  readonly kind: 'same' | 'gone' | 'new'
  /** Where in the state, in dots: `limits.rate.perSecond`; empty for the state itself. */
  readonly place: string
  readonly value: string
}

type Leaf = readonly [place: string, value: string]

const isScalar = (value: unknown): value is string | number | boolean | null =>
  value === null || ['string', 'number', 'boolean'].includes(typeof value)

const joined = (place: string, name: string) => (place === '' ? name : `${place}.${name}`)

/** Every scalar of a state with its place. A list of scalars is a set: its members stand under one place. */
const leaves = (value: unknown, place = ''): Leaf[] => {
  if (value === undefined) return []
  if (isScalar(value)) return [[place, value === null || value === '' ? '—' : String(value)]]
  if (Array.isArray(value)) {
    if (value.every(isScalar)) return value.map((member) => [`${place}[]`, String(member)])
    return value.flatMap((member, at) => leaves(member, `${place}[${at}]`))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => leaves(member, joined(place, name)))
}

const keysOf = (value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : null

/** A verdict about a thing is no later state of that thing: nothing of it goes, something comes beside it. */
const standsBeside = (before: unknown, after: unknown): boolean => {
  const [was, is] = [keysOf(before), keysOf(after)]
  return was !== null && is !== null && !is.some((key) => was.includes(key))
}

/** All lines, those of one place together, what goes before what comes. Nothing before means that all of it is new. */
export const difference = (before: unknown, after: unknown): Line[] => {
  const was = before === null ? [] : leaves(before)
  const is = leaves(after)
  const has = (list: readonly Leaf[], [place, value]: Leaf) =>
    list.some((leaf) => leaf[0] === place && leaf[1] === value)
  const stays = standsBeside(before, after)
  const places = [...new Set([...was, ...is].map(([place]) => place))]
  return places.flatMap((place) => {
    const at = (list: readonly Leaf[]) => list.filter((leaf) => leaf[0] === place)
    return [
      ...at(was).map((leaf): Line => ({
        kind: stays || has(is, leaf) ? 'same' : 'gone',
        place,
        value: leaf[1],
      })),
      ...at(is)
        .filter((leaf) => !has(was, leaf))
        .map((leaf): Line => ({ kind: 'new', place, value: leaf[1] })),
    ]
  })
}
