/** The life of a card beyond its states: its way to the holder, its activation, its successor, its end. */
import { assert } from '#kernel/assert.ts'
import { type Actor, work } from '#journal/index.ts'
import { actorOf, type Caller, idempotencyOf, keyReused, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { type Card, CardId, type CardStatus, cardTransitions, standing } from './card.ts'
import { cardholderOf, controlsOf, programmeOf } from './holding.ts'
import { cardholderNotActive } from './cardholders/cardholder.ts'
import * as controls from './controls/store.ts'
import { made, tellVault, unmade } from './issue.ts'
import {
  activationRefused,
  type ReplacementReason,
  replacementRefused,
  type ReplacementRequest,
  type Shipping,
  shippingAfter,
} from './plastic.ts'
import { programmeNotLive } from './programmes/programme.ts'
import * as store from './store.ts'

/** Said by who makes and sends the card. Once it is sent it waits for its activation. */
export const moveShipping = (
  { db, now }: BankWorld,
  actor: Actor,
  { id, partnerId, status }: { id: CardId; partnerId: string; status: Shipping },
): Promise<Card> =>
  work(db, actor, now(), async (w) => {
    const before = await store.lock(w, partnerId, id)
    if (!before || before.token === null) throw notFound()
    const shipping = shippingAfter(before.shipping, status)
    if (shipping === before.shipping) return before
    const sent = before.status === 'ordered' && shipping === 'shipped'
    const after: Card = {
      ...before,
      shipping,
      status: sent ? 'inactive' : before.status,
      updatedAt: w.now,
    }
    await store.save(w, after)
    await w.record('cards.shipping-changed', id, { partnerId, shipping })
    return after
  })

/** The holder has the card in hand and read its last four digits. */
export const activateCard = async (
  bank: BankWorld,
  caller: Caller,
  { id, lastFour }: { id: CardId; lastFour: string },
): Promise<Card> => {
  const { partnerId } = caller
  const card = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const before = await store.lock(w, partnerId, id)
    if (!before || before.token === null) throw notFound()
    if (before.lastFour !== lastFour)
      throw activationRefused('the last four digits are not those of this card')
    const status = standing(before, w.now, bank.zone)
    if (status === 'active') return before
    if (status !== 'inactive') throw activationRefused(`a card that is ${status} is not activated`)
    if (before.shipping === 'returned' || before.shipping === 'failure')
      throw activationRefused('the card never reached its holder')
    const after: Card = { ...before, status: 'active', updatedAt: w.now }
    await store.save(w, after)
    await w.record('cards.activated', id, { partnerId })
    return after
  })
  await tellVault(bank, card)
  return card
}

const ends = {
  LOST: 'lost',
  STOLEN: 'stolen',
  DAMAGED: 'closed',
  NOT_RECEIVED: 'closed',
  EXPIRED: 'expired',
} as const satisfies Record<ReplacementReason, CardStatus>

/** How the card that is replaced ends; the replacement of an expired card waits for its end. */
const endOf = (status: CardStatus, reason: ReplacementReason) => {
  const end = ends[reason]
  const may = status === end ? end !== 'closed' : cardTransitions[status].includes(end)
  if (!may || (reason === 'EXPIRED' && status !== 'expired'))
    throw replacementRefused(`a card that is ${status} is not replaced as ${reason.toLowerCase()}`)
  return end
}

/**
 * A new card in place of an old one: same account, same holder, same programme, same consent, same controls and the same
 * limits used so far. The old one ends first.
 */
export const replaceCard = async (
  bank: BankWorld,
  caller: Caller,
  asked: { id: CardId; request: ReplacementRequest },
): Promise<Card> => {
  const { id } = asked
  const { partnerId } = caller
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  if (!(await store.find(bank.db, partnerId, id))) throw notFound()
  const held = await store.findByKey(bank.db, partnerId, idempotencyKey)
  if (held && (held.bodySha256 !== bodySha256 || held.replacementFor !== id))
    throw keyReused('choose a new key for a new card')
  if (!held) await bank.vault.setRevealable({ cardId: id, revealable: false })
  try {
    const ordered = await orderReplacement(bank, caller, asked)
    return ordered.token === null ? await made(bank, caller, ordered) : ordered
  } finally {
    // Whatever came of it, the vault hears what the old card is now.
    const old = await store.find(bank.db, partnerId, id)
    if (old) await tellVault(bank, old)
  }
}

const orderReplacement = (
  bank: BankWorld,
  caller: Caller,
  { id, request }: { id: CardId; request: ReplacementRequest },
): Promise<Card> =>
  work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const { partnerId, applicationId } = caller
    const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
    const old = await store.lock(w, partnerId, id)
    assert(old, 'a card that was seen is there')
    const successor = await store.findReplacement(w, partnerId, id)
    if (successor?.idempotencyKey === idempotencyKey || successor?.token === null) return successor
    if (successor) throw replacementRefused('the card has its successor')
    const end = endOf(standing(old, w.now, bank.zone), request.reason)
    const programme = await programmeOf(w, old)
    if (programme.status !== 'live') throw programmeNotLive(`the programme is ${programme.status}`)
    const holder = await cardholderOf(w, old)
    if (holder && holder.status !== 'active')
      throw cardholderNotActive(`the cardholder is ${holder.status}`)

    if (old.status !== end) {
      await store.save(w, { ...old, status: end, updatedAt: w.now })
      await w.record(endEventOf[end], id, { partnerId, reason: request.reason })
    }
    const physical = old.cardType === 'physical'
    const card: Card = {
      ...old,
      ...unmade,
      id: CardId.next(),
      applicationId,
      idempotencyKey,
      bodySha256,
      programmeId: programme.id,
      shipping: physical ? 'pending' : null,
      delivery: physical ? (request.delivery ?? old.delivery) : null,
      replacementFor: id,
      createdAt: w.now,
      updatedAt: w.now,
    }
    if (!(await store.add(w, card))) throw keyReused('choose a new key for a new card')
    const own = await controlsOf(w, id)
    if (own)
      await controls.add(w, partnerId, { ...own, cardId: card.id, version: 1, madeAt: w.now })
    return card
  })

const endEventOf = {
  lost: 'cards.lost',
  stolen: 'cards.stolen',
  expired: 'cards.expired',
  closed: 'cards.closed',
} as const satisfies Partial<Record<CardStatus, string>>

/** Says of cards whose month is over what every reader of them sees already, and tells the vault. */
export const expireCards = async (bank: BankWorld): Promise<void> => {
  const now = bank.now()
  const month = now.toZonedDateTimeISO(bank.zone).toPlainDate().with({ day: 1 })
  for (const { id, partnerId } of await store.outlived(bank.db, month, bank.whose)) {
    await bank.vault.setRevealable({ cardId: id, revealable: false })
    await work(bank.db, 'system', now, async (w) => {
      const before = await store.lock(w, partnerId, id)
      if (!before || standing(before, w.now, bank.zone) !== 'expired') return
      if (before.status === 'expired') return
      await store.save(w, { ...before, status: 'expired', updatedAt: w.now })
      await w.record('cards.expired', id, { partnerId })
    })
  }
}
