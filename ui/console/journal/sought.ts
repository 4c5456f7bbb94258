/** What the journal is asked for: words of the page's address, and days of the bank's zone. */
import { endOfDay, isDay, startOfDay } from '../../kit/moments.ts'

export const words = ['actor', 'about', 'event', 'from', 'to'] as const
export type Sought = Partial<Record<(typeof words)[number], string>>

/** An address can be written by hand: what is no day is no day. */
export const soughtIn = (search: Readonly<Record<string, unknown>>): Sought =>
  Object.fromEntries(
    words.flatMap((word) => {
      const value = search[word]
      if (typeof value !== 'string' || value === '') return []
      return (word === 'from' || word === 'to') && !isDay(value) ? [] : [[word, value]]
    }),
  )

/** As the server takes it: the lines of all these days, the last one whole. */
export const askedFor = ({ from, to, ...rest }: Sought, zone: string): Sought => ({
  ...rest,
  ...(from !== undefined && { from: startOfDay(from, zone) }),
  ...(to !== undefined && { to: endOfDay(to, zone) }),
})
