/**
 * What Portico needs of a core banking system, in our words. Whoever implements `Core` and passes
 * `core.contract.ts` is a core: nothing above this file knows a core's own words (field names, codes, layouts).
 */
import type { Money } from '#kernel/money.ts'
import { problem } from '#kernel/problem.ts'
import type { CoreArrangement } from './arrangement.ts'
import type { CoreIdentities } from './identity.ts'
import type { CoreOutside, WorldKeeper } from './worlds.ts'
import type { CoreStatements } from './statement.ts'

/** The core's own name for a customer or an account: opaque above this port, and never shown to a partner. */
export type CustomerRef = string
export type AccountRef = string

export interface CoreCustomer {
  readonly ref: CustomerRef
  readonly kind: 'person' | 'organisation'
  /** The full name as the bank holds it, in Unicode. */
  readonly name: string
  /** PINFL of a person (14 digits) or STIR of an organisation (9 digits). */
  readonly nationalId: string
}

export interface CoreAccount {
  readonly ref: AccountRef
  readonly owner: CustomerRef
  readonly kind: 'current' | 'savings' | 'card' | 'settlement'
  /** 20 digits. */
  readonly number: string
  /** MFO, five digits. */
  readonly bankCode: string
  readonly currency: Money['currency']
  readonly nickname: string
  readonly status: 'enabled' | 'disabled' | 'closed'
  readonly openedOn: Temporal.PlainDate
}

export interface CoreBalances {
  /** What the customer can spend now (ISO 20022 ITAV) and what is booked (ITBD). Both may be negative. */
  readonly available: Money
  readonly booked: Money
  readonly at: Temporal.Instant
}

export interface CoreEntry {
  /** Unique and stable within the account; later entries sort after earlier ones. */
  readonly ref: string
  readonly bookedOn: Temporal.PlainDate
  readonly valueOn: Temporal.PlainDate
  readonly direction: 'credit' | 'debit'
  /** Positive. */
  readonly amount: Money
  readonly status: 'booked' | 'pending'
  readonly text: string
  readonly counterparty?: { readonly name: string; readonly account: string }
}

/** What stood on an account when a day of the bank had ended. */
export interface CoreDayEnd {
  /** May be negative. */
  readonly booked: Money
  /** The day of the account's first entry; missing where it has none yet. */
  readonly since?: Temporal.PlainDate
}

export interface TransferOrder {
  /** At most 20 characters [A-Z0-9], ours, unique for ever: the same reference is the same transfer. */
  readonly reference: string
  readonly debtor: AccountRef
  readonly creditor: { readonly number: string; readonly bankCode: string; readonly name: string }
  readonly amount: Money
  readonly text: string
}

/**
 * `booked`: money moved. `accepted`: taken, will be booked later (closed window, other bank).
 * `rejected`: did not and will not move; `reasonCode` is ISO 20022 (AC04 closed, AM04 insufficient funds,
 * AC01 no such account, AG01 not allowed, MS03 not told). `unknown`: the core does not know this reference.
 */
export type TransferOutcome =
  | { readonly status: 'booked' | 'accepted' }
  | { readonly status: 'rejected'; readonly reasonCode: string }
  | { readonly status: 'unknown' }

/** Money that is promised from an account to a card scheme and has not moved. `text` names the merchant. */
export interface HoldOrder {
  /** As a transfer's: ours, unique for ever. */
  readonly reference: string
  readonly account: AccountRef
  /** Positive. */
  readonly amount: Money
  readonly text: string
}

/** `reasonCode` is ISO 20022, as a transfer's. */
export type HoldOutcome =
  | { readonly status: 'held' }
  | { readonly status: 'rejected'; readonly reasonCode: string }

/** A use of a hold: so much of it. */
export interface HoldUse {
  readonly reference: string
  /** The reference that the hold was placed by. */
  readonly hold: string
  readonly amount: Money
}

/**
 * Holds for cards. The same reference is the same thing, however often it is said; one that stands for something else,
 * and more than is still held, is `coreRefused`.
 */
export interface CoreHolds {
  place(order: HoldOrder): Promise<HoldOutcome>
  /** Moves part of a hold to the scheme. */
  capture(use: HoldUse): Promise<void>
  /** Gives part of a hold back to the account. */
  release(use: HoldUse): Promise<void>
  /** Gives back whatever is still held; a hold that comes after its cancellation is rejected (MS03). */
  cancel(hold: string): Promise<void>
  /** Moves money of the scheme to the account: a refund. */
  credit(order: HoldOrder): Promise<void>
}

