/** What the synthetic bank decides about money: pure, over rows that are held under lock. */
import { z } from 'zod'
import { exponents, type Money } from '#kernel/money.ts'
import type { CoreAccount, TransferOrder, TransferOutcome } from '../core.ts'
import { LedgerCurrency, ownBankCode } from './account-number.ts'

const Plain = z.instanceof(Temporal.PlainDate)

export const Account = z.object({
  ref: z.string(),
  owner: z.string(),
  kind: z.enum(['current', 'savings', 'card', 'settlement']),
  number: z.string(),
  bankCode: z.string(),
  currency: LedgerCurrency,
  nickname: z.string(),
  status: z.enum(['enabled', 'disabled', 'closed']),
  openedOn: Plain,
  ownerName: z.string(),
  booked: z.bigint(),
  held: z.bigint(),
  /** Null for the bank's own accounts. */
  limit: z.bigint().nullable(),
})
export type Account = z.output<typeof Account>

export const Transfer = z.object({
  debtor: z.string(),
  creditorNumber: z.string(),
  creditorBank: z.string(),
  creditorName: z.string(),
  amountMinor: z.bigint(),
  currency: z.enum(Object.keys(exponents) as (keyof typeof exponents)[]),
  text: z.string(),
  reasonCode: z.string().nullable(),
  settlesAt: z.instanceof(Temporal.Instant).nullable(),
})
export type Transfer = z.output<typeof Transfer>

/** A posting as it is kept: its entries sum to zero in each currency. */
export interface Posting {
  readonly bookedOn: Temporal.PlainDate
  readonly text: string
  readonly entries: readonly {
    readonly account: string
    /** Above zero is a credit. */
    readonly minor: bigint
    readonly counterparty: { readonly name: string; readonly account: string }
  }[]
}

/** What the customer can spend: without what is held, with what they may overdraw. */
export const available = (account: Account): bigint =>
  account.booked - account.held + (account.limit ?? 0n)

/** The account as the port knows it: what is the ledger's own stays here. */
export const presented = (account: Account): CoreAccount => {
  const { ref, owner, kind, number, bankCode, currency, nickname, status, openedOn } = account
  return { ref, owner, kind, number, bankCode, currency, nickname, status, openedOn }
}

export const isOurs = (creditor: TransferOrder['creditor']) => creditor.bankCode === ownBankCode

/** The ISO 20022 reason why an order cannot be booked; undefined where it can. */
export const refusalOf = (
  order: TransferOrder,
  debtor: Account | undefined,
  creditor: Account | undefined,
): string | undefined => {
  const { minor, currency }: Money = order.amount
  if (minor <= 0n) return 'AM12'
  if (!debtor || !creditor) return 'AC01'
  if (debtor.status === 'closed' || creditor.status === 'closed') return 'AC04'
  if (debtor.status === 'disabled' || creditor.status === 'disabled') return 'AC06'
  if (debtor.currency !== currency) return 'AM03'
  if (creditor.currency !== currency) return 'AC09'
  if (debtor.ref === creditor.ref) return 'AG01'
  // The bank's own accounts go as far below zero as they must.
  return debtor.limit !== null && available(debtor) < minor ? 'AM04' : undefined
}

/** Both sides of an order that can be booked. */
export const postingOf = (
  order: TransferOrder,
  debtor: Account,
  creditor: Account,
  bookedOn: Temporal.PlainDate,
): Posting => ({
  bookedOn,
  text: order.text,
  entries: [
    {
      account: debtor.ref,
      minor: -order.amount.minor,
      counterparty: { name: order.creditor.name, account: order.creditor.number },
    },
    {
      account: creditor.ref,
      minor: order.amount.minor,
      counterparty: { name: debtor.ownerName, account: debtor.number },
    },
  ],
})

/** The clearing leaves at every full minute. */
export const nextClearing = (now: Temporal.Instant): Temporal.Instant =>
  now.add({ milliseconds: 1 }).round({ smallestUnit: 'minute', roundingMode: 'ceil' })

export const outcomeOf = (
  transfer: Pick<Transfer, 'reasonCode' | 'settlesAt'>,
  now: Temporal.Instant,
): TransferOutcome => {
  if (transfer.reasonCode !== null) return { status: 'rejected', reasonCode: transfer.reasonCode }
  const waits = transfer.settlesAt && Temporal.Instant.compare(now, transfer.settlesAt) < 0
  return { status: waits ? 'accepted' : 'booked' }
}

/** Whether an order is the one that was given before under its reference. */
export const isSameOrder = (order: TransferOrder, given: Transfer): boolean =>
  order.debtor === given.debtor &&
  order.creditor.number === given.creditorNumber &&
  order.creditor.bankCode === given.creditorBank &&
  order.creditor.name === given.creditorName &&
  order.amount.minor === given.amountMinor &&
  order.amount.currency === given.currency &&
  order.text === given.text
