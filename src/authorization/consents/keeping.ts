/** What every command does: hold the row, keep the last state with one more event, say it in the journal. */
import { reference, type Work } from '#journal/index.ts'
import { type Consent, consentNotFound, type Door, type Move } from './consent.ts'
import type { RegistryDocument } from '../registry.ts'
import * as store from './store.ts'

/** Where it happened: written into the history. */
export type Channel = 'page' | 'dashboard' | 'token-endpoint' | 'api' | 'console' | 'journal'

export interface How {
  readonly channel: Channel
  readonly by?: Door
  readonly reason?: string
  /** `x-fapi-interaction-id` of the request that did it. */
  readonly interactionId?: string
  /** By which registry it was let happen; of a yes it stays with the consent. */
  readonly registry?: RegistryDocument | undefined
}

/** Holds it until the transaction ends. */
export const lockOf = async (work: Work, id: string): Promise<Consent> => {
  const consent = await store.lock(work, id)
  if (!consent) throw consentNotFound(id)
  return consent
}

const past: Readonly<Record<Move, string>> = {
  ask: 'asked',
  sign: 'signed',
  authorise: 'authorised',
  renew: 'renewed',
  reject: 'rejected',
  suspend: 'suspended',
  resume: 'resumed',
  consume: 'consumed',
  revoke: 'revoked',
}

/** The last state, one more event of its history, and the journal's line. */
export const keep = async (work: Work, consent: Consent, move: Move, how: How): Promise<void> => {
  await store.update(work, consent)
  await note(work, consent, move, how)
}

export const note = async (work: Work, consent: Consent, move: Move, how: How): Promise<void> => {
  await store.append(work, {
    consentId: consent.id,
    at: work.now,
    move,
    status: consent.status,
    actor: work.actor,
    channel: how.channel,
    reason: how.reason ?? null,
    interactionId: how.interactionId ?? null,
  })
  await work.record(`consents.${past[move]}`, consent.id, {
    ...factsOf(consent, how),
    // What staff write is free, and may name somebody: the line refers to it. Elsewhere a reason is one of ours.
    ...(how.channel === 'console' &&
      how.reason && { reason: await reference(work, consent.id, how.reason) }),
  })
}

/** What the journal says of it: no person, no account. */
const factsOf = ({ partnerId, applicationId, detail, matrix, registry }: Consent, how: How) => ({
  partnerId,
  applicationId,
  type: detail.type,
  matrix,
  ...(registry && { registry }),
  ...how,
})
