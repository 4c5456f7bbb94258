/** Card numbers: the only room that has them. Tokens and last four go out; a number leaves inside a JWE or not at all. */
import { randomBytes } from 'node:crypto'
import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { Caller } from '#platform/caller.ts'
import { encryptTo, signToBytes, thumbprint } from '#platform/jose.ts'
import {
  type Card,
  cardDiffers,
  checkRevealable,
  expiryAfter,
  isTheirs,
  notFound,
  notFoundDetail,
  placesOf,
  rangeFull,
  revealKeyFor,
} from './card.ts'
import type { VaultCard, vaultContract } from './contract.ts'
import { open, seal } from './envelope.ts'
import type { Keyring, RangeKeys } from './keyring.ts'
import {
  type Expiry,
  isCardNumber,
  lastFourOf,
  lookupOf,
  randomNumber,
  verificationCode,
} from './number.ts'
import type { Shown } from './reveal-page.ts'
import {
  addSession,
  expiryOfSession,
  newSecret,
  originRefused,
  takeSession,
} from './reveal-session.ts'
import * as store from './store.ts'

type Issue = z.output<typeof vaultContract.issue.input>

/** What a command of the vault needs beside its transaction: the keys, and the bank's day. */
export interface Room {
  readonly keyring: Keyring
  readonly zone: string
  /** The vault's own origin, where cardholders read their cards. */
  readonly origin: string
}

/** Makes a number in the range; the same cardId gives the same card. */
export const issueCard = async (work: Work, room: Room, ask: Issue): Promise<VaultCard> => {
  await store.lockId(work, ask.cardId)
  const before = await store.lock(work, ask.cardId)
  if (before) {
    using keys = await room.keyring.ofRange(before.bin, work.now, before.keyVersion)
    return cardAsIssued(before, ask, keys)
  }

  const newest = await store.newestVersion(work, ask.bin)
  using keys = await room.keyring.ofRange(ask.bin, work.now, newest)
  const number = await freeNumber(work, ask.bin, room.keyring.lookup)
  try {
    const expiry = expiryAfter(todayIn(room, work.now), ask.months)
    const row = {
      cardId: ask.cardId,
      partnerId: ask.partnerId,
      bin: ask.bin,
      months: ask.months,
      expiresMonth: expiry.month,
      expiresYear: expiry.year,
      keyVersion: keys.version,
    }
    const places = placesOf(row)
    const card: Card = {
      ...row,
      token: `pan_${randomBytes(16).toString('hex')}`,
      sealedNumber: seal(number, keys.card, places.number),
      sealedCardholder: seal(Buffer.from(ask.cardholderName), keys.card, places.cardholder),
      revealable: true,
    }
    await store.add(work, card, work.now)
    const { partnerId, bin } = ask
    await work.record('vault.issued', card.cardId, { partnerId, bin })
    return presented(card, number)
  } finally {
    number.fill(0)
  }
}

/** Tells the vault of a card's state; a closed card that was told of twice stays as it is. */
export const setRevealable = async (
  work: Work,
  ask: { cardId: string; revealable: boolean },
): Promise<{ cardId: string }> => {
  const card = await store.lock(work, ask.cardId)
  if (!card) throw notFound(notFoundDetail)
  if (card.revealable !== ask.revealable) {
    await store.setRevealable(work, ask.cardId, ask.revealable)
    await work.record(ask.revealable ? 'vault.unlocked' : 'vault.locked', ask.cardId, {})
  }
  return { cardId: ask.cardId }
}

/** The card's data, signed by the vault and encrypted to the partner's registered key. */
export const revealCard = async (
  work: Work,
  room: Room,
  caller: Caller,
  cardId: string,
): Promise<{ jwe: string }> => {
  const card = await store.lock(work, cardId)
  if (!isTheirs(card, caller)) throw notFound(notFoundDetail)
  const revealKey = revealKeyFor(card, caller, todayIn(room, work.now))
  using keys = await room.keyring.ofRange(card.bin, work.now, card.keyVersion)
  const plain = revealed(card, keys, {
    aud: caller.applicationId,
    iat: Math.floor(work.now.epochMilliseconds / 1000),
  })
  try {
    const jws = await signToBytes(plain, room.keyring.signing)
    const jwe = await encryptTo(jws, revealKey, 'JWT').finally(() => jws.fill(0))
    const { partnerId, applicationId, callId, interactionId } = caller
    const keyThumbprint = await thumbprint(revealKey)
    await work.record('vault.revealed', cardId, {
      partnerId,
      applicationId,
      callId,
      interactionId,
      keyThumbprint,
    })
    return { jwe }
  } finally {
    plain.fill(0)
  }
}

