/** What people answer: yes, no, yes again. A company's account may need several of them. */
import { timingSafeEqual } from 'node:crypto'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import type { ConsentAccount, Organisation } from '#bank/contract.ts'
import {
  accountsUnfit,
  type Answered,
  answered,
  authenticated,
  awaits,
  type Consent,
  consentClosed,
  customerUnfit,
  type Exemption,
  moved,
  statusAt,
} from './consent.ts'
import { type ConsentDetail, consentTypes, endOf, linkOf } from './details/index.ts'
import { isRenewal } from './asking.ts'
import { type How, keep, lockOf } from './keeping.ts'

/** The level that every sign-in here has: two factors (`acr`). */
export const SCA = 'urn:bank:sca'

/** Accounts that a customer picked, and the company that holds them where it is one. */
export interface Choice {
  readonly accounts: readonly string[]
  readonly organisation?: Organisation | undefined
}

export interface Decision extends Choice {
  readonly customerId: string
  readonly authenticatedAt: Temporal.Instant
  /** The detail as it was pushed: a renewal takes its end from it. */
  readonly asked?: ConsentDetail | undefined
  /** Where no strong authentication stands behind it, who decided so and why. */
  readonly exemption?: Omit<Exemption, 'at'> | undefined
}

type Where = Partial<Pick<How, 'channel' | 'interactionId' | 'registry'>>

/** What the customer ticked, among what was offered; throws for anything else, and for accounts of two holders. */
export const chosenOf = (
  offered: {
    readonly accounts: readonly ConsentAccount[]
    readonly organisations: readonly Organisation[]
  },
  ids: readonly string[],
): Choice => {
  const picked = ids.map((id) => offered.accounts.find((a) => a.accountId === id))
  const known = picked.filter((account) => account !== undefined)
  if (known.length !== ids.length) throw accountsUnfit('choose among the accounts that are offered')
  const holders = new Set(known.map((account) => account.holder))
  if (holders.size > 1) throw accountsUnfit('choose accounts of one holder')
  const [holder] = holders
  return {
    accounts: [...new Set(ids)],
    organisation: offered.organisations.find((o) => o.subject === holder),
  }
}

/**
 * The customer says yes: to a new consent and its accounts, to one that a first signatory said yes to, or to a renewal,
 * where the accounts stay as they are. What comes back says how far it is: `AUTHORISED`, or `PARTIALLY_AUTHORISED`
 * while another signatory is waited for. Whoever said yes already says nothing new.
 */
export const authoriseConsent = async (
  work: Work,
  id: string,
  decision: Decision,
  where: Where = {},
): Promise<Answered> => {
  const consent = await lockOf(work, id)
  const how: How = { channel: 'page', ...where }
  assertAsShown(consent)
  if (isRenewal(consent, decision.asked, work.now)) return renew(work, consent, decision, how)
  if (hasSigned(consent, decision.customerId, work.now)) return someone(consent)
  if (consent.status === 'AWAITING_AUTHORISATION') assertAnswers(consent, decision.customerId)
  else if (!awaits(consent, decision.customerId, work.now))
    throw consentClosed(`${id} waits for no answer of this person`)
  const filled =
    consent.status === 'AWAITING_AUTHORISATION' ? withChoice(consent, decision) : consent
  return signed(work, filled, decision, how)
}

/**
 * The customer, or a signatory who is asked, says no: that ends it. No to a renewal leaves the consent as it is: it is
 * withdrawn on the dashboard, not by looking away.
 */
export const rejectConsent = async (
  work: Work,
  id: string,
  customerId: string,
  where: Where = {},
): Promise<Consent> => {
  const consent = await lockOf(work, id)
  if (statusAt(consent, work.now) === 'AUTHORISED' && hasSigned(consent, customerId, work.now))
    return consent
  if (!awaits(consent, customerId, work.now)) assertAnswers(consent, customerId)
  const how: How = { channel: 'page', by: 'customer', ...where }
  const no = { party: customerId, status: 'REJECTED', method: null, at: work.now } as const
  const after = {
    ...moved(consent, 'reject', { now: work.now, by: 'customer' }),
    authorisations: answered(consent, no),
  }
  await keep(work, after, 'reject', how)
  return after
}

const methodOf = ({ exemption }: Decision): string =>
  exemption === undefined ? SCA : `exemption:${exemption.type}`

