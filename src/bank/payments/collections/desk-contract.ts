/** What the control plane asks of the bank's payments: to collect what a partner owes, from the account that it named for it. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { Currency, Money as MoneyCodec } from '#kernel/money.ts'
import { endpoint } from '#platform/rpc.ts'

export const CollectionId = idOf('collection')
export const AccountNumber = z.string().regex(/^\d{20}$/, 'is a number of twenty digits')
/** STIR of an organisation, or PINFL of a person. */
export const HolderId = z
  .string()
  .regex(/^(\d{9}|\d{14})$/, 'is a STIR of 9 or a PINFL of 14 digits')

/** Of an account that is not the holder's nobody learns more than that. */
export const AccountFit = z.discriminatedUnion('fits', [
  z.object({ fits: z.literal(true), holder: z.string() }),
  z.object({
    fits: z.literal(false),
    why: z.enum(['no-account-of-the-holder', 'closed', 'other-currency']),
  }),
])
export type AccountFit = z.output<typeof AccountFit>

/** Of an account of the bank's own, that collections go to. */
export const IncomeFit = z.discriminatedUnion('fits', [
  z.object({ fits: z.literal(true), holder: z.string() }),
  z.object({
    fits: z.literal(false),
    why: z.enum(['no-account', 'not-of-the-bank', 'closed', 'other-currency']),
  }),
])
export type IncomeFit = z.output<typeof IncomeFit>

export const Collected = z.object({
  /** `open`: it is not known yet; ask again with the same words. */
  status: z.enum(['open', 'accepted', 'booked', 'rejected']),
  /** ISO 20022, where it was rejected. */
  reasonCode: z.string().nullable(),
  /** As it stands in the statements of both accounts. */
  reference: z.string(),
})
export type Collected = z.output<typeof Collected>

export const collectionContract = {
  /** Whether an account can be collected from: it is the holder's, open, and of the currency. */
  account: endpoint(
    '/internal/collections/account',
    z.strictObject({
      partnerId: z.string(),
      number: AccountNumber,
      holderId: HolderId,
      currency: Currency,
    }),
    AccountFit,
  ),
  /** Whether collections can go to an account: it is the bank's own, open, and of the currency. */
  incomeAccount: endpoint(
    '/internal/collections/income-account',
    z.strictObject({ number: AccountNumber, currency: Currency }),
    IncomeFit,
  ),
  /** Collects once, however often it is asked. */
  collect: endpoint(
    '/internal/collections',
    z.strictObject({
      collectionId: CollectionId,
      partnerId: z.string(),
      debtor: z.strictObject({ number: AccountNumber, holderId: HolderId }),
      creditor: z.strictObject({ number: AccountNumber }),
      amount: MoneyCodec,
      text: z.string().min(1).max(100),
      /** Whether the mandate still stands. Without it nothing is sent any more: what was sent is told to its end. */
      maySend: z.boolean(),
    }),
    Collected,
  ),
}
