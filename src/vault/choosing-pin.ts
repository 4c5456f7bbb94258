/**
 * A cardholder's PIN. The bank opens the page for a customer who is signed in with it; no partner has a way to one, so a
 * partner that may see card numbers still never sees, sets or asks for a PIN.
 */
import type { Work } from '#journal/index.ts'
import { type Card, checkRevealable, notFound, notFoundDetail, placesOf } from './card.ts'
import { open } from './envelope.ts'
import { type Room, todayIn } from './index.ts'
import { areEqual, isBlocked, isFit, pinBlocked, type PinOutcome, TRIES_MAX } from './pin.ts'
import { pinBlock, pinOf } from './pin-block.ts'
import * as pins from './pin-store.ts'
import { newSecret } from './reveal-session.ts'
import * as store from './store.ts'

/** The address at which the cardholder chooses or reads the PIN, once, within three minutes. */
export const openPinPage = async (
  work: Work,
  room: Room,
  cardId: string,
): Promise<{ url: string; expiresAt: string }> => {
  const card = await store.lock(work, cardId)
  if (!card) throw notFound(notFoundDetail)
  checkRevealable(card, todayIn(room, work.now))
  const secret = newSecret()
  await pins.addPinSession(work, secret, cardId, work.now)
  await work.record('vault.pin-page-opened', cardId, {})
  return {
    url: `${room.origin}/pin/${secret}`,
    expiresAt: pins.expiryOfPinSession(work.now).toString({ smallestUnit: 'second' }),
  }
}

export interface PinWish {
  /** ASCII digits, as the next; the caller wipes all three. Needed where there is a PIN already. */
  readonly present: Buffer
  readonly chosen: Buffer
  readonly again: Buffer
}

/** A wrong present PIN is counted and kept: this never throws for one. */
export const choosePin = async (
  work: Work,
  room: Room,
  secret: string,
  { present, chosen, again }: PinWish,
): Promise<PinOutcome> => {
  const card = await cardOfSession(work, room, secret)
  if (!card) return { outcome: 'over' }
  const held = await pins.lockPin(work, card.cardId)
  if (held && isBlocked(held)) return { outcome: 'blocked' }
  if (!areEqual(chosen, again)) return { outcome: 'unequal' }
  if (!isFit(chosen)) return { outcome: 'unfit' }

  using keys = await room.keyring.ofRange(card.bin, work.now, card.keyVersion)
  const number = open(card.sealedNumber, keys.card, placesOf(card).number)
  try {
    if (held) {
      const right = pinOf(held.block, number, keys.pin)
      const knows = areEqual(right, present)
      right.fill(0)
      if (!knows) return await wrong(work, card, held.wrongTries + 1)
    }
    await pins.keepPin(work, card.cardId, pinBlock(chosen, number, keys.pin), work.now)
    await pins.endPinSession(work, secret, work.now)
    await work.record('vault.pin-set', card.cardId, { first: !held })
    return { outcome: 'set' }
  } finally {
    number.fill(0)
  }
}

const wrong = async (work: Work, { cardId }: Card, tries: number): Promise<PinOutcome> => {
  await pins.countWrong(work, cardId)
  const left = TRIES_MAX - tries
  await work.record(left > 0 ? 'vault.pin-wrong' : 'vault.pin-blocked', cardId, { left })
  return left > 0 ? { outcome: 'wrong', left } : { outcome: 'blocked' }
}

/** The PIN as ASCII digits, once; undefined where there is none, or the address is used up. The caller wipes it. */
export const showPin = async (
  work: Work,
  room: Room,
  secret: string,
): Promise<Buffer | undefined> => {
  const card = await cardOfSession(work, room, secret)
  const held = card && (await pins.lockPin(work, card.cardId))
  if (!held) return undefined
  if (isBlocked(held)) throw pinBlocked('the bank clears it')
  using keys = await room.keyring.ofRange(card.bin, work.now, card.keyVersion)
  const number = open(card.sealedNumber, keys.card, placesOf(card).number)
  try {
    await pins.endPinSession(work, secret, work.now)
    await work.record('vault.pin-shown', card.cardId, {})
    return pinOf(held.block, number, keys.pin)
  } finally {
    number.fill(0)
  }
}

/** The bank lets a cardholder choose anew, after a block or a call to it. */
export const clearPin = async (work: Work, cardId: string): Promise<{ cardId: string }> => {
  const card = await store.lock(work, cardId)
  if (!card) throw notFound(notFoundDetail)
  if ((await pins.dropPin(work, cardId)) > 0) await work.record('vault.pin-cleared', cardId, {})
  return { cardId }
}

const cardOfSession = async (work: Work, room: Room, secret: string): Promise<Card | undefined> => {
  const session = await pins.lockPinSession(work, secret, work.now)
  const card = session && (await store.lock(work, session.cardId))
  if (card) checkRevealable(card, todayIn(room, work.now))
  return card
}
