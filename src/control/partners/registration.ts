import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { type ApplicationRequest, applicationRefused } from './admission.ts'
import { GrantType } from './application.ts'
import { PartnerId } from './partner.ts'

export const RegistrationId = idOf('registration')
export type RegistrationId = z.output<typeof RegistrationId>

/** What a registration in production has to stay within: two people of the bank have read it. */
export const RegistrationLimits = z.strictObject({
  redirectUris: z.array(z.string().max(2_000)).max(20),
  grantTypes: z.array(GrantType).min(1),
  products: z.array(z.string()).min(1),
})
export type RegistrationLimits = z.output<typeof RegistrationLimits>

/** The right to register one application (RFC 7591 §3): its initial access token lives an hour and works once. */
export const Registration = z.object({
  id: RegistrationId,
  partnerId: PartnerId,
  cell: Cell,
  limits: RegistrationLimits.nullable(),
  status: z.enum(['requested', 'granted', 'issued', 'used', 'declined']),
  requestedAt: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Registration = z.output<typeof Registration>

export const REGISTRATION_CHANGE = 'partners.registration'
export const TOKEN_LIFE = Temporal.Duration.from({ hours: 1 })

export const registrationNotFound = problem(
  'partners/registration-not-found',
  404,
  'No such registration',
)
export const registrationNotGranted = problem(
  'partners/registration-not-granted',
  409,
  'The registration has no token to draw',
)
export const registrationTokenInvalid = problem(
  'partners/registration-token-invalid',
  401,
  'The registration token is not valid',
)
export const changedInPortal = problem(
  'partners/changed-in-portal',
  409,
  'In production this is changed in the portal, by four eyes',
)

/** What four eyes look at. */
export const askedOf = ({ id, partnerId, cell, limits, status }: Registration) => ({
  id,
  partnerId,
  cell,
  limits,
  status,
})

/** Throws unless the application stays within what was granted. */
export const assertWithin = (limits: RegistrationLimits | null, ask: ApplicationRequest): void => {
  if (!limits) return
  const beyond = (pointer: string, asked: readonly string[], granted: readonly string[]) =>
    asked.flatMap((word, i): FieldError[] =>
      granted.includes(word)
        ? []
        : [{ pointer: `${pointer}/${i}`, code: 'beyond', detail: 'the bank has not granted this' }],
    )
  const errors = [
    ...beyond('/redirectUris', ask.redirectUris, limits.redirectUris),
    ...beyond('/grantTypes', ask.grantTypes, limits.grantTypes),
    ...beyond('/products', ask.products, limits.products),
  ]
  if (errors.length > 0) throw applicationRefused('it goes beyond what was granted', { errors })
}
