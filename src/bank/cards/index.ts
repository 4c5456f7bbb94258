/** Cards that programmes issue to the bank's customers. Their numbers are the vault's; here are tokens and last four. */
import { assert } from '#kernel/assert.ts'
import { work } from '#journal/index.ts'
import { actorOf, type Caller, notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import {
  type Card,
  type CardAction,
  CardId,
  cardJson,
  type CardsQuery,
  changed,
  eventOf,
  standing,
} from './card.ts'
import { tellVault } from './issue.ts'
import { pageOf } from './paging.ts'
import * as store from './store.ts'

export { cardOrdersAtCore, heldAtCore } from './authorizations/at-core.ts'
export { authorize, clear, refund, reverse } from './authorizations/index.ts'
export { changeCardholderByBank, verifyCardholder } from './cardholders/index.ts'
export { CardId, cardJson, cardTransitions } from './card.ts'
export { settleDispute } from './disputes/index.ts'
export { issueCard } from './issue.ts'
export { followCards } from './jobs.ts'
export { cardOfConsent, openPinPage } from './pin.ts'
export { activateCard, moveShipping, replaceCard } from './life.ts'
export { approveProgramme, changeProgrammeByBank } from './programmes/index.ts'

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
export const listCards = (bank: BankWorld, { partnerId }: Caller, query: CardsQuery) => {
  const at = { now: bank.now(), zone: bank.zone }
  return pageOf(
    bank.keys,
    ['cards', partnerId],
    query,
    (from) => store.list(bank.db, { partnerId, ...from }),
    (card) => cardJson(card, at),
  )
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
  const stood = (card: Card): Card => ({ ...card, status: standing(card, now, bank.zone) })
  const seen = await getCard(bank, caller, cardId)
  if (changed(stood(seen), action, now).status !== 'active')
    await bank.vault.setRevealable({ cardId, revealable: false })
  const card = await work(bank.db, actorOf(caller), now, async (w) => {
    const before = await store.lock(w, caller.partnerId, cardId)
    assert(before, 'a card that was seen is there')
    const after = changed(stood(before), action, now)
    if (after.status === before.status) return before
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
