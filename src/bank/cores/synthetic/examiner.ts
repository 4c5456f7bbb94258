/**
 * Registers and lists of the make-believe bank. Its own customers are known; of everybody else a word in the name says
 * what shall come out, so that every outcome can be provoked.
 */
import { compareNames } from '../../name.ts'
import type { CoreCustomer } from '../core.ts'
import type { CoreIdentity, Examination, Examined } from '../identity.ts'

/** How long the people who look at it by hand take. */
const BY_HAND_SECONDS = 60

/** What is decided at once or, where it begins with `unclear`, by hand; never, where that is missing. */
const identityWords: Readonly<Record<string, readonly Examination['identity'][]>> = {
  rejected: ['contradicted'],
  review: ['unclear', 'confirmed'],
  declined: ['unclear', 'contradicted'],
  unclear: ['unclear'],
}
const screeningWords: Readonly<Record<string, Examination['screening']>> = {
  listed: 'review',
  offline: 'unavailable',
}

/** `known` is the customer who has the number, if there is one. */
export const examined = (
  { kind, name, bornOn, since }: Examined,
  known:
    | { readonly customer: CoreCustomer; readonly identity: CoreIdentity | undefined }
    | undefined,
  now: Temporal.Instant,
): Examination => {
  const words = name.toLowerCase().split(/[^\p{L}]+/u)
  const screening = words.map((w) => screeningWords[w]).find((s) => s !== undefined) ?? 'clear'
  if (known) {
    const { customer, identity } = known
    const same =
      customer.kind === kind &&
      compareNames(name, customer.name, kind) === 'MATCH' &&
      (bornOn === null || identity === undefined || bornOn.equals(identity.bornOn))
    return { identity: same ? 'confirmed' : 'contradicted', screening }
  }
  const [first = 'confirmed', byHand = first] =
    words.map((w) => identityWords[w]).find((outcomes) => outcomes !== undefined) ?? []
  const decided = now.since(since).total('seconds') >= BY_HAND_SECONDS
  return { identity: decided ? byHand : first, screening }
}