export interface Core extends CoreIdentities {
  readonly name: string
  /** Missing where the core cannot hold money for cards: nothing is authorized there. */
  readonly holds?: CoreHolds
  /** Missing where the core puts down no files of its days: then nothing is reconciled with them. */
  readonly statements?: CoreStatements
  /** The bank itself among its core's customers; missing where nobody said who that is: then no account counts as its own. */
  readonly bankItself?: CustomerRef
  /** True where nobody stands behind the core: what happens outside of the bank may be made to happen by simulators. */
  readonly imagined?: true
  /** Banks of partners' own, and money that comes from other banks: only of a core that nobody stands behind. */
  readonly worlds?: WorldKeeper
  readonly outside?: CoreOutside
  customer(ref: CustomerRef): Promise<CoreCustomer | undefined>
  accountsOf(ref: CustomerRef): Promise<readonly CoreAccount[]>
  account(ref: AccountRef): Promise<CoreAccount | undefined>
  /** By 20-digit number within this bank. */
  accountByNumber(number: string): Promise<CoreAccount | undefined>
  /** Throws `coreRefused` where there is no such account; so does `entries`. */
  balances(ref: AccountRef): Promise<CoreBalances>
  /**
   * Newest first; `before` is an entry's ref, exclusive; days are inclusive. At most `limit` (≤ 100). Where a `direction`
   * is asked for, a core may leave out entries of the other one: those that it does not are left out above it.
   */
  entries(
    ref: AccountRef,
    filter: {
      from?: Temporal.PlainDate
      to?: Temporal.PlainDate
      before?: string
      direction?: CoreEntry['direction']
      limit: number
    },
  ): Promise<readonly CoreEntry[]>
  /** As if it were asked in the night behind `day`. Throws `coreRefused` where there is no such account. */
  bookedAt(ref: AccountRef, day: Temporal.PlainDate): Promise<CoreDayEnd>
  /** By ref; `after` is an arrangement's ref, exclusive. Throws `coreRefused` where there is no such account. */
  arrangements(
    ref: AccountRef,
    filter: { kind: CoreArrangement['kind']; after?: string; limit: number },
  ): Promise<readonly CoreArrangement[]>
  /**
   * Sends once. Where the answer was lost it asks the core by reference before it says anything:
   * it never sends the same order twice in effect, and throws `coreUnclear` when even the inquiry gives no
   * answer. A reference that stands for another order is `coreRefused`.
   */
  transfer(order: TransferOrder): Promise<TransferOutcome>
  /** Inquiry: what became of an order. */
  transferByReference(reference: string): Promise<TransferOutcome>
  /** Opens a card account for the customer and returns it; the same reference is the same account. */
  openCardAccount(order: {
    reference: string
    customer: CustomerRef
    currency: Money['currency']
  }): Promise<CoreAccount>
  /** Resolves when the core answers; throws one of the problems below when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The core cannot be reached, or did not answer in time. Nothing was changed. */
export const coreUnavailable = problem(
  'core/unavailable',
  503,
  'The bank’s core system is not answering',
)
/** The core refuses work in its nightly window. `Retry-After` says when it opens. */
export const coreClosed = problem(
  'core/closed',
  503,
  'The bank’s core system is closed for its end of day',
)
/** The core answered with something that its own description does not allow. Nothing of it was believed. */
export const coreGarbled = problem(
  'core/garbled',
  502,
  'The bank’s core system gave an answer that cannot be read',
)
/** An order was sent, its answer was lost and the inquiry failed too: ask again by reference. */
export const coreUnclear = problem(
  'core/unclear',
  503,
  'It is not yet known whether the bank’s core system took the order',
)
/** All sessions with the core are busy and the wait was too long. Nothing was sent. */
export const coreBusy = problem('core/busy', 503, 'The bank’s core system is at its limit')
/** This core does not do what is asked; another does. */
export const coreNotSupported = problem(
  'core/not-supported',
  409,
  'The bank’s core system does not do this',
)
/** The core refused for a reason that is not about the order itself. */
export const coreRefused = problem(
  'core/refused',
  502,
  'The bank’s core system refused the request',
)
