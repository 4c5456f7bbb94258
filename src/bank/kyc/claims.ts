/** What a customer lets the bank tell of them, and how it is said (OpenID Connect for Identity Assurance 1.0). */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import type { CoreIdentity } from '../cores/identity.ts'
import { isComplete, Predicate, questionMembers, type Result } from './predicate.ts'

export const ClaimsRequestId = idOf('claims')
export type ClaimsRequestId = z.output<typeof ClaimsRequestId>

/** OpenID Connect Core §5.1, and `nationalities` of OpenID Connect for Identity Assurance §4. */
export const Claim = z.enum(['given_name', 'family_name', 'birthdate', 'address', 'nationalities'])
export type Claim = z.output<typeof Claim>

/** The law by which this bank identifies its customers. */
export const TRUST_FRAMEWORK = 'uz_aml'

const refusal =
  'a name goes with name_matches and an account with account_owned, and with nothing else'

export const PredicateRequest = z
  .strictObject({ trustFramework: z.string().max(35), ...questionMembers })
  .refine(isComplete, refusal)
export type PredicateRequest = z.output<typeof PredicateRequest>

export const ClaimsRequest = z
  .strictObject({
    trustFramework: z.string().max(35),
    ...questionMembers,
    predicates: questionMembers.predicates.optional(),
    claims: z
      .array(Claim)
      .min(1)
      .max(Claim.options.length)
      .refine((list) => new Set(list).size === list.length, 'names one thing twice'),
  })
  .refine(isComplete, refusal)
export type ClaimsRequest = z.output<typeof ClaimsRequest>

/** The consent as the customer gave it (RFC 9396). */
export const ClaimsDetail = z.looseObject({
  type: z.literal('urn:bank:kyc-claims:v1'),
  predicates: z.array(z.string()).default([]),
  claims: z.array(z.string()).default([]),
  trustFramework: z.string(),
})

/** That something was asked; what was told is not kept. */
export const ClaimsRecord = z.object({
  id: ClaimsRequestId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  consentId: z.string(),
  subject: z.string(),
  predicates: z.array(Predicate),
  claims: z.array(Claim),
  requestedAt: z.instanceof(Temporal.Instant),
  toldAt: z.instanceof(Temporal.Instant).nullable(),
})
export type ClaimsRecord = z.output<typeof ClaimsRecord>

export const frameworkUnknown = problem(
  'kyc/trust-framework-unknown',
  422,
  'The bank does not verify people by this framework',
)
export const identityMissing = problem(
  'kyc/identity-missing',
  409,
  'The bank has nothing on file that it could tell',
)

/** One claim of a person, in the words of the standards. */
const valueOf = (claim: Claim, identity: CoreIdentity): unknown => {
  switch (claim) {
    case 'given_name':
      return identity.givenName
    case 'family_name':
      return identity.familyName
    case 'birthdate':
      return identity.bornOn.toString()
    case 'nationalities':
      return [identity.citizenship]
    case 'address': {
      const { street, locality, postalCode } = identity.address
      return {
        street_address: street,
        locality,
        postal_code: postalCode,
        country: identity.residence,
      }
    }
  }
}

export interface Answer {
  readonly predicate: Predicate
  readonly result: Result
}

/**
 * The `verified_claims` of a token: what was consented and is known, and nothing else. Undefined where nothing is known,
 * since §5 of the standard knows no empty claims.
 */
export const verifiedClaims = (
  { answers, claims }: { answers: readonly Answer[]; claims: readonly Claim[] },
  identity: CoreIdentity | undefined,
) => {
  const told = [
    ...answers
      .filter(({ result }) => result !== 'UNAVAILABLE')
      .map(({ predicate, result }) => [predicate, result === 'TRUE'] as const),
    ...(identity ? claims.map((claim) => [claim, valueOf(claim, identity)] as const) : []),
  ]
  if (told.length === 0) return undefined
  return {
    verification: {
      trust_framework: TRUST_FRAMEWORK,
      // When and by which document the bank saw it is data of the person too: it goes with data, not with yes or no.
      ...(identity &&
        claims.length > 0 && {
          time: identity.verifiedOn.toString(),
          evidence: [
            {
              type: 'document',
              check_details: [{ check_method: 'vpip' }],
              document_details: { type: identity.document },
            },
          ],
        }),
    },
    claims: Object.fromEntries(told),
  }
}
