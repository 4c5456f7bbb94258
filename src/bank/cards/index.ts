/** Cards that programmes issue to the bank's customers. Their numbers are the vault's; here are tokens and last four. */
import { assert } from '#kernel/assert.ts'
import { work } from '#journal/index.ts'
import { accountInConsent, nameAccounts } from '../accounts/index.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import { newReference } from '../reference.ts'
import { openCursor, sealCursor } from '../cursor.ts'
import type { BankWorld } from '../world.ts'
import {
  type Card,
  type CardAction,
  cardDiffersFromConsent,
  CardId,
  CardIssueDetail,
  cardJson,
  type CardRequest,
  type CardsQuery,
  changed,
  embossed,
  eventOf,
  issuerRange,
  VALID_MONTHS,
} from './card.ts'
import * as store from './store.ts'

export { cardJson, cardTransitions } from './card.ts'

/**
 * The card that the customer asked for. Every step names what it makes by the card, so that whoever asks again after
 * a step was lost gets the same card, whatever had happened by then.
 */
export const issueCard = async (
  bank: BankWorld,
  caller: Caller,
  request: CardRequest,
): Promise<Card> => {
  const ordered = await order(bank, caller, request)
  if (ordered.status !== 'ordered') return ordered
  const core = bank.coreFor(caller.partnerId)
  const [account, customer] = await Promise.all([
    core.openCardAccount({
      reference: ordered.openingReference,
      customer: ordered.customerRef,
      currency: ordered.currency,
    }),
    core.customer(ordered.customerRef),
  ])
  assert(customer, 'a customer who consented is known to the core')
  const issued = await bank.vault.issue({
    cardId: ordered.id,
    partnerId: caller.partnerId,
    bin: issuerRange,
    months: VALID_MONTHS,
    cardholderName: embossed(customer.name),
  })
  const card = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const before = await store.lock(w, caller.partnerId, ordered.id)
    assert(before, 'a card that was ordered is there')
    // Another try of the same order was faster.
    if (before.status !== 'ordered') return before
    const { partnerId, subject } = before
    const named = await nameAccounts(w, bank.keys, { partnerId, subject }, [account])
    const after: Card = {
      ...before,
      status: 'active',
      accountId: named.get(account)?.accountId ?? null,
      token: issued.token,
      bin: issued.bin,
      lastFour: issued.lastFour,
      expiryMonth: issued.expiry.month,
      expiryYear: issued.expiry.year,
      updatedAt: w.now,
    }
    await store.save(w, after)
    await w.record('cards.issued', after.id, {
      partnerId,
      applicationId: after.applicationId,
      consentId: after.consentId,
    })
    return after
  })
  await tellVault(bank, card)
  return card
}

/** Said while the card is held, so that of two changes at the same moment the vault hears the last one last. */
const tellVault = ({ db, vault }: BankWorld, { partnerId, id }: Card): Promise<void> =>
  db.transaction(async (tx) => {
    const card = await store.lock(tx, partnerId, id)
    await vault.setRevealable({ cardId: id, revealable: card?.status === 'active' })
  })

/** The order as it is written before anything is opened; the same one again for the same key or consent. */
const order = async (bank: BankWorld, caller: Caller, request: CardRequest): Promise<Card> => {
  const { consentId, subject, partnerId } = caller
  const asked = caller.details.flatMap((detail) => CardIssueDetail.safeParse(detail).data ?? [])
  if (consentId === null || subject === null || asked.length === 0)
    throw consentMissing('the token carries no consent to a card', { gate: 'partner' })
  const detail = asked.find(
    ({ cardType, currency }) => cardType === request.cardType && currency === request.currency,
  )
  if (!detail)
    throw cardDiffersFromConsent('card type and currency must be those of the consent', {
      gate: 'partner',
    })
  const holder = await accountInConsent(bank, caller, detail.accounts[0])
  if (!holder) throw consentExceeded('the customer’s account is not in the consent')

  const now = bank.now()
  const card: Card = {
    id: CardId.next(),
    partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId,
    customerRef: holder.customerRef,
    subject,
    openingReference: newReference(),
    accountId: null,
    status: 'ordered',
    cardType: request.cardType,
    currency: request.currency,
    reference: request.reference ?? null,
    token: null,
    bin: null,
    lastFour: null,
    expiryMonth: null,
    expiryYear: null,
    createdAt: now,
    updatedAt: now,
  }
  return (await store.add(bank.db, card)) ? card : sameAgain(bank, caller, consentId)
}

/** The order of this key, or the one of this consent that never came to its card. */
const sameAgain = async ({ db }: BankWorld, caller: Caller, consentId: string): Promise<Card> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await store.findByKey(db, caller.partnerId, idempotencyKey)
  if (held && held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new card')
  if (held) return held
  const unfinished = await store.findByConsent(db, caller.partnerId, consentId)
  if (unfinished?.status === 'ordered') return unfinished
  throw consentExceeded('this consent has its card; ask the customer for another', {
    gate: 'customer',
  })
}

export const getCard = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: CardId,
): Promise<Card> => {
  const card = await store.find(db, partnerId, id)
  if (!card) throw notFound()
  return card
}

/** Newest first; a cursor opens only for the partner that it was given to. */
export const listCards = async (
  { db, keys }: BankWorld,
  { partnerId }: Caller,
  { limit, cursor }: CardsQuery,
) => {
  const place = ['cards', partnerId]
  const before = cursor === undefined ? undefined : openCursor(keys, place, cursor)
  const cards = await store.list(db, {
    partnerId,
    limit: limit + 1,
    ...(before !== undefined && { before }),
  })
  const page = cards.slice(0, limit)
  const last = page.at(-1)
  const more = cards.length > limit && last !== undefined
  return {
    data: page.map(cardJson),
    next: more ? sealCursor(keys, place, last.id) : null,
  }
}

/**
 * In effect before it is answered (O27). The vault is told first where the card may do less afterwards, and last where
 * it may do more: whatever fails in between, a number is never revealed of a card that should not be.
 */
export const changeCardStatus = async (
  bank: BankWorld,
  caller: Caller,
  asked: { id: CardId; action: CardAction; reason?: string },
): Promise<Card> => {
  const { id: cardId, action, reason } = asked
  const now = bank.now()
  const seen = await getCard(bank, caller, cardId)
  if (changed(seen, action, now).status !== 'active')
    await bank.vault.setRevealable({ cardId, revealable: false })
  const card = await work(bank.db, actorOf(caller), now, async (w) => {
    const before = await store.lock(w, caller.partnerId, cardId)
    assert(before, 'a card that was seen is there')
    const after = changed(before, action, now)
    if (after === before) return before
    await store.save(w, after)
    await w.record(eventOf[action], cardId, {
      partnerId: caller.partnerId,
      ...(reason !== undefined && { reason }),
    })
    return after
  })
  await tellVault(bank, card)
  return card
}
