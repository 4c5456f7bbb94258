/** With whose permission: what a customer of the bank has let a partner do, and until when. */
import type { Db } from '#platform/db.ts'
import type { Consent } from './consent.ts'
import { consentTypes, type Wording } from './details/index.ts'
import type { Language } from '#kernel/format.ts'
import * as store from './store.ts'

export {
  accountsUnfit,
  type Answered,
  type Authorisation,
  awaits,
  type Consent,
  consentClosed,
  consentNotFound,
  ConsentStatus,
  customerUnfit,
  Door,
  enriched,
  enrichedAt,
  type Extension,
  isLive,
  isOpen,
  isReauthenticationDue,
  type Move,
  nextScaDueAt,
  statusAt,
} from './consent.ts'
export * from './details/index.ts'
export {
  type Ask,
  askConsent,
  endRefused,
  extensionOf,
  isRenewal,
  namedUnfit,
  type Signed,
  stageConsent,
} from './asking.ts'
export {
  authoriseConsent,
  type Choice,
  chosenOf,
  type Decision,
  fitting,
  rejectConsent,
  SCA,
  subjectOf,
} from './deciding.ts'
export {
  consumeConsent,
  type End,
  endConsent,
  resumeConsent,
  revokeConsent,
  suspendConsent,
  withdrawAll,
} from './ending.ts'
export { type AnybodyIsReal, askedOnce, somebodyUnfit } from './somebody.ts'
export { bankDoor } from './bank-door.ts'
export { consentsDesk } from './desk.ts'
export { consentsDeskContract } from './desk-contract.ts'
export { followUses } from './consumption.ts'
export type { Channel, How } from './keeping.ts'
export {
  type ConsentEvent,
  find as findConsent,
  history as consentHistory,
  type LastAccess,
  lastAccesses,
} from './store.ts'
export { type Applications, isClosedToNew, isLicensed, statusShown } from './standing.ts'
export { type Usage, usageOf } from './usage.ts'

const TWO_YEARS = { hours: 24 * 365 * 2 }

/**
 * Two years of what a customer gave, ended ones too, and what waits for their signature, newest first. What they only
 * looked at is not among it.
 */
export const listConsentsOf = (
  db: Db,
  customerId: string,
  now: Temporal.Instant,
): Promise<Consent[]> => store.listOfCustomer(db, customerId, now.subtract(TWO_YEARS))

/** Whether a customer may see it on their dashboard: they gave it, or their signature is asked for. */
export const concerns = (consent: Consent, customerId: string): boolean =>
  consent.customerId === customerId || consent.authorisations.some((a) => a.party === customerId)

/** What the customer is asked, in their language. */
export const wordingOf = (
  consent: Pick<Consent, 'detail' | 'partnerName' | 'expiresAt'>,
  reader: { readonly language: Language; readonly zone: string },
): Wording =>
  consentTypes[consent.detail.type].wording(consent.detail, {
    ...reader,
    partner: consent.partnerName,
    expiresAt: consent.expiresAt,
  })
