/** A consent among what else must hold: the customer gave it, and the bank still lets this partner use it. */
import { isBefore } from '#kernel/time.ts'
import { type Consent, type ConsentStatus, statusAt } from './consent.ts'

/** What control published of an application, as far as consents rest on it. */
export interface Applications {
  find(
    applicationId: string,
    now: Temporal.Instant,
  ): { readonly authorizationDetailsTypes: readonly string[] } | undefined
}

/** Whether the application is served and its licence still opens this type. Derived, so it can never be forgotten. */
export const isLicensed = (
  consent: Pick<Consent, 'applicationId' | 'detail'>,
  applications: Applications,
  now: Temporal.Instant,
): boolean =>
  applications
    .find(consent.applicationId, now)
    ?.authorizationDetailsTypes.includes(consent.detail.type) ?? false

/** Whether the licence lets no new consent of this type begin at this moment; those that were given stay. */
export const isClosedToNew = (
  application: { readonly newConsentsUntil?: Readonly<Record<string, string>> } | undefined,
  type: string,
  now: Temporal.Instant,
): boolean => {
  const until = application?.newConsentsUntil?.[type]
  return until !== undefined && !isBefore(now, Temporal.Instant.from(until))
}

/** What customer and partner are shown: suspended also while the partner, or its licence for this type, is (O46). */
export const statusShown = (
  consent: Consent,
  applications: Applications,
  now: Temporal.Instant,
): ConsentStatus => {
  const status = statusAt(consent, now)
  return status === 'AUTHORISED' && !isLicensed(consent, applications, now) ? 'SUSPENDED' : status
}
