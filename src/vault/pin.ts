import { timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'

/** As the vault keeps it: a block that only the vault can open, and how often somebody guessed. */
export const Pin = z.object({
  cardId: z.string(),
  block: z.instanceof(Uint8Array),
  wrongTries: z.number(),
})
export type Pin = z.output<typeof Pin>

/** ISO 9564-1 §7.5: wrong ones in a row that close a PIN, until the bank clears it. */
export const TRIES_MAX = 3

export const pinBlocked = problem('cards/pin-blocked', 409, 'The PIN is blocked')

export const isBlocked = ({ wrongTries }: Pin): boolean => wrongTries >= TRIES_MAX

/** What came of a cardholder's wish; a wrong PIN is an outcome, so that it is counted and kept. */
export type PinOutcome =
  | { readonly outcome: 'set' }
  | { readonly outcome: 'wrong'; readonly left: number }
  | { readonly outcome: 'blocked' }
  | { readonly outcome: 'unfit' }
  | { readonly outcome: 'unequal' }
  | { readonly outcome: 'over' }

const DIGITS = 4
const ZERO = 0x30

const isStep = (pin: Uint8Array, by: number): boolean =>
  pin.every((digit, at) => at === 0 || digit - (pin[at - 1] ?? 0) === by)

/** Four digits, not all the same, and not in a row: those are guessed first. */
export const isFit = (pin: Uint8Array): boolean =>
  pin.length === DIGITS &&
  pin.every((byte) => byte >= ZERO && byte <= ZERO + 9) &&
  ![0, 1, -1].some((by) => isStep(pin, by))

/** In the same time whatever differs. */
export const areEqual = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && timingSafeEqual(one, other)
