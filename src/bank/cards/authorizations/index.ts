/** Authorizations: the controls decide first, then the partner within its time, then the core holds the money. */
import { assert } from '#kernel/assert.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Money } from '#kernel/money.ts'
import { keyReused, notFound } from '../../partner-call.ts'
import { newReference } from '../../reference.ts'
import type { BankWorld } from '../../world.ts'
import { type Card, standing } from '../card.ts'
import { cardholderOf, controlsOf, programmeOf } from '../holding.ts'
import { beganAt, type Controls, roomFor, type Spent } from '../controls/controls.ts'
import type { Programme } from '../programmes/programme.ts'
import * as cards from '../store.ts'
import { askPartner } from './ask.ts'
import {
  amountExceeded,
  type Authorization,
  AuthorizationId,
  authorizationOpen,
  cleared,
  type Decision,
  decided,
  type DeclineReason,
  expired,
  HOLD_DAYS,
  type PartnerWord,
  type Presentment,
  reversed,
  settledBy,
} from './authorization.ts'
import { carryOrders, held, holdsOf } from './money.ts'
import { type Movement, movementEventOf, MovementId } from './movement.ts'
import * as store from './store.ts'

/**
 * Decides what the network asks of a card. The same reference is the same authorization, whatever else is asked by it.
 * Money is reserved against the limits before anybody outside is asked, so that two at once never have the same room.
 */
export const authorize = async (
  bank: BankWorld,
  actor: Actor,
  asked: Presentment,
): Promise<Authorization> => {
  holdsOf(bank, asked.partnerId)
  const opened = await open(bank, actor, asked)
  if (!opened.undecided) return opened.authorization
  const { authorization, programme, fundingRef } = opened
  const word = await askPartner(bank, programme, authorization)
  const wanted = settledBy(word, authorization, authorization.reservedMinor, programme.standIn)
  const { decision, unclear } = wanted.approved
    ? await held(bank, authorization, fundingRef, wanted)
    : { decision: wanted, unclear: false }
  return decide(bank, actor, { authorization, decision, unclear, word })
}

type Opened =
  | { readonly undecided: false; readonly authorization: Authorization }
  | {
      readonly undecided: true
      readonly authorization: Authorization
      readonly programme: Programme
      readonly fundingRef: string
    }

const open = (bank: BankWorld, actor: Actor, asked: Presentment): Promise<Opened> =>
  work(bank.db, actor, bank.now(), async (w) => {
    const card = await cards.lock(w, asked.partnerId, asked.cardId)
    if (!card || card.token === null) throw notFound()
    const before = await store.findByReference(w, asked.partnerId, asked.networkReference)
    if (before) return { undecided: false, authorization: sameAsked(before, asked) }
    const programme = await programmeOf(w, card)
    const authorization: Authorization = {
      id: AuthorizationId.next(),
      partnerId: asked.partnerId,
      cardId: card.id,
      programmeId: programme.id,
      networkReference: asked.networkReference,
      bodySha256: asked.bodySha256,
      status: 'pending',
      approved: null,
      decidedBy: null,
      declineReason: null,
      currency: asked.amount.currency,
      requestedMinor: asked.amount.minor,
      reservedMinor: 0n,
      approvedMinor: 0n,
      heldMinor: 0n,
      clearedMinor: 0n,
      releasedMinor: 0n,
      merchant: asked.merchant,
      channel: asked.channel,
      partialApproval: asked.partialApproval,
      partnerTimedOut: false,
      holdReference: newReference(),
      createdAt: w.now,
      expiresAt: w.now.add({ hours: HOLD_DAYS * 24 }),
      updatedAt: w.now,
    }
    const verdict = await judged(bank, w, { card, programme, authorization })
    if (verdict.open && card.fundingRef !== null) {
      const reserved = { ...authorization, reservedMinor: verdict.upTo }
      await store.add(w, reserved)
      return { undecided: true, authorization: reserved, programme, fundingRef: card.fundingRef }
    }
    const why = verdict.open ? 'NO_FUNDING_ACCOUNT' : verdict.why
    await store.add(w, authorization)
    const after = decided(authorization, { approved: false, why, by: 'controls' }, w.now)
    await store.save(w, after)
    await bookDecision(bank, w, after)
    return { undecided: false, authorization: after }
  })

const sameAsked = (before: Authorization, asked: Presentment): Authorization => {
  if (before.bodySha256 !== asked.bodySha256)
    throw keyReused('choose a new key for a new authorization')
  if (before.approved === null) throw authorizationOpen('ask again when it is decided')
  return before
}

type Verdict =
  | { readonly open: true; readonly upTo: bigint }
  | { readonly open: false; readonly why: DeclineReason }

