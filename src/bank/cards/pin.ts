/** A PIN is chosen on the vault's page, which the bank opens for the card's own customer; the bank itself never hears a digit. */
import { type Actor, work } from '#journal/index.ts'
import { peerUnavailable } from '#platform/rpc.ts'
import { notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import type { CardId } from './card.ts'
import * as store from './store.ts'

interface Named {
  readonly partnerId: string
  readonly id: CardId
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
