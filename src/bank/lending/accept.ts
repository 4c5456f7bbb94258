/** Taking an offer: the customer saw its figures and proved again who they are; then the money is sent. */
import { assert } from '#kernel/assert.ts'
import { type Work, work } from '#journal/index.ts'
import { pairwise } from '#platform/keys.ts'
import { type Alias, accountInConsent } from '../accounts/index.ts'
import {
  actorOf,
  type Caller,
  consentExceeded,
  consentMissing,
  idempotencyOf,
  keyReused,
  notFound,
} from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { lendingDiffersFromConsent, type LoanApplicationId } from './application.ts'
import { type Loan, LoanRef } from './loan.ts'
import * as loans from './loan-store.ts'
import {
  AcceptDetail,
  type AcceptanceRequest,
  isOffered,
  type Offer,
  type OfferId,
  taken,
} from './offer.ts'
import { payoutOf } from './payout.ts'
import { carry } from './carrier.ts'
import * as store from './store.ts'

/**
 * One offer becomes a loan, whoever asks at the same moment; the customer's other offers lapse, because they were made
 * without knowing of it. The consent names the offer and the figures that the customer saw, and is used up by it.
 */
export const acceptOffer = async (
  bank: BankWorld,
  caller: Caller,
  { id, request }: { id: OfferId; request: AcceptanceRequest },
): Promise<Loan> => {
  const { detail, account, consentId } = await consentTo(bank, caller, id)
  const { loan, reference } = await work(bank.db, actorOf(caller), bank.now(), async (w) => {
    const seen = await store.offer(w, caller.partnerId, id)
    if (!seen) throw notFound()
    const application = await store.find(w, seen.application)
    assert(application, 'an offer belongs to an application')
    await store.lockBorrower(w, application.customerRef)
    const again = await sameAgain(w, caller, id)
    if (again) return { loan: again, reference: undefined }
    if (
      account.customerRef !== application.customerRef ||
      account.currency !== application.currency
    )
      throw consentExceeded('the account is not one that this loan can be paid to', {
        gate: 'customer',
      })
    // Read again: it may have lapsed while another was being taken.
    const offer = await store.offer(w, caller.partnerId, id)
    assert(offer, 'an offer that was seen is there')
    const { productId } = application
    if (
      !isOffered(offer, productId, detail) ||
      !isOffered(offer, productId, { ...detail, offer: request.offer })
    )
      throw lendingDiffersFromConsent('the figures are not those of the offer', { gate: 'partner' })
    const accepted = taken(offer, w.now)
    const made = loanOf(bank, caller, { offer: accepted, account, consentId, productId }, w.now)
    if (!(await loans.add(w, made)))
      throw consentExceeded('this consent was used; ask the customer for another', {
        gate: 'customer',
      })
    await store.saveTaken(w, accepted, application.customerRef)
    const payout = payoutOf(made, 'disbursement', made.principalMinor, w.now)
    await loans.addPayout(w, payout)
    await w.record('lending.offer-accepted', id, {
      partnerId: caller.partnerId,
      applicationId: caller.applicationId,
      consentId,
      loanId: made.loanId,
    })
    return { loan: made, reference: payout.reference }
  })
  if (reference === undefined) return loan
  await carry(bank, reference)
  return loans.get(bank.db, loan.ref)
}

/** What the customer approved, and the account that the money goes to. */
const consentTo = async (
  bank: BankWorld,
  caller: Caller,
  id: OfferId,
): Promise<{ detail: AcceptDetail; account: Alias; consentId: string }> => {
  const { consentId } = caller
  const approved = caller.details.flatMap((d) => AcceptDetail.safeParse(d).data ?? [])
  if (consentId === null || approved.length === 0)
    throw consentMissing('the token carries no consent to take an offer', { gate: 'partner' })
  const detail = approved.find(({ offer }) => offer.offerId === id)
  if (!detail)
    throw lendingDiffersFromConsent('the consent names another offer', { gate: 'partner' })
  const account = await accountInConsent(bank, caller, detail.accounts[0])
  if (!account) throw consentExceeded('the customer’s account is not in the consent')
  return { detail, account, consentId }
}

/** The loan of this key, where whoever asks lost the answer. */
const sameAgain = async (w: Work, caller: Caller, id: OfferId): Promise<Loan | undefined> => {
  const { idempotencyKey, bodySha256 } = idempotencyOf(caller)
  const held = await loans.findByKey(w, caller.partnerId, idempotencyKey)
  if (held && (held.bodySha256 !== bodySha256 || held.offerId !== id))
    throw keyReused('choose a new key for another offer')
  return held
}

const loanOf = (
  { keys }: BankWorld,
  caller: Caller,
  given: { offer: Offer; account: Alias; consentId: string; productId: string },
  now: Temporal.Instant,
): Loan => {
  const { offer, account, consentId, productId } = given
  const ref = LoanRef.next()
  return {
    ref,
    loanId: loanIdAt(keys, caller.partnerId, ref),
    partnerId: caller.partnerId,
    applicationId: caller.applicationId,
    ...idempotencyOf(caller),
    consentId,
    offerId: offer.id,
    application: offer.application,
    customerRef: account.customerRef,
    productId,
    accountRef: account.accountRef,
    principalMinor: offer.amountMinor,
    currency: offer.currency,
    ratePpm: offer.ratePpm,
    penaltyPpm: offer.penaltyPpm,
    method: offer.method,
    dayCount: offer.dayCount,
    feeMinor: offer.feeMinor,
    status: 'approved',
    reasonCode: null,
    startedOn: null,
    closedOn: null,
    excessMinor: 0n,
    bucket: 'CURRENT',
    nextDueOn: null,
    version: 0,
    createdAt: now,
    updatedAt: now,
  }
}

/** A loan's name at a partner: the same for ever, and of no use to another. */
export const loanIdAt = (
  keys: Pick<BankWorld['keys'], 'pairwise'>,
  partnerId: string,
  ref: LoanRef,
): LoanRef => LoanRef.parse(pairwise(keys.pairwise, 'loan', partnerId, ref))

export const getOffer = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: OfferId,
): Promise<Offer> => {
  const offer = await store.offer(db, partnerId, id)
  if (!offer) throw notFound()
  return offer
}

export const listOffers = async (
  { db }: BankWorld,
  { partnerId }: Caller,
  id: LoanApplicationId,
): Promise<readonly Offer[]> => {
  if (!(await store.find(db, id, partnerId))) throw notFound()
  return store.offers(db, id)
}