/** What the bank itself says: the card, its holder, its programme, and the controls of both. Each may only narrow (O28). */
const judged = async (
  bank: BankWorld,
  w: Work,
  {
    card,
    programme,
    authorization: a,
  }: { card: Card; programme: Programme; authorization: Authorization },
): Promise<Verdict> => {
  const closed = (why: DeclineReason): Verdict => ({ open: false, why })
  const status = standing(card, w.now, bank.zone)
  if (status === 'expired') return closed('CARD_EXPIRED')
  if (status !== 'active') return closed('CARD_NOT_ACTIVE')
  if (programme.status !== 'live') return closed('PROGRAMME_NOT_LIVE')
  const holder = await cardholderOf(w, card)
  if (holder && holder.status !== 'active') return closed('CARDHOLDER_NOT_ACTIVE')
  if (card.currency !== a.currency) return closed('CURRENCY_DIFFERS')
  const own = await controlsOf(w, card.id)
  const controls: Controls[] = [programme.controls, ...(own ? [own.controls] : [])]
  const room = roomFor(
    {
      amount: { minor: a.requestedMinor, currency: a.currency },
      mcc: a.merchant.mcc,
      country: a.merchant.country,
      channel: a.channel,
    },
    await spentOf(bank, w, card, a.id),
    controls,
  )
  if (!room.open) return closed(room.why)
  return room.upTo < a.requestedMinor && !a.partialApproval ? closed('LIMIT_EXCEEDED') : room
}

const spentOf = (
  { zone }: BankWorld,
  w: Work,
  { openingReference }: Card,
  without: string | null,
): Promise<Spent> => {
  const since = (interval: 'daily' | 'weekly' | 'monthly' | 'yearly') =>
    beganAt(interval, w.now, zone)
  const began = {
    daily: since('daily'),
    weekly: since('weekly'),
    monthly: since('monthly'),
    yearly: since('yearly'),
  }
  return store.spentSince(w, openingReference, began, without)
}

/**
 * Keeps the decision. Whatever changed while the partner and the core were asked is looked at again: a control that was
 * narrowed in between is in effect (O27), and what the core already holds is given back.
 */
const decide = async (
  bank: BankWorld,
  actor: Actor,
  given: { authorization: Authorization; decision: Decision; unclear: boolean; word: PartnerWord },
): Promise<Authorization> => {
  const { authorization, decision, word } = given
  const { after, orders } = await work(bank.db, actor, bank.now(), async (w) => {
    const card = await cards.lock(w, authorization.partnerId, authorization.cardId)
    const before = await store.lock(w, authorization.id)
    assert(card && before, 'an authorization that was opened is there')
    // Nobody decided for so long that it was closed meanwhile; its cancellation is written already.
    if (before.approved !== null) return { after: before, orders: true }
    const verdict = await judged(bank, w, {
      card,
      programme: await programmeOf(w, card),
      authorization: before,
    })
    const last = stillWithin(verdict, decision)
    const late = word.word === 'silent' && word.late
    const settled = { ...decided(before, last, w.now), partnerTimedOut: late }
    await store.save(w, settled)
    const orderless = last.approved || (!decision.approved && !given.unclear)
    if (!orderless) await order(w, settled, 'cancel', 0n)
    await bookDecision(bank, w, settled)
    if (late)
      await w.record('cards.authorization-timed-out', settled.id, {
        partnerId: settled.partnerId,
        cardId: settled.cardId,
        approved: settled.approved,
      })
    return { after: settled, orders: !orderless }
  })
  if (orders) await carryOrders(bank, after.id)
  return after
}

const stillWithin = (verdict: Verdict, decision: Decision): Decision => {
  if (!decision.approved) return decision
  if (!verdict.open) return { approved: false, why: verdict.why, by: 'controls' }
  return verdict.upTo < decision.minor
    ? { approved: false, why: 'LIMIT_EXCEEDED', by: 'controls' }
    : decision
}

const order = (
  w: Work,
  a: Authorization,
  kind: 'capture' | 'release' | 'cancel' | 'credit',
  minor: bigint,
) =>
  store.addCoreOrder(w, {
    reference: newReference(),
    authorizationId: a.id,
    partnerId: a.partnerId,
    kind,
    minor,
    at: w.now,
  })

/** One line in the journal of card money and one in the cell's, in the same transaction: neither is without the other. */
const book = async (
  { zone }: BankWorld,
  w: Work,
  a: Authorization,
  line: Pick<Movement, 'kind' | 'amountMinor' | 'reference' | 'bodySha256'>,
): Promise<Movement> => {
  const movement: Movement = {
    ...line,
    id: MovementId.next(),
    partnerId: a.partnerId,
    cardId: a.cardId,
    authorizationId: a.id,
    currency: a.currency,
    at: w.now,
    day: w.now.toZonedDateTimeISO(zone).toPlainDate(),
  }
  const isNew = await store.addMovement(w, movement)
  assert(isNew, 'a reference makes one movement')
  await w.record(movementEventOf[line.kind], a.id, {
    partnerId: a.partnerId,
    cardId: a.cardId,
    movementId: movement.id,
    minor: line.amountMinor.toString(),
    currency: a.currency,
  })
  return movement
}

const bookDecision = (bank: BankWorld, w: Work, a: Authorization) =>
  book(bank, w, a, {
    kind: a.approved ? 'approved' : 'declined',
    amountMinor: a.approved ? a.approvedMinor : a.requestedMinor,
    reference: 'decision',
    bodySha256: a.bodySha256,
  })

