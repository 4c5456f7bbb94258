/** What the cell's own processes may ask the authorization server over its socket. */
import { z } from 'zod'
import { endpoint } from '#platform/rpc.ts'

export const authorizationContract = {
  /**
   * A one-time consent was used: no token is issued on it any more. Throws `consents/not-found`, `consents/closed`.
   * Tokens that live may still read what came of it.
   */
  consumeConsent: endpoint(
    '/internal/consents/consumption',
    z.strictObject({ consentId: z.string() }),
    z.object({ status: z.literal('CONSUMED') }),
  ),
}
