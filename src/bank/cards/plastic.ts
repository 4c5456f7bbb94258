/** What only a card of plastic has: a way to its holder, an activation, and a successor. Pure. */
import { z } from 'zod'
import { problem } from '#kernel/problem.ts'

export const Shipping = z.enum(['pending', 'shipped', 'delivered', 'returned', 'failure'])
export type Shipping = z.output<typeof Shipping>

/** It goes to the address that the bank holds of its customer, or to the customer's branch: partners give no address. */
export const Delivery = z.enum(['POST', 'COURIER', 'BRANCH'])
export type Delivery = z.output<typeof Delivery>

export const shippingTransitionRefused = problem(
  'cards/shipping-transition-refused',
  409,
  'The card’s way cannot change so',
)
export const activationRefused = problem(
  'cards/activation-refused',
  409,
  'The card is not activated so',
)
export const replacementRefused = problem(
  'cards/replacement-refused',
  409,
  'The card is not replaced',
)

/** The published table. */
export const shippingTransitions: Readonly<Record<Shipping, readonly Shipping[]>> = {
  pending: ['shipped', 'failure'],
  shipped: ['delivered', 'returned', 'failure'],
  delivered: [],
  returned: [],
  failure: [],
}

export const shippingAfter = (before: Shipping | null, after: Shipping): Shipping => {
  if (before === null) throw shippingTransitionRefused('a virtual card is not sent')
  if (before === after) return before
  if (!shippingTransitions[before].includes(after))
    throw shippingTransitionRefused(`what is ${before} does not become ${after}`)
  return after
}

export const ShippingRequest = z.strictObject({
  status: z.enum(['shipped', 'delivered', 'returned', 'failure']),
})

/** The last four digits as the holder reads them from the card: another card is not activated by mistake. */
export const ActivationRequest = z.strictObject({ lastFour: z.string().regex(/^\d{4}$/) })

export const ReplacementReason = z.enum(['LOST', 'STOLEN', 'DAMAGED', 'NOT_RECEIVED', 'EXPIRED'])
export type ReplacementReason = z.output<typeof ReplacementReason>

export const ReplacementRequest = z.strictObject({
  reason: ReplacementReason,
  delivery: Delivery.optional(),
})
export type ReplacementRequest = z.output<typeof ReplacementRequest>
