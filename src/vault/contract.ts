/** What the bank may ask the vault. Tokens and last four go out; a card number never does by this way. */
import { z } from 'zod'
import { Instant } from '#kernel/time.ts'
import { endpoint } from '#platform/rpc.ts'

export const VaultCard = z.object({
  /** Random; says nothing about the number. */
  token: z.string(),
  lastFour: z.string(),
  /** First six: the issuer's range. */
  bin: z.string(),
  expiry: z.object({ month: z.number().int(), year: z.number().int() }),
})
export type VaultCard = z.output<typeof VaultCard>

/** How the vault's keys stand. */
export const KeyRotation = z.object({
  begunAt: Instant.nullable(),
  /** Null while a rotation is under way, and where there never was one. */
  finishedAt: Instant.nullable(),
  dataKeys: z.number().int(),
  /** Cards that are still sealed under an older key of their range. */
  cardsBehind: z.number().int(),
})
export type KeyRotation = z.output<typeof KeyRotation>

/** Whoever holds the key-encryption keys, as the vault finds it now. */
export const KeyServiceState = z.object({
  place: z.string(),
  answers: z.boolean(),
  /** The newest key where it answers, else what is wrong. */
  says: z.string(),
})
export type KeyServiceState = z.output<typeof KeyServiceState>

const Nothing = z.strictObject({})

export const vaultContract = {
  /** Makes a number in the range; the same cardId gives the same card. Its number can be revealed only to this partner. */
  issue: endpoint(
    '/internal/cards',
    z.strictObject({
      cardId: z.string(),
      partnerId: z.string(),
      bin: z.string().regex(/^\d{6,8}$/),
      months: z.number().int().min(1).max(120),
      cardholderName: z.string().max(64),
    }),
    VaultCard,
  ),
  /** Whether the card may be revealed now: the bank tells the vault of every change of a card's state. */
  setRevealable: endpoint(
    '/internal/cards/revealable',
    z.strictObject({ cardId: z.string(), revealable: z.boolean() }),
    z.object({ cardId: z.string() }),
  ),
}

/** What the bank may ask about a card's PIN, for a customer whom it has signed in. A digit of it goes neither way. */
export const pinContract = {
  /** The address of a page on the vault's own origin, for the customer's browser and for nobody else. */
  openPage: endpoint(
    '/internal/pins/pages',
    z.strictObject({ cardId: z.string() }),
    z.object({ url: z.string(), expiresAt: z.string() }),
  ),
  /** After three wrong ones, or when it was forgotten: the cardholder chooses a new one. */
  clear: endpoint(
    '/internal/pins/clearing',
    z.strictObject({ cardId: z.string() }),
    z.object({ cardId: z.string() }),
  ),
}

/** What the operator may ask: the same socket, and nothing of a card. */
export const keysContract = {
  /** Replaces every key, in the background; where that is under way, it goes on. */
  rotate: endpoint('/internal/keys/rotation', Nothing, KeyRotation),
  state: endpoint('/internal/keys', Nothing, KeyRotation),
  service: endpoint('/internal/keys/service', Nothing, KeyServiceState),
}
