/** What a customer has arranged on an account: what the bank pays without being asked again, and whom they pay. */
import type { Money } from '#kernel/money.ts'

/** Whom an arrangement pays, at this bank or another. */
export interface CorePayee {
  readonly name: string
  /** 20 digits. */
  readonly number: string
  readonly bankCode: string
}

export type CoreFrequency = 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly'

interface Arranged {
  /** Unique and stable within the account; pages go on behind it. */
  readonly ref: string
  readonly payee: CorePayee
  readonly text: string
}

/** Pays by itself on its days until it ends. */
export interface CoreStandingOrder extends Arranged {
  readonly kind: 'standing-order'
  readonly status: 'active' | 'ended'
  readonly amount: Money
  readonly frequency: CoreFrequency
  readonly firstOn: Temporal.PlainDate
  /** Missing once it has ended. */
  readonly nextOn?: Temporal.PlainDate
  /** Missing where it has no end. */
  readonly finalOn?: Temporal.PlainDate
}

/** Lets the payee draw what is due. */
export interface CoreDirectDebit extends Arranged {
  readonly kind: 'direct-debit'
  readonly status: 'active' | 'ended'
  readonly frequency: CoreFrequency
  /** What was drawn last, where anything was. */
  readonly last?: { readonly on: Temporal.PlainDate; readonly amount: Money }
}

/** One payment on a day that is still to come. */
export interface CoreScheduledPayment extends Arranged {
  readonly kind: 'scheduled-payment'
  readonly amount: Money
  readonly dueOn: Temporal.PlainDate
}

/** Somebody whom the customer wrote down to pay again. */
export interface CoreBeneficiary extends Arranged {
  readonly kind: 'beneficiary'
}

export type CoreArrangement =
  | CoreStandingOrder
  | CoreDirectDebit
  | CoreScheduledPayment
  | CoreBeneficiary

const months = { daily: 0, weekly: 0, monthly: 1, quarterly: 3, yearly: 12 } as const
const days = { daily: 1, weekly: 7, monthly: 0, quarterly: 0, yearly: 0 } as const

/**
 * The first day of a repeating arrangement that is not before `today`; undefined behind its end. A day that a month
 * does not have is its last one, and the month after has the day again.
 */
export const nextDue = (
  { firstOn, finalOn, frequency }: Pick<CoreStandingOrder, 'firstOn' | 'finalOn' | 'frequency'>,
  today: Temporal.PlainDate,
): Temporal.PlainDate | undefined => {
  const at = (turn: number) =>
    firstOn.add({ months: months[frequency] * turn, days: days[frequency] * turn })
  const passed =
    Temporal.PlainDate.compare(firstOn, today) >= 0 ? 0 : turnsBetween(firstOn, today, frequency)
  const next = Temporal.PlainDate.compare(at(passed), today) < 0 ? at(passed + 1) : at(passed)
  return finalOn && Temporal.PlainDate.compare(next, finalOn) > 0 ? undefined : next
}

/** Whole turns that have passed; at most one too few. */
const turnsBetween = (
  from: Temporal.PlainDate,
  to: Temporal.PlainDate,
  frequency: CoreFrequency,
): number =>
  months[frequency] > 0
    ? Math.floor(from.until(to, { largestUnit: 'months' }).months / months[frequency])
    : Math.floor(from.until(to, { largestUnit: 'days' }).days / days[frequency])
