/** Issuing: a card is ordered first, then opened at the core, then numbered by the vault. Each step names what it makes. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { accountInConsent, nameAccounts } from '../accounts/index.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
} from '../partner-call.ts'
import { newReference } from '../reference.ts'
import type { BankWorld } from '../world.ts'
import {
  type Card,
  cardDiffersFromConsent,
  CardId,
  CardIssueDetail,
  type CardRequest,
  embossed,
  standing,
  VALID_MONTHS,
} from './card.ts'
import { cardholderFor } from './cardholders/index.ts'
import { programmeNamed } from './programmes/index.ts'
import {
  issuerRange,
  type Programme,
  programmeExcludes,
  programmeNotLive,
} from './programmes/programme.ts'
import * as programmes from './programmes/store.ts'
import * as store from './store.ts'

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
  return ordered.token === null ? made(bank, caller, ordered) : ordered
}

/** A card that is written down and nothing more. */
export const unmade = {
  status: 'ordered',
  accountId: null,
  token: null,
  bin: null,
  lastFour: null,
  expiryMonth: null,
  expiryYear: null,
} as const satisfies Partial<Card>

/** A card that was ordered gets its account, its number and its state. */
export const made = async (bank: BankWorld, caller: Caller, ordered: Card): Promise<Card> => {
  const core = bank.coreFor(caller.partnerId)
  const [account, customer, bin] = await Promise.all([
    core.openCardAccount({
      reference: ordered.openingReference,
      customer: ordered.customerRef,
      currency: ordered.currency,
    }),
    core.customer(ordered.customerRef),
    rangeOf(bank, ordered),
  ])
  assert(customer, 'a customer who consented is known to the core')
  const issued = await bank.vault.issue({
    cardId: ordered.id,
    partnerId: caller.partnerId,
    bin,
    months: VALID_MONTHS,
    cardholderName: embossed(customer.name),
  })
  const card = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const before = await store.lock(w, caller.partnerId, ordered.id)
    assert(before, 'a card that was ordered is there')
    // Another try of the same order was faster.
    if (before.token !== null) return before
    const { partnerId, subject } = before
    const named = await nameAccounts(w, bank.keys, { partnerId, subject }, [account])
    const after: Card = {
      ...before,
      // A card of plastic is on nobody's hands yet.
      status: before.cardType === 'physical' ? 'ordered' : 'active',
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
      ...(after.replacementFor !== null && { replacementFor: after.replacementFor }),
    })
    return after
  })
  await tellVault(bank, card)
  return card
}

const rangeOf = async ({ db }: BankWorld, { partnerId, programmeId }: Card): Promise<string> => {
  const programme =
    programmeId === null ? undefined : await programmes.find(db, partnerId, programmeId)
  return programme?.bin ?? issuerRange
}

/** Said while the card is held, so that of two changes at the same moment the vault hears the last one last. */
export const tellVault = (
  { db, vault, now, zone }: BankWorld,
  { partnerId, id }: Card,
): Promise<void> =>
  db.transaction(async (tx) => {
    const card = await store.lock(tx, partnerId, id)
    const active = card !== undefined && standing(card, now(), zone) === 'active'
    await vault.setRevealable({ cardId: id, revealable: active })
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
  const { customerRef, accountRef: fundingRef } = holder

  return work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const given = await sameAgain(w, caller, consentId)
    if (given) return given
    const programme = await programmeNamed(w, partnerId, request.programmeId ?? null)
    issues(programme, request)
    const cardholder = await cardholderFor(w, caller, {
      id: request.cardholderId ?? null,
      customerRef,
    })
    const physical = request.cardType === 'physical'
    const card: Card = {
      id: CardId.next(),
      partnerId,
      applicationId: caller.applicationId,
      ...idempotencyOf(caller),
      consentId,
      customerRef,
      subject,
      openingReference: newReference(),
      ...unmade,
      cardType: request.cardType,
      currency: request.currency,
      reference: request.reference ?? null,
      programmeId: programme.id,
      cardholderId: cardholder.id,
      fundingRef,
      shipping: physical ? 'pending' : null,
      delivery: physical ? (request.delivery ?? 'POST') : null,
      replacementFor: null,
      createdAt: w.now,
      updatedAt: w.now,
    }
    if (await store.add(w, card)) return card
    // Another try with the same key or consent was faster, and is kept by now.
    const other = await sameAgain(w, caller, consentId)
    assert(other, 'what keeps a card from being added is found')
    return other
  })
}

const issues = (programme: Programme, { cardType, currency }: CardRequest): void => {
  if (programme.status !== 'live')
    throw programmeNotLive(`the programme is ${programme.status}`, {
      gate: programme.status === 'draft' || programme.suspendedBy === 'bank' ? 'bank' : 'partner',
    })
  if (!programme.cardTypes.includes(cardType) || !programme.currencies.includes(currency))
    throw programmeExcludes(`the programme has no ${cardType} cards in ${currency}`)
}

/** The order of this key, or the one of this consent that never came to its card; undefined where there is neither. */
const sameAgain = async (w: Work, caller: Caller, consentId: string): Promise<Card | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await store.findByKey(w, caller.partnerId, idempotencyKey)
  if (held && held.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new card')
  if (held) return held
  const ofConsent = await store.findByConsent(w, caller.partnerId, consentId)
  if (!ofConsent || ofConsent.token === null) return ofConsent
  throw consentExceeded('this consent has its card; ask the customer for another', {
    gate: 'customer',
  })
}