/** An address at which the cardholder reads the card once, within a minute, in a frame of the partner's or alone. */
export const openRevealPage = async (
  work: Work,
  room: Room,
  caller: Caller,
  ask: { cardId: string; frameOrigin?: string | undefined },
): Promise<{ url: string; expiresAt: string }> => {
  const card = await store.lock(work, ask.cardId)
  if (!isTheirs(card, caller)) throw notFound(notFoundDetail)
  checkRevealable(card, todayIn(room, work.now))
  const { partnerId, applicationId, callId, interactionId } = caller
  const { frameOrigin } = ask
  if (frameOrigin !== undefined && !caller.frameOrigins?.includes(frameOrigin))
    throw originRefused(`register a redirect address of ${frameOrigin} with the application`, {
      gate: 'partner',
    })
  const secret = newSecret()
  const frameOrigins = frameOrigin === undefined ? [] : [frameOrigin]
  const session = { cardId: card.cardId, partnerId, applicationId, callId, frameOrigins }
  await addSession(work, secret, session, work.now)
  await work.record('vault.page-opened', card.cardId, {
    partnerId,
    applicationId,
    callId,
    interactionId,
    frameOrigins,
  })
  return {
    url: `${room.origin}/reveal/${secret}`,
    expiresAt: expiryOfSession(work.now).toString({ smallestUnit: 'second' }),
  }
}

/** What stands on the page, once; undefined where the address is used up. The caller wipes it. */
export const showCard = async (
  work: Work,
  room: Room,
  secret: string,
): Promise<{ card: Shown; frameOrigins: readonly string[] } | undefined> => {
  const session = await takeSession(work, secret, work.now)
  const card = session && (await store.lock(work, session.cardId))
  if (!card) return undefined
  checkRevealable(card, todayIn(room, work.now))
  using keys = await room.keyring.ofRange(card.bin, work.now, card.keyVersion)
  const places = placesOf(card)
  const number = open(card.sealedNumber, keys.card, places.number)
  const { partnerId, applicationId, callId, frameOrigins } = session
  await work.record('vault.shown', card.cardId, { partnerId, applicationId, callId })
  return {
    card: {
      number,
      code: verificationCode(number, expiryOf(card), keys.cvc),
      expiry: expiryOf(card),
      cardholder: open(card.sealedCardholder, keys.card, places.cardholder),
    },
    frameOrigins,
  }
}

/** Chance finds a free number at once in any range that is not nearly full. */
const TRIES = 32

const freeNumber = async (work: Work, bin: string, lookupKey: Uint8Array): Promise<Buffer> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const number = randomNumber(bin)
    if (await store.takeNumber(work, lookupOf(number, lookupKey))) return number
    number.fill(0)
  }
  throw rangeFull(`${TRIES} numbers of the range ${bin} were tried and taken`)
}

/** What was issued under this id before, when it is the same card that is asked for. */
const cardAsIssued = (card: Card, ask: Issue, keys: RangeKeys): VaultCard => {
  const places = placesOf(card)
  const cardholder = open(card.sealedCardholder, keys.card, places.cardholder)
  const same =
    card.partnerId === ask.partnerId &&
    card.bin === ask.bin &&
    card.months === ask.months &&
    cardholder.equals(Buffer.from(ask.cardholderName))
  cardholder.fill(0)
  if (!same) throw cardDiffers(`${card.cardId} was issued for another partner, range or holder`)
  const number = open(card.sealedNumber, keys.card, places.number)
  try {
    return presented(card, number)
  } finally {
    number.fill(0)
  }
}

const expiryOf = (card: Card): Expiry => ({ month: card.expiresMonth, year: card.expiresYear })

const presented = (card: Card, number: Buffer): VaultCard => ({
  token: card.token,
  lastFour: lastFourOf(number),
  bin: card.bin.slice(0, 6),
  expiry: expiryOf(card),
})

/** The JSON of the revealed card, put together from bytes; the caller wipes it. */
const revealed = (card: Card, keys: RangeKeys, claims: { aud: string; iat: number }): Buffer => {
  const places = placesOf(card)
  const number = open(card.sealedNumber, keys.card, places.number)
  assert(isCardNumber(number), 'what was sealed as a card number is one')
  const code = verificationCode(number, expiryOf(card), keys.cvc)
  const cardholder = open(card.sealedCardholder, keys.card, places.cardholder)
  const rest = {
    expiry: expiryOf(card),
    cardholderName: cardholder.toString('utf8'),
    cardId: card.cardId,
    ...claims,
  }
  const json = Buffer.concat([
    Buffer.from('{"pan":"'),
    number,
    Buffer.from('","cvc":"'),
    code,
    Buffer.from(`",${JSON.stringify(rest).slice(1)}`),
  ])
  for (const secret of [number, code, cardholder]) secret.fill(0)
  return json
}

/** The day by the bank’s clock. */
export const todayIn = (room: Room, now: Temporal.Instant) =>
  now.toZonedDateTimeISO(room.zone).toPlainDate()
