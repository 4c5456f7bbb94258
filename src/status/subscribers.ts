/** Who asked to be told, what they were told, and the letters that have not left yet: one file of the page's own. */
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { languages } from '#kernel/format.ts'
import { Instant } from '#kernel/time.ts'
import { writeWhole } from '#platform/keys.ts'
import { Address } from './letter-link.ts'

const Subscriber = z.strictObject({
  address: Address,
  language: z.enum(languages),
  since: Instant,
})
export type Subscriber = z.output<typeof Subscriber>

const Waiting = z.strictObject({
  /** Of the news. */
  id: z.string(),
  address: Address,
  language: z.enum(languages),
  title: z.string(),
  text: z.string(),
  link: z.string(),
  since: Instant,
})
export type Waiting = z.output<typeof Waiting>

const Kept = z.strictObject({
  subscribers: z.array(Subscriber),
  /** Ids of what was told; null before the first facts, which are no news to anybody. */
  told: z.array(z.string()).nullable(),
  waiting: z.array(Waiting),
})
type Kept = z.output<typeof Kept>

export const SUBSCRIBERS_MAX = 1_000

export interface Subscribers {
  all(): readonly Subscriber[]
  told(): readonly string[] | null
  waiting(): readonly Waiting[]
  /** False where there is no room. An address that is held keeps its place and takes the language. */
  add(subscriber: Subscriber): boolean
  /** Forgets the address, and what waits for it. */
  remove(address: string): void
  /** What was told from now on, and the letters that say it: kept together, or not at all. */
  tell(told: readonly string[], letters: readonly Waiting[]): void
  /** This letter has left, or never will. */
  done(letter: Waiting): void
}

export const openSubscribers = (path: string): Subscribers => {
  // A file that cannot be read stops the start: to begin anew would forget everybody.
  let kept: Kept = existsSync(path)
    ? Kept.parse(JSON.parse(readFileSync(path, 'utf8')))
    : { subscribers: [], told: null, waiting: [] }
  const keep = (next: Kept) => {
    writeWhole(path, JSON.stringify(z.encode(Kept, next)))
    kept = next
  }
  const isOther = (address: string) => (one: { readonly address: string }) =>
    one.address.toLowerCase() !== address.toLowerCase()
  return {
    all: () => kept.subscribers,
    told: () => kept.told,
    waiting: () => kept.waiting,
    add: (subscriber) => {
      const others = kept.subscribers.filter(isOther(subscriber.address))
      if (others.length >= SUBSCRIBERS_MAX) return false
      keep({ ...kept, subscribers: [...others, subscriber] })
      return true
    },
    remove: (address) =>
      keep({
        ...kept,
        subscribers: kept.subscribers.filter(isOther(address)),
        waiting: kept.waiting.filter(isOther(address)),
      }),
    tell: (told, letters) =>
      keep({ ...kept, told: [...told], waiting: [...kept.waiting, ...letters] }),
    done: (letter) =>
      keep({
        ...kept,
        waiting: kept.waiting.filter(
          (one) => one.id !== letter.id || one.address !== letter.address,
        ),
      }),
  }
}
