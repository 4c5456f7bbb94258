/** What the bank's own staff may do with a consent, over the authorization server's socket: the third door (O55). */
import { z } from 'zod'
import { endpoint } from '#platform/rpc.ts'

const Act = z.strictObject({
  consentId: z.string(),
  /** Who decided it: in the history and the journal. */
  staffId: z.string().regex(/^staff_[0-9a-f]{32}$/),
  reason: z.string().min(1).max(140),
})
const State = z.object({ status: z.string() })

/** All throw `consents/not-found` and `consents/closed`. */
export const authorizationContract = {
  /** Holds it: every gateway denies it within a second, and no token is issued on it. */
  suspendConsent: endpoint('/internal/consents/suspension', Act, State),
  /** Lets it go on, within its end. */
  resumeConsent: endpoint('/internal/consents/resumption', Act, State),
  /** Ends it for good. */
  revokeConsent: endpoint('/internal/consents/revocation', Act, State),
}
