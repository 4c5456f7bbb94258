/**
 * What callers of every living day were promised by one product. The calendar is the bank's: who speaks a day on which
 * only another product published is served by what this one had published until then.
 */
import type { Published } from './revision.ts'
import { isBeta } from './beta.ts'

/** `published` is one product's, oldest first; `living` are days that callers may speak, those in trial left out. */
export const promisesOn = (
  published: readonly Published[],
  living: readonly string[],
): Published[] => {
  const stable = published.filter(({ document }) => !isBeta(document))
  const first = stable[0]
  if (!first) return [...published]
  const promised = living.map((day) => ({
    ...(stable.findLast(({ version }) => version <= day) ?? first),
    version: day,
  }))
  return [...promised, ...published.filter(({ document }) => isBeta(document))]
}
