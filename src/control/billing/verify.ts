/** An invoice's own figures, computed again from what it says it was made of. For the partner as much as for us. */
import { isDeepStrictEqual } from 'node:util'
import { ENGINE, RatingRefused } from '#control/rating/index.ts'
import { linesOf, summed } from './composing.ts'
import type { Content } from './content.ts'

export interface Difference {
  /** A JSON pointer into the data file. */
  readonly pointer: string
  readonly says: string
  readonly is: string
}

/** Every figure that another sum gives; empty where all are right. */
export const differencesIn = (content: Content): Difference[] => {
  const found: Difference[] = []
  if (content.engine !== ENGINE)
    found.push({ pointer: '/engine', says: content.engine, is: ENGINE })
  content.sections.forEach((section, i) => {
    const lines = recomputed(() => linesOf(section))
    const at = `/sections/${i}/lines`
    if (typeof lines === 'string') return void found.push({ pointer: at, says: 'lines', is: lines })
    const billed = new Map(lines.map((l) => [l.item, l]))
    section.lines.forEach((line, n) => {
      const own = billed.get(line.item)
      billed.delete(line.item)
      if (!isDeepStrictEqual(own, line))
        found.push({
          pointer: `${at}/${n}`,
          says: JSON.stringify(line),
          is: JSON.stringify(own ?? null),
        })
    })
    // A line that is missing is a difference; one of nothing, of a period that was billed before, is left out on purpose.
    for (const [item, line] of billed)
      if (!/^-?0(\.0*)?$/.test(line.amount))
        found.push({ pointer: at, says: 'no line', is: `${item}: ${line.amount}` })
  })
  const { tax, totals } = summed(content.sections, content.exponent, content.rounding)
  for (const [name, own] of Object.entries({ tax, totals }))
    if (!isDeepStrictEqual(own, name === 'tax' ? content.tax : content.totals))
      found.push({
        pointer: `/${name}`,
        says: JSON.stringify(name === 'tax' ? content.tax : content.totals),
        is: JSON.stringify(own),
      })
  return found
}

const recomputed = <T>(compute: () => T): T | string => {
  try {
    return compute()
  } catch (error) {
    if (error instanceof RatingRefused) return error.message
    throw error
  }
}
