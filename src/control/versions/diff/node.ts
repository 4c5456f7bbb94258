/** Members of a parsed document, read without trusting it: what is not of the kind asked for is absent. */

export type Node = Readonly<Record<string, unknown>>

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const node = (value: unknown): Node | undefined => (isNode(value) ? value : undefined)

export const child = (parent: Node | undefined, name: string): Node | undefined =>
  node(own(parent, name))

/** Never what an object inherits: a property may be called `constructor`. */
export const own = (parent: Node | undefined, name: string): unknown =>
  parent && Object.hasOwn(parent, name) ? parent[name] : undefined

export const text = (parent: Node | undefined, name: string): string | undefined => {
  const value = own(parent, name)
  return typeof value === 'string' ? value : undefined
}

export const number = (parent: Node | undefined, name: string): number | undefined => {
  const value = own(parent, name)
  return typeof value === 'number' ? value : undefined
}

export const list = (parent: Node | undefined, name: string): readonly unknown[] => {
  const value = own(parent, name)
  return Array.isArray(value) ? value : []
}

export const words = (parent: Node | undefined, name: string): readonly string[] =>
  list(parent, name).filter((value) => typeof value === 'string')

/** What is only in the second, in its order. */
export const onlyIn = <T>(first: readonly T[], second: readonly T[]): T[] => {
  const known = new Set(first)
  return [...new Set(second)].filter((value) => !known.has(value))
}

export const quoted = (value: unknown): string =>
  `\`${typeof value === 'string' ? value : (JSON.stringify(value) ?? '')}\``

export const listed = (values: readonly unknown[]): string => values.map(quoted).join(', ')
