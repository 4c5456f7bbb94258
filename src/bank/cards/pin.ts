/** A PIN is chosen on the vault's page, which the bank opens for the card's own customer; the bank itself never hears a digit. */
import { type Actor, work } from '#journal/index.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import { notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { type Card, type CardId, standing } from './card.ts'
import * as store from './store.ts'

interface Named {
  readonly partnerId: string
  readonly id: CardId
}

/** One that can still be paid with, or will be. */
const inUse: readonly Card['status'][] = ['ordered', 'inactive', 'active', 'suspended']

/** The customer's own card that came of a consent, or the last that replaced it; null where that has ended. */
export const cardOfConsent = async (
  bank: BankWorld,
  asked: { partnerId: string; consentId: string; customer: string },
): Promise<{ cardId: CardId; lastFour: string } | null> => {
  const { partnerId, consentId, customer } = asked
  let card = await store.findByConsent(bank.db, partnerId, consentId)
  for (let next = card; next?.token != null;) {
    card = next
    next = await store.findReplacement(bank.db, partnerId, card.id)
  }
  if (card?.customerRef !== customer || card.token === null || card.lastFour === null) return null
  const status = standing(card, bank.now(), bank.zone)
  return inUse.includes(status) ? { cardId: card.id, lastFour: card.lastFour } : null
}

/** For a customer whom one of the bank's own channels has signed in: theirs alone is the page. */
export const openPinPage = async (
  bank: BankWorld,
  { partnerId, id, customer }: Named & { customer: string },
): Promise<{ url: string; expiresAt: string }> => {
  const card = await store.find(bank.db, partnerId, id)
  if (card?.customerRef !== customer) throw notFound()
  return pinsOf(bank).openPage({ cardId: id })
}

/** After three wrong ones, or where it was forgotten: the customer chooses a new one on the next page. */
export const clearPin = (
  bank: BankWorld,
  actor: Actor,
  { partnerId, id }: Named,
): Promise<{ id: string; status: string }> =>
  work(bank.db, actor, bank.now(), async (w) => {
    const card = await store.lock(w, partnerId, id)
    if (!card || card.token === null) throw notFound()
    await pinsOf(bank).clear({ cardId: id })
    await w.record('cards.pin-cleared', id, { partnerId })
    return { id, status: card.status }
  })

const pinsOf = ({ pins }: BankWorld) => {
  if (!pins) throw peerUnavailable('there is no vault')
  return pins
}
