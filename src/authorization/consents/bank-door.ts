/** The bank's door: its staff hold a consent, let it go on, or end it. */
import { type Work, work } from '#journal/index.ts'
import type { Postgres } from '#platform/db.ts'
import type { Client } from '#platform/rpc.ts'
import type { authorizationContract } from '../contract.ts'
import type { Consent } from './consent.ts'
import { type End, resumeConsent, revokeConsent, suspendConsent } from './ending.ts'

interface Act {
  readonly consentId: string
  readonly staffId: string
  readonly reason: string
}

export const bankDoor = (
  postgres: Postgres,
  now: () => Temporal.Instant,
): Client<typeof authorizationContract> => {
  const through =
    (command: (work: Work, id: string, end: End) => Promise<Consent>) =>
    ({ consentId, staffId, reason }: Act) =>
      work(postgres, `staff:${staffId}`, now(), async (w) => {
        const after = await command(w, consentId, { by: 'bank', channel: 'console', reason })
        return { status: after.status }
      })
  return {
    suspendConsent: through(suspendConsent),
    resumeConsent: through(resumeConsent),
    revokeConsent: through(revokeConsent),
  }
}
