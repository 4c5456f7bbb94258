/** With whose permission: what a customer of the bank has let a partner do, and until when. */
import { Problem } from '#kernel/problem.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { forgetArtefactsOf } from '../oauth/index.ts'
import { deny } from '../revocations/index.ts'
import {
  accountsUnfit,
  type Consent,
  consentClosed,
  ConsentId,
  consentNotFound,
  type Door,
  moved,
  statusAt,
} from './consent.ts'
import * as store from './store.ts'
import { consentTypes, endOf } from './details.ts'

export {
  accountsUnfit,
  type Consent,
  consentClosed,
  ConsentId,
  consentNotFound,
  type ConsentStatus,
  Door,
  enriched,
  nextScaDueAt,
  statusAt,
} from './consent.ts'
export { find as findConsent, history as consentHistory, type ConsentEvent } from './store.ts'
export * from './details.ts'

/** Where it happened: written into the history. */
export type Channel = 'page' | 'dashboard' | 'token-endpoint' | 'api' | 'console'

interface How {
  readonly channel: Channel
  readonly by?: Door
  readonly reason?: string
}

interface End extends How {
  readonly by: Door
}

type Ask = Pick<
  Consent,
  | 'partnerId'
  | 'partnerName'
  | 'applicationId'
  | 'applicationName'
  | 'customerId'
  | 'subject'
  | 'detail'
  | 'scopes'
  | 'matrix'
>

/**
 * The customer sees what is asked. The same pushed request, visited again, asks for the same consent; one that was
 * answered meanwhile is returned as it is.
 */
export const askConsent = async (
  work: Work,
  ask: Ask,
  requestSha256: Uint8Array,
): Promise<Consent> => {
  const id = ConsentId.next()
  const asked: Consent = {
    ...ask,
    id,
    accounts: [],
    status: 'AWAITING_AUTHORISATION',
    endedBy: null,
    createdAt: work.now,
    authorisedAt: null,
    endedAt: null,
    expiresAt: endOf(ask.detail, work.now),
    lastScaAt: null,
  }
  const consent = await store.insert(work, asked, requestSha256)
  if (!consent) {
    const answered = await store.findByRequest(work, requestSha256)
    if (!answered) throw consentNotFound('the request asks for no consent')
    return answered
  }
  if (consent.id === id) {
    const how = { channel: 'page' } as const
    await note(work, consent, how)
    await work.record('consents.asked', id, factsOf(consent, how))
  }
  return consent
}

/** The customer says yes, and to which accounts. */
export const authoriseConsent = async (
  work: Work,
  id: string,
  decision: { customerId: string; accounts: readonly string[]; authenticatedAt: Temporal.Instant },
): Promise<Consent> => {
  const consent = await lockOf(work, id)
  assertAnswers(consent, decision.customerId)
  const { accounts: many } = consentTypes[consent.detail.type]
  const { accounts } = decision
  if (accounts.length === 0 || (many === 'one' && accounts.length !== 1))
    throw accountsUnfit(many === 'one' ? 'choose one account' : 'choose at least one account')
  const after: Consent = {
    ...moved(consent, 'authorise', { now: work.now }),
    accounts: [...accounts],
    authorisedAt: work.now,
    lastScaAt: decision.authenticatedAt,
    expiresAt: endOf(consent.detail, work.now),
  }
  const how = { channel: 'page' } as const
  await keep(work, after, how)
  await work.record('consents.authorised', id, factsOf(after, how))
  return after
}

/** The customer says no. */
export const rejectConsent = async (
  work: Work,
  id: string,
  customerId: string,
): Promise<Consent> => {
  const consent = await lockOf(work, id)
  assertAnswers(consent, customerId)
  const how = { channel: 'page', by: 'customer' } as const
  const after = moved(consent, 'reject', { now: work.now, by: how.by })
  await keep(work, after, how)
  await work.record('consents.rejected', id, factsOf(after, how))
  return after
}

/** Used up by what it allowed once. */
export const consumeConsent = async (work: Work, id: string): Promise<Consent> => {
  const how = { channel: 'api' } as const
  const after = moved(await lockOf(work, id), 'consume', { now: work.now })
  await keep(work, after, how)
  await work.record('consents.consumed', id, factsOf(after, how))
  return after
}

/**
 * Ends it, by whichever door: in one transaction the state, the history, the denial that every gateway follows, and
 * the codes and tokens that lived on it.
 */
export const revokeConsent = async (work: Work, id: string, end: End): Promise<Consent> => {
  const after = moved(await lockOf(work, id), 'revoke', { now: work.now, by: end.by })
  await keep(work, after, end)
  await deny(work, 'consent', id)
  await forgetArtefactsOf(work, id)
  await work.record('consents.revoked', id, factsOf(after, end))
  return after
}

/** As `revokeConsent`, where having ended already is as good: a reused code, a second revocation. */
export const endConsent = async (
  postgres: Postgres,
  world: { actor: Actor; now: Temporal.Instant },
  id: string,
  end: End,
): Promise<void> => {
  try {
    await work(postgres, world.actor, world.now, (w) => revokeConsent(w, id, end))
  } catch (error) {
    if (error instanceof Problem && error.code === consentClosed.code) return
    throw error
  }
}

/** Two years of what a customer gave, ended ones too. */
export const listConsentsOf = (postgres: Postgres, customerId: string, now: Temporal.Instant) =>
  store.listOfCustomer(postgres, customerId, now.subtract({ hours: 24 * 365 * 2 }))

/** Whether tokens may be issued on it now. */
export const isLive = (consent: Consent, now: Temporal.Instant): boolean =>
  statusAt(consent, now) === 'AUTHORISED'

/** Who signed in last on a request is the one who answers it. */
const assertAnswers = (consent: Consent, customerId: string): void => {
  if (consent.customerId !== customerId)
    throw consentClosed(`${consent.id} is being answered by another person`)
}

const lockOf = async (work: Work, id: string): Promise<Consent> => {
  const consent = await store.lock(work, id)
  if (!consent) throw consentNotFound(id)
  return consent
}

/** The last state, and one more event of its history. */
const keep = async (work: Work, consent: Consent, how: How): Promise<void> => {
  await store.update(work, consent)
  await note(work, consent, how)
}

const note = async (work: Work, { id, status }: Consent, how: How): Promise<void> => {
  await store.append(work, {
    consentId: id,
    at: work.now,
    status,
    actor: work.actor,
    channel: how.channel,
    reason: how.reason ?? null,
  })
}

/** What the journal says of it: no person, no account. */
const factsOf = ({ partnerId, applicationId, detail, matrix }: Consent, how: How) => ({
  partnerId,
  applicationId,
  type: detail.type,
  matrix,
  ...how,
})