/** Accounts, and whose they are: the subject that the partner will know. */
const withChoice = (
  consent: Consent,
  { accounts, organisation, customerId }: Decision,
): Consent => {
  const { accounts: many } = consentTypes[consent.detail.type]
  if (many === 'none' ? accounts.length > 0 : accounts.length === 0)
    throw accountsUnfit(
      many === 'none' ? 'it is given for no account' : 'choose at least one account',
    )
  if (many === 'one' && accounts.length !== 1) throw accountsUnfit('choose one account')
  if (!organisation) return { ...consent, accounts: [...accounts] }
  const others = organisation.signatories.filter((party) => party !== customerId)
  if (others.length === organisation.signatories.length)
    throw accountsUnfit('you do not sign for this company')
  return {
    ...consent,
    accounts: [...accounts],
    subject: organisation.subject,
    holder: organisation.name,
    signatures: organisation.signatures,
    authorisations: others.map((party) => ({ party, status: 'AWAITING', method: null, at: null })),
  }
}

const signed = async (
  work: Work,
  consent: Consent,
  decision: Decision,
  how: How,
): Promise<Answered> => {
  const { customerId: party, authenticatedAt, exemption } = decision
  const method = methodOf(decision)
  const authorisations = answered(consent, { party, status: 'AUTHORISED', method, at: work.now })
  const yes = authorisations.filter((a) => a.status === 'AUTHORISED').length
  const move = yes >= consent.signatures ? 'authorise' : 'sign'
  const next = moved(consent, move, { now: work.now })
  const after: Consent = {
    ...(exemption
      ? { ...next, scaLevel: 'exempt', exemption: { ...exemption, at: work.now } }
      : authenticated(next, authenticatedAt, SCA)),
    authorisations,
    registry: how.registry ?? consent.registry,
    ...(move === 'authorise' && {
      authorisedAt: work.now,
      expiresAt: endOf(consent.detail, work.now),
    }),
  }
  await keep(work, after, move, how)
  return someone(after)
}

/** The same consent, under the same id, for longer (O53). */
const renew = async (
  work: Work,
  consent: Consent,
  { customerId, authenticatedAt, asked }: Decision,
  how: How,
): Promise<Answered> => {
  if (!hasSigned(consent, customerId, work.now))
    throw customerUnfit('sign in as the customer who gave it')
  const until = endOf(asked ?? consent.detail, work.now)
  const extension = { at: work.now, from: consent.expiresAt, until }
  const after: Consent = {
    ...authenticated(moved(consent, 'renew', { now: work.now }), authenticatedAt, SCA),
    expiresAt: until,
    extensions: [...consent.extensions, extension],
    registry: how.registry ?? consent.registry,
  }
  await keep(work, after, 'renew', how)
  return someone(after)
}

const hasSigned = (consent: Consent, customerId: string, now: Temporal.Instant): boolean =>
  ['PARTIALLY_AUTHORISED', 'AUTHORISED'].includes(statusAt(consent, now)) &&
  consent.authorisations.some((a) => a.party === customerId && a.status === 'AUTHORISED')

/** Who signed in last on a request is the one who answers it. */
const assertAnswers = (consent: Consent, customerId: string): void => {
  if (consent.customerId !== customerId)
    throw consentClosed(`${consent.id} is being answered by another person`)
}

/** What the customer was shown is what was hashed when it was asked (dynamic linking, O20). */
const assertAsShown = ({ id, detail, link }: Consent): void => {
  const now = linkOf(detail)
  // Requests that were open when links began to be kept have none.
  const same = link === null || (now !== null && timingSafeEqual(link, now))
  assert(same, `what ${id} binds is not what was asked`)
}

const someone = (consent: Consent): Answered => {
  const { customerId } = consent
  assert(customerId !== null, 'an answer has somebody who gave it')
  return { ...consent, customerId, subject: subjectOf(consent) }
}

/** Whom the partner will know; throws before anybody has signed in. */
export const subjectOf = ({ id, subject }: Consent): string => {
  assert(subject !== null, `nobody has signed in for ${id}`)
  return subject
}

/** Accounts that this consent can be given for. */
export const fitting = (
  { detail }: Consent,
  accounts: readonly ConsentAccount[],
): ConsentAccount[] => accounts.filter((account) => consentTypes[detail.type].fits(detail, account))
