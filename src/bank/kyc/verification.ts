/** A verification: who somebody brought by a partner is, what is still needed for it, and how long it is kept. */
import { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore, PlainDate } from '#kernel/time.ts'

export const VerificationId = idOf('verification')
export type VerificationId = z.output<typeof VerificationId>

export const Status = z.enum([
  'created',
  'collecting',
  'processing',
  'manual_review',
  'verified',
  'rejected',
  'expired',
])
export type Status = z.output<typeof Status>

/** The published table: it only goes forward, and an end stays the end. */
export const transitions: Readonly<Record<Status, readonly Status[]>> = {
  created: ['collecting', 'expired'],
  collecting: ['processing', 'expired'],
  processing: ['manual_review', 'verified', 'rejected'],
  manual_review: ['verified', 'rejected', 'expired'],
  verified: [],
  rejected: [],
  expired: [],
}

export const isOver = (status: Status): boolean => transitions[status].length === 0

const Instant = z.instanceof(Temporal.Instant)
const text = (max: number) =>
  z
    .string()
    .min(2)
    .max(max)
    .regex(/^\P{Cc}+$/u, 'holds control characters')

/** ISO 3166-1 alpha-2. */
export const Country = z.string().regex(/^[A-Z]{2}$/)

export const Person = z.strictObject({
  fullName: text(140),
  birthDate: PlainDate,
  /** PINFL as a semantics identifier (ETSI EN 319 412-1 §5.1.3), so that no guard takes it for a card's number. */
  nationalId: z.string().regex(/^PNOUZ-\d{14}$/),
  citizenship: Country,
  residence: Country,
})
export type Person = z.output<typeof Person>

export const Purpose = z.enum(['ONBOARDING', 'PERIODIC_REVIEW', 'CONTRACT', 'PAYOUTS'])

/** The partner's own name of its customer; it is not to be a person's name. */
export const Reference = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/)

export const VerificationRequest = z.strictObject({
  reference: Reference,
  purpose: Purpose,
  person: Person,
})
export type VerificationRequest = z.output<typeof VerificationRequest>

/** Each is met by a document of any of its types. */
export const requirementTypes = {
  'document.identity': ['ID_CARD', 'PASSPORT'],
  'document.address': ['ADDRESS_PROOF'],
  'document.registration': ['REGISTRATION_EXTRACT'],
  'document.ownership': ['OWNERSHIP_DECLARATION'],
} as const
export const Requirement = z.enum([
  'document.identity',
  'document.address',
  'document.registration',
  'document.ownership',
])
export type Requirement = z.output<typeof Requirement>

export const Verification = z.object({
  id: VerificationId,
  partnerId: z.string(),
  applicationId: z.string(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  kind: z.enum(['person', 'business']),
  status: Status,
  reference: z.string().nullable(),
  purpose: Purpose,
  requirements: z.array(Requirement),
  sealed: z.instanceof(Uint8Array).nullable(),
  deadline: Instant,
  submittedAt: Instant.nullable(),
  endedAt: Instant.nullable(),
  eraseAt: Instant.nullable(),
  erasedAt: Instant.nullable(),
  lookAt: Instant.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Verification = z.output<typeof Verification>

export const requirementsDue = problem(
  'kyc/requirements-due',
  409,
  'Something that is needed is missing',
)
export const verificationClosed = problem(
  'kyc/verification-closed',
  409,
  'The verification takes nothing more',
)
export const retentionBinding = problem(
  'kyc/retention-binding',
  409,
  'The law keeps this for some years',
)

/** Who lives elsewhere than where their papers are from shows where. */
export const requirementsOf = ({ citizenship, residence }: Person): Requirement[] =>
  citizenship === residence ? ['document.identity'] : ['document.identity', 'document.address']

const COLLECT_DAYS = 14
const GRACE_DAYS = 7
const REVIEW_DAYS = 30
/** FATF Recommendation 11: five years. What never came to a check is kept for a month, so that it can be asked about. */
const CHECKED_DAYS = 5 * 365
const UNCHECKED_DAYS = 30
/** People look at it by hand: it is asked after so often. */
const ASK_AGAIN_SECONDS = 15

const days = (count: number) => ({ hours: 24 * count })

export const deadlineFrom = (now: Temporal.Instant) => now.add(days(COLLECT_DAYS))

/** When a verification that nobody completes ends. */
export const expiresAt = ({
  deadline,
  submittedAt,
}: Pick<Verification, 'deadline' | 'submittedAt'>): Temporal.Instant =>
  submittedAt ? submittedAt.add(days(REVIEW_DAYS)) : deadline.add(days(GRACE_DAYS))

/** The one way from a status to another. What follows from it by time is set here too. */
export const moved = (v: Verification, status: Status, now: Temporal.Instant): Verification => {
  assert(
    transitions[v.status].includes(status),
    `a verification that is ${v.status} is not ${status}`,
  )
  const next = { ...v, status, updatedAt: now }
  switch (status) {
    case 'processing':
      return { ...next, submittedAt: now, lookAt: now }
    case 'manual_review':
      return { ...next, lookAt: now.add({ seconds: ASK_AGAIN_SECONDS }) }
    case 'verified':
    case 'rejected':
    case 'expired': {
      const eraseAt = now.add(days(v.submittedAt ? CHECKED_DAYS : UNCHECKED_DAYS))
      return { ...next, endedAt: now, eraseAt, lookAt: eraseAt }
    }
    case 'created':
    case 'collecting':
      return { ...next, lookAt: expiresAt(next) }
  }
}

/** Looked at, and nothing is new: again in a while, and at the end of its time at the latest. */
export const stillOpen = (v: Verification, now: Temporal.Instant): Verification => {
  const again = now.add({ seconds: ASK_AGAIN_SECONDS })
  const end = expiresAt(v)
  if (v.submittedAt === null) return { ...v, lookAt: end }
  return { ...v, lookAt: isBefore(again, end) ? again : end }
}

/** Nobody can be found in it any more; that it was, and how it ended, stays. */
export const erased = (v: Verification, now: Temporal.Instant): Verification => ({
  ...v,
  reference: null,
  sealed: null,
  erasedAt: now,
  lookAt: null,
  updatedAt: now,
})

export const missing = (
  { requirements }: Pick<Verification, 'requirements'>,
  held: readonly { readonly type: string }[],
): Requirement[] =>
  requirements.filter(
    (requirement) =>
      !held.some(({ type }) => requirementTypes[requirement].some((fits) => fits === type)),
  )

/** What is told: states, what is due, clocks. Nothing of the person, who is the partner's own to know. */
export const verificationJson = (
  v: Verification,
  held: readonly { readonly type: string }[],
  now: Temporal.Instant,
) => {
  const due = v.status === 'created' || v.status === 'collecting' ? missing(v, held) : []
  const late = isBefore(v.deadline, now)
  return {
    verificationId: v.id,
    kind: v.kind,
    status: v.status,
    purpose: v.purpose,
    ...(v.reference !== null && { reference: v.reference }),
    requirements: {
      currentlyDue: late ? [] : due,
      pastDue: late ? due : [],
      deadline: v.deadline.toString(),
    },
    creationDateTime: v.createdAt.toString(),
    statusUpdateDateTime: v.updatedAt.toString(),
    ...(!isOver(v.status) && { expirationDateTime: expiresAt(v).toString() }),
    ...(v.eraseAt !== null && { erasureDateTime: (v.erasedAt ?? v.eraseAt).toString() }),
    erased: v.erasedAt !== null,
  }
}

export const VerificationsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
})
export type VerificationsQuery = z.output<typeof VerificationsQuery>