/** A change of the network to an authorization; the same reference with the same body is the same change. */
export interface NetworkChange {
  readonly partnerId: string
  readonly id: AuthorizationId
  readonly reference: string
  readonly bodySha256: string
}

const changeByNetwork = async (
  bank: BankWorld,
  actor: Actor,
  asked: NetworkChange & { kind: 'cleared' | 'reversed' | 'refunded' },
  change: (w: Work, before: Authorization) => Promise<{ after: Authorization; minor: bigint }>,
): Promise<Authorization> => {
  const after = await work(bank.db, actor, bank.now(), async (w) => {
    const before = await store.lock(w, asked.id, asked.partnerId)
    if (!before) throw notFound()
    const { kind, reference, bodySha256 } = asked
    const made = await store.movementByReference(w, { authorizationId: before.id, kind, reference })
    if (made && made.bodySha256 !== bodySha256) throw keyReused('choose a new key for a new change')
    if (made) return before
    const changed = await change(w, before)
    await store.save(w, changed.after)
    await book(bank, w, changed.after, { kind, amountMinor: changed.minor, reference, bodySha256 })
    return changed.after
  })
  await carryOrders(bank, after.id)
  return after
}

const amountFor = ({ currency }: Authorization, amount: Money): bigint => {
  if (amount.currency !== currency)
    throw amountExceeded(`an authorization in ${currency} has nothing in ${amount.currency}`)
  return amount.minor
}

/** The merchant takes part of what is held; with `final`, the rest is given back. */
export const clear = (
  bank: BankWorld,
  actor: Actor,
  asked: NetworkChange & { amount: Money; final: boolean },
) =>
  changeByNetwork(bank, actor, { ...asked, kind: 'cleared' }, async (w, before) => {
    const minor = amountFor(before, asked.amount)
    const after = cleared(before, minor, asked.final, w.now)
    await order(w, after, 'capture', minor)
    const released = after.releasedMinor - before.releasedMinor
    if (released > 0n) await order(w, after, 'release', released)
    return { after, minor }
  })

/** The merchant gives part of what is held back, or all of it. */
export const reverse = (bank: BankWorld, actor: Actor, asked: NetworkChange & { amount?: Money }) =>
  changeByNetwork(bank, actor, { ...asked, kind: 'reversed' }, async (w, before) => {
    const after = reversed(before, asked.amount && amountFor(before, asked.amount), w.now)
    const minor = after.releasedMinor - before.releasedMinor
    await order(w, after, 'release', minor)
    return { after, minor }
  })

/** The merchant gives back what it had cleared; never more than that, won disputes counted. */
export const refund = (bank: BankWorld, actor: Actor, asked: NetworkChange & { amount: Money }) =>
  changeByNetwork(bank, actor, { ...asked, kind: 'refunded' }, async (w, before) => {
    const given = await store.givenBack(w, before.id)
    const minor = amountFor(before, asked.amount)
    if (minor > before.clearedMinor - given)
      throw amountExceeded('more is refunded than was cleared and not given back')
    const after = { ...before, updatedAt: w.now }
    await order(w, after, 'credit', minor)
    return { after, minor }
  })

/** Closes what nobody cleared in time, and what nobody decided because its process ended. */
export const closeOverdue = async (bank: BankWorld): Promise<number> => {
  const now = bank.now()
  const due = await store.overdue(
    bank.db,
    { now, whose: bank.whose },
    now.subtract({ seconds: UNDECIDED_SECONDS }),
  )
  for (const { id } of due) {
    await work(bank.db, 'system', now, async (w) => {
      const before = await store.lock(w, id)
      if (!before || before.status !== 'pending') return
      if (before.approved === null) {
        const lost: Decision = { approved: false, why: 'CORE_UNAVAILABLE', by: 'core' }
        const after = decided(before, lost, w.now)
        await store.save(w, after)
        await order(w, after, 'cancel', 0n)
        return bookDecision(bank, w, after)
      }
      const after = expired(before, w.now)
      await store.save(w, after)
      await order(w, after, 'release', before.heldMinor)
      const { bodySha256, heldMinor: amountMinor } = before
      await book(bank, w, after, { kind: 'expired', amountMinor, reference: 'expiry', bodySha256 })
    })
    await carryOrders(bank, id)
  }
  return due.length
}

/** Longer than anything that an authorization waits for. */
const UNDECIDED_SECONDS = 60

/** Gives money of a won dispute back to the account that the card spends from: what the merchant has not given already. */
export const restore = async (
  bank: BankWorld,
  w: Work,
  given: { authorizationId: string; minor: bigint; reference: string },
): Promise<void> => {
  const a = await store.lock(w, given.authorizationId)
  assert(a, 'a transaction has its authorization')
  const left = a.clearedMinor - (await store.givenBack(w, a.id))
  const minor = given.minor < left ? given.minor : left
  if (minor <= 0n) return
  await order(w, a, 'credit', minor)
  const { reference } = given
  await book(bank, w, a, {
    kind: 'restored',
    amountMinor: minor,
    reference,
    bodySha256: a.bodySha256,
  })
}
