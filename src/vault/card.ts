import { z } from 'zod'
import { problem } from '#kernel/problem.ts'
import type { Caller } from '#platform/caller.ts'
import { type JWK, weakness } from '#platform/jose.ts'
import type { Expiry } from './number.ts'

const Bytes: z.ZodType<Uint8Array> = z.instanceof(Uint8Array)

/** A card as the vault keeps it: what is secret of it is sealed. */
export const Card = z.object({
  cardId: z.string(),
  token: z.string(),
  partnerId: z.string(),
  bin: z.string(),
  months: z.number(),
  expiresMonth: z.number(),
  expiresYear: z.number(),
  keyVersion: z.number(),
  sealedNumber: Bytes,
  sealedCardholder: Bytes,
  revealable: z.boolean(),
})
export type Card = z.output<typeof Card>

/** Missing and another's are one answer, byte by byte: whether a card exists is nobody's business. */
export const notFound = problem('gateway/not-found', 404, 'No such resource')
export const notFoundDetail = 'there is nothing here for you'

export const notRevealable = problem('cards/not-revealable', 409, 'The card cannot be revealed now')
export const revealKeyMissing = problem(
  'cards/reveal-key-missing',
  409,
  'The application has no key for card data',
)
export const cardDiffers = problem(
  'vault/card-differs',
  409,
  'Another card was issued under this id',
)
export const rangeFull = problem('vault/range-full', 503, 'The range has no free number')

/** The last month in which a card that is issued now is good. */
export const expiryAfter = (issued: Temporal.PlainDate, months: number): Expiry => {
  const { month, year } = issued.add({ months })
  return { month, year }
}

const hasExpired = (card: Card, today: Temporal.PlainDate): boolean =>
  today.year * 12 + today.month > card.expiresYear * 12 + card.expiresMonth

/** Whether the caller's partner is the one that the card was issued for. */
export const isTheirs = (card: Card | undefined, caller: Caller): card is Card =>
  card !== undefined && card.partnerId === caller.partnerId

/** The partner's key to which this card may be revealed now; throws the first reason why it may not. */
export const revealKeyFor = (card: Card, caller: Caller, today: Temporal.PlainDate): JWK => {
  const key = caller.revealKey
  if (!key)
    throw revealKeyMissing('register a reveal key with the application', { gate: 'partner' })
  const why = whyUnfit(key)
  if (why)
    throw revealKeyMissing(`the registered reveal key cannot be used: ${why}`, { gate: 'partner' })
  checkRevealable(card, today)
  return bare(key)
}

/** Throws the reason why nobody may read the card now. */
export const checkRevealable = (card: Card, today: Temporal.PlainDate): void => {
  if (!card.revealable) throw notRevealable('only an active card is revealed')
  if (hasExpired(card, today)) throw notRevealable('the card has expired')
}

/** The members that make the key. Hints such as `key_ops` are about the half that its owner kept (RFC 7517 §4.3). */
const bare = (key: JWK): JWK => {
  const members = ['kty', 'alg', 'kid', 'crv', 'x', 'y', 'n', 'e'] as const
  return JwkMembers.parse(Object.fromEntries(members.map((member) => [member, key[member]])))
}
const JwkMembers = z.looseObject({ kty: z.string() })

/** RFC 7518 §4.1: an algorithm of ours, on a key that fits it. */
const whyUnfit = (key: JWK): string | undefined => {
  if (key.alg === 'ECDH-ES+A256KW' && key.kty === 'EC') return weakness(key)
  if (key.alg === 'RSA-OAEP-256' && key.kty === 'RSA') return weakness(key)
  return 'alg must be ECDH-ES+A256KW on an EC key, or RSA-OAEP-256 on an RSA key'
}

/** Where the sealed columns of a card stand: moved to another row or column they do not open. */
export const placesOf = (
  card: Pick<Card, 'cardId' | 'partnerId' | 'bin' | 'expiresMonth' | 'expiresYear' | 'keyVersion'>,
) => {
  const { cardId, partnerId, bin, expiresMonth, expiresYear, keyVersion } = card
  const row = { table: 'vault.card', cardId, partnerId, bin, expiresMonth, expiresYear, keyVersion }
  return {
    number: { ...row, column: 'sealed_number' },
    cardholder: { ...row, column: 'sealed_cardholder' },
  }
}
