/** Cardholders: registered by the partner with a reference to a verification, or known through the customer's own consent. */
import { assert } from '#kernel/assert.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import { isUniqueViolation } from '#platform/db.ts'
import { actorOf, type Caller, idempotencyOf, notFound } from '../../partner-call.ts'
import type { BankWorld } from '../../world.ts'
import { changed, madeOnce } from '../keeping.ts'
import { type PageQuery, pageOf } from '../paging.ts'
import {
  type Cardholder,
  type CardholderAction,
  cardholderAfter,
  cardholderDiffers,
  cardholderEventOf,
  CardholderId,
  cardholderJson,
  cardholderNotActive,
  type CardholderRequest,
  verified,
} from './cardholder.ts'
import * as store from './store.ts'

const added = (caller: Caller, at: Temporal.Instant): Cardholder => ({
  id: CardholderId.next(),
  partnerId: caller.partnerId,
  applicationId: caller.applicationId,
  status: 'pending_kyc',
  blockedBy: null,
  kycReference: null,
  reference: null,
  customerRef: null,
  ...idempotencyOf(caller),
  createdAt: at,
  updatedAt: at,
})

export const createCardholder = (
  { db, now }: BankWorld,
  caller: Caller,
  { kycReference, reference }: CardholderRequest,
): Promise<Cardholder> =>
  work(db, actorOf(caller), now(), (w) =>
    madeOnce(
      w,
      { ...added(caller, w.now), kycReference, reference: reference ?? null },
      { store, event: 'cards.cardholder-added', noun: 'cardholder' },
    ),
  )

export const listCardholders = (bank: BankWorld, { partnerId }: Caller, query: PageQuery) =>
  pageOf(
    bank.keys,
    ['cardholders', partnerId],
    query,
    (from) => store.list(bank.db, { partnerId, ...from }),
    cardholderJson,
  )

export const getCardholder = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: CardholderId,
): Promise<Cardholder> => {
  const holder = await store.find(db, partnerId, id)
  if (!holder) throw notFound()
  return holder
}

/**
 * The cardholder that a customer's card is for: the one that the partner named, or the one that this customer is already,
 * or a new one. The customer's consent with strong authentication completes the verification, for the bank knows them.
 */
export const cardholderFor = async (
  w: Work,
  caller: Caller,
  { id, customerRef }: { id: string | null; customerRef: string },
): Promise<Cardholder> => {
  const { partnerId, applicationId } = caller
  const known = await store.ofCustomer(w, partnerId, customerRef)
  if (id === null && !known) {
    const holder: Cardholder = { ...added(caller, w.now), status: 'active', customerRef }
    // The key is the card's own: a cardholder that the partner made itself may hold the same one.
    const key = `card-${holder.idempotencyKey}`
    if (await store.add(w, { ...holder, idempotencyKey: key }))
      await w.record('cards.cardholder-added', holder.id, { partnerId, applicationId })
    const held = await store.ofCustomer(w, partnerId, customerRef)
    assert(held, 'a customer who is a cardholder is found')
    return usable(held)
  }
  const holder = id === null ? known : await store.lock(w, id, partnerId)
  if (!holder) throw notFound()
  if (known && known.id !== holder.id)
    throw cardholderDiffers('this customer is another cardholder of yours')
  if (holder.customerRef !== null && holder.customerRef !== customerRef)
    throw cardholderDiffers('this cardholder is another customer')
  if (holder.customerRef === customerRef) return usable(await store.share(w, holder.id))
  const after =
    holder.status === 'pending_kyc'
      ? verified(holder, customerRef, w.now)
      : usable({ ...holder, customerRef, updatedAt: w.now })
  await store.save(w, after).catch((error: unknown) => {
    // Another consent of the same customer made them a cardholder in between.
    if (isUniqueViolation(error, 'cardholder_is_one_customer'))
      throw cardholderDiffers('this customer is another cardholder of yours')
    throw error
  })
  await w.record('cards.cardholder-verified', after.id, { partnerId })
  return after
}

const usable = (holder: Cardholder): Cardholder => {
  if (holder.status !== 'active') throw cardholderNotActive(`the cardholder is ${holder.status}`)
  return holder
}

/** In effect before it is answered: no card of a blocked cardholder is authorized. */
export const changeCardholderStatus = (
  bank: BankWorld,
  caller: Caller,
  { id, action }: { id: CardholderId; action: CardholderAction },
) =>
  changed(
    bank,
    actorOf(caller),
    { store, id, partnerId: caller.partnerId, event: cardholderEventOf[action] },
    (holder, at) => cardholderAfter(holder, action, 'partner', at),
  )

/** The bank has looked at the verification that the reference names. */
export const verifyCardholder = (
  bank: BankWorld,
  actor: Actor,
  { id, partnerId }: { id: CardholderId; partnerId?: string },
) =>
  changed(bank, actor, { store, id, partnerId, event: 'cards.cardholder-verified' }, (holder, at) =>
    verified(holder, holder.customerRef, at),
  )

export const changeCardholderByBank = (
  bank: BankWorld,
  actor: Actor,
  { id, action }: { id: CardholderId; action: CardholderAction },
) =>
  changed(bank, actor, { store, id, event: cardholderEventOf[action] }, (holder, at) =>
    cardholderAfter(holder, action, 'bank', at),
  )
