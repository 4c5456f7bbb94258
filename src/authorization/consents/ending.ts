/** How a consent stops: by one of three doors, by use, or for a while. One function behind all the doors (O55). */
import { Problem } from '#kernel/problem.ts'
import { type Actor, type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import { forgetArtefactsOf } from '../oauth/index.ts'
import { deny } from '../revocations/index.ts'
import { type Consent, consentClosed, type Door, isOpen, moved, statusAt } from './consent.ts'
import { type How, keep, lockOf } from './keeping.ts'
import * as store from './store.ts'

export interface End extends How {
  readonly by: Door
}

/**
 * Ends it, by whichever door: in one transaction the state, the history, the denial that every gateway follows, and
 * the codes and tokens that lived on it.
 */
export const revokeConsent = async (work: Work, id: string, end: End): Promise<Consent> =>
  revoke(work, await lockOf(work, id), end)

const revoke = async (work: Work, consent: Consent, end: End): Promise<Consent> => {
  const after = moved(consent, 'revoke', { now: work.now, by: end.by })
  await keep(work, after, 'revoke', end)
  await deny(work, 'consent', consent.id)
  await forgetArtefactsOf(work, consent.id)
  return after
}

/** All that a customer gave and that could still be used, ended together. Answers which. */
export const withdrawAll = async (
  work: Work,
  customerId: string,
  end: Omit<End, 'by'>,
): Promise<Consent[]> => {
  const ended: Consent[] = []
  for (const consent of await store.lockOpenOf(work, customerId))
    if (isOpen(statusAt(consent, work.now)))
      ended.push(await revoke(work, consent, { ...end, by: 'customer' }))
  return ended
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

/** The bank holds it: every gateway denies it within a second, and no token is issued on it. */
export const suspendConsent = async (work: Work, id: string, how: How): Promise<Consent> => {
  const after = moved(await lockOf(work, id), 'suspend', { now: work.now })
  await keep(work, after, 'suspend', { ...how, by: 'bank' })
  await deny(work, 'consent', id)
  return after
}

/** The bank lets it go on (O46). Gateways serve it again when their denial has ended: eleven minutes after the hold. */
export const resumeConsent = async (work: Work, id: string, how: How): Promise<Consent> => {
  const after = moved(await lockOf(work, id), 'resume', { now: work.now })
  await keep(work, after, 'resume', { ...how, by: 'bank' })
  return after
}

/** What it allowed once was done. No token is issued on it any more; it was used, so it is not denied. */
export const consumeConsent = async (work: Work, id: string, how: How): Promise<Consent> => {
  const consent = await lockOf(work, id)
  if (consent.duration !== 'ONE_TIME') return consent
  const after = moved(consent, 'consume', { now: work.now })
  await keep(work, after, 'consume', how)
  await forgetArtefactsOf(work, id)
  return after
}
