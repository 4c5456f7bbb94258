/** A cardholder as a programme knows one: whom a card belongs to, by reference. No document and no name is kept here. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'

export const CardholderId = idOf('cardholder')
export type CardholderId = z.output<typeof CardholderId>

export const CardholderStatus = z.enum(['pending_kyc', 'active', 'blocked', 'closed'])
export type CardholderStatus = z.output<typeof CardholderStatus>

const Instant = z.instanceof(Temporal.Instant)

export const Cardholder = z.object({
  id: CardholderId,
  partnerId: z.string(),
  applicationId: z.string(),
  status: CardholderStatus,
  blockedBy: z.enum(['partner', 'bank']).nullable(),
  kycReference: z.string().nullable(),
  reference: z.string().nullable(),
  customerRef: z.string().nullable(),
  idempotencyKey: z.string(),
  bodySha256: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
})
export type Cardholder = z.output<typeof Cardholder>

export const cardholderTransitionRefused = problem(
  'cards/cardholder-transition-refused',
  409,
  'The cardholder cannot change so',
)
export const cardholderDiffers = problem(
  'cards/cardholder-differs',
  409,
  'The cardholder is not the customer who consented',
)
export const cardholderNotActive = problem(
  'cards/cardholder-not-active',
  409,
  'The cardholder may not have a card now',
)

/** The published table. */
export const cardholderTransitions: Readonly<
  Record<CardholderStatus, readonly CardholderStatus[]>
> = {
  pending_kyc: ['active', 'closed'],
  active: ['blocked', 'closed'],
  blocked: ['active', 'closed'],
  closed: [],
}

export const CardholderAction = z.enum(['block', 'unblock', 'close'])
export type CardholderAction = z.output<typeof CardholderAction>

const goals = { block: 'blocked', unblock: 'active', close: 'closed' } as const

const moved = (holder: Cardholder, status: CardholderStatus, now: Temporal.Instant): Cardholder => {
  if (!cardholderTransitions[holder.status].includes(status))
    throw cardholderTransitionRefused(
      `a cardholder who is ${holder.status} does not become ${status}`,
    )
  return { ...holder, status, blockedBy: null, updatedAt: now }
}

/** The cardholder after an action. A partner unblocks nobody whom the bank blocked, and completes no verification. */
export const cardholderAfter = (
  holder: Cardholder,
  action: CardholderAction,
  by: 'partner' | 'bank',
  now: Temporal.Instant,
): Cardholder => {
  const status = goals[action]
  if (action === 'unblock' && holder.status === 'pending_kyc')
    throw cardholderTransitionRefused('the verification is not complete', { gate: 'bank' })
  if (action === 'unblock' && by === 'partner' && holder.blockedBy === 'bank')
    throw cardholderTransitionRefused('the bank blocked this cardholder', { gate: 'bank' })
  if (holder.status === status) {
    const taken = action === 'block' && by === 'bank' && holder.blockedBy === 'partner'
    return taken ? { ...holder, blockedBy: 'bank', updatedAt: now } : holder
  }
  const after = moved(holder, status, now)
  return status === 'blocked' ? { ...after, blockedBy: by } : after
}

/** The verification is complete: by the bank's word, or because the holder is a customer that the bank verified itself. */
export const verified = (
  holder: Cardholder,
  customerRef: string | null,
  now: Temporal.Instant,
): Cardholder => ({ ...moved(holder, 'active', now), customerRef })

export const cardholderEventOf = {
  block: 'cards.cardholder-blocked',
  unblock: 'cards.cardholder-unblocked',
  close: 'cards.cardholder-closed',
} as const satisfies Record<CardholderAction, string>

const Reference = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9._:-]+$/, 'is letters, digits, dots, underscores, colons and hyphens')

export const CardholderRequest = z.strictObject({
  kycReference: Reference,
  reference: Reference.optional(),
})
export type CardholderRequest = z.output<typeof CardholderRequest>

export const CardholderStatusRequest = z.strictObject({ action: CardholderAction })

export const cardholderJson = (holder: Cardholder) => ({
  cardholderId: holder.id,
  status: holder.status,
  creationDateTime: holder.createdAt.toString(),
  statusUpdateDateTime: holder.updatedAt.toString(),
  ...(holder.kycReference !== null && { kycReference: holder.kycReference }),
  ...(holder.reference !== null && { reference: holder.reference }),
  ...(holder.blockedBy !== null && { blockedBy: holder.blockedBy }),
})
