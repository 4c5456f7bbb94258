/** Promises about time: stability levels, deprecation, and the day after which something is gone. */
import { own, text, type Node } from './node.ts'

export type Sunset =
  | { readonly stated: 'nowhere' }
  | { readonly stated: 'unreadably'; readonly words: string }
  | { readonly stated: 'on'; readonly day: Temporal.PlainDate }

/** `x-sunset`: a day, or a moment (RFC 3339) of which the day counts. */
export const sunsetOf = (node: Node): Sunset => {
  const words = own(node, 'x-sunset')
  if (words === undefined) return { stated: 'nowhere' }
  const day = typeof words === 'string' ? words.match(/^\d{4}-\d\d-\d\d(?=$|T)/)?.[0] : undefined
  try {
    if (day) return { stated: 'on', day: Temporal.PlainDate.from(day) }
  } catch {
    // The thirtieth of February: as unreadable as any other text.
  }
  return { stated: 'unreadably', words: JSON.stringify(words) }
}

export const isDeprecated = (node: Node): boolean => own(node, 'deprecated') === true

export const isBefore = (day: Temporal.PlainDate, other: Temporal.PlainDate): boolean =>
  Temporal.PlainDate.compare(day, other) < 0

const levels = ['draft', 'alpha', 'beta', 'stable']

export type Stability =
  | { readonly is: 'undeclared' }
  | { readonly is: 'unknown'; readonly words: string }
  | { readonly is: 'declared'; readonly level: string; readonly rank: number }

export const stabilityOf = (node: Node): Stability => {
  const words = own(node, 'x-stability-level')
  if (words === undefined) return { is: 'undeclared' }
  const level = text(node, 'x-stability-level')
  const rank = level === undefined ? -1 : levels.indexOf(level)
  return level === undefined || rank < 0
    ? { is: 'unknown', words: JSON.stringify(words) }
    : { is: 'declared', level, rank }
}

/** Nothing is promised of a draft or an alpha. */
export const isUnpromised = (node: Node): boolean => {
  const stability = stabilityOf(node)
  return stability.is === 'declared' && stability.rank < levels.indexOf('beta')
}

/** How a promise moved. To declare none after one was declared takes it back. */
export const stabilityMove = (
  base: Node,
  revision: Node,
): 'decreased' | 'increased' | undefined => {
  const [before, after] = [stabilityOf(base), stabilityOf(revision)]
  if (before.is !== 'declared') return undefined
  if (after.is === 'undeclared') return 'decreased'
  if (after.is !== 'declared' || after.rank === before.rank) return undefined
  return after.rank < before.rank ? 'decreased' : 'increased'
}
