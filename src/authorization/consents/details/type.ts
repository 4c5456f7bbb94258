/** What a type of consent says about itself; a new type is a new file beside this one and a line in `index.ts`. */
import { z } from 'zod'
import type { ConsentAccount } from '#bank/contract.ts'
import { canonical } from '#kernel/canonical.ts'
import type { Language } from '#kernel/format.ts'
import { idOf } from '#kernel/id.ts'
import { Currency, Money } from '#kernel/money.ts'

/** Also the grant's id in OAuth, and `consent_id` in every token. */
export const ConsentId = idOf('consent')
export type ConsentId = z.output<typeof ConsentId>

/** FDX names. `ONE_TIME` is used up by what it allows; the others last until their end. */
export const Duration = z.enum(['ONE_TIME', 'TIME_BOUND', 'PERSISTENT'])
export type Duration = z.output<typeof Duration>

/** On what ground of law the partner is let in. */
export const LegalBasis = z.enum(['explicit-consent', 'payment-order', 'contract', 'law'])
export type LegalBasis = z.output<typeof LegalBasis>

/** For whom and where a page is written. */
export interface Reader {
  readonly language: Language
  readonly partner: string
  /** Zone of the bank's days. */
  readonly zone: string
  readonly expiresAt: Temporal.Instant
}

/** What a customer is asked, in plain words of their language. Purpose and end are the page's own to show. */
export interface Wording {
  /** One line of a list. */
  readonly short: string
  readonly title: string
  readonly lead: string
  /** On the button. */
  readonly approve: string
  /** What the partner will see, or may do. */
  readonly sees: readonly string[]
  readonly seesNot: readonly string[]
  /** What it can never do with this. */
  readonly never: string | undefined
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** A note below the facts. */
  readonly remark: string | undefined
  /** Above the accounts to pick from; undefined where none is picked. */
  readonly choose: string | undefined
}

export interface ConsentKind<Detail> {
  readonly schema: z.ZodType<Detail>
  /** Scopes that a customer gives with it; a scope that no asked type opens is not given. */
  readonly opens: readonly string[]
  readonly duration: Duration
  /** Lines of the cell's journal that say that it was used, of a type for one use. */
  readonly usedUpBy: readonly string[]
  /** Days that it lives: when the request names no end, and at most. */
  readonly days: { readonly usual: number; readonly most: number }
  /** The member by which a request names its end. */
  readonly end: 'expirationDateTime' | 'validTo' | null
  readonly legalBasis: LegalBasis
  /** How many accounts the customer picks. */
  readonly accounts: 'none' | 'one' | 'some'
  /** Days after which the customer must sign in again (Regulation (EU) 2022/2360); null: never. */
  readonly scaDays: number | null
  /** Unattended accesses a day, of each account and family: what this bank grants, never less than four (O57). */
  readonly accessesPerDay: number | null
  /** Days of history that are open once the customer is no longer there (O17, RTS Art. 10a); null: no history. */
  readonly unattendedHistoryDays: number | null
  /** Members of the detail that a later submission must repeat (dynamic linking, O20). */
  readonly binds: readonly `/${string}`[]
  /** Whether it can be given for this account. */
  fits(this: void, detail: Detail, account: ConsentAccount): boolean
  /** What the enriched detail says beyond accounts, consent and end (RFC 9396 §7). */
  enrichment(this: void, detail: Detail, accounts: readonly string[]): object
  wording(this: void, detail: Detail, reader: Reader): Wording
}

/** Sentences in each language, each a function of what it names. */
export type Words<T> = Readonly<Record<Language, T>>

/** In every type: a consent of the same application that this request authorises or renews. */
export const named = { consentId: ConsentId.optional() }

export const Instant = z.iso.datetime({ offset: true }).max(40)

/** Why, in the partner's own words; the page says that they are the partner's. */
export const Purpose = z.strictObject({
  code: z.string().regex(/^[A-Za-z0-9_-]{1,35}$/),
  text: z.string().min(1).max(280),
})
export type Purpose = z.output<typeof Purpose>

/** Checked as money, kept as it was written: what the page shows is what the gateway compares. */
export const PositiveMoney = z
  .strictObject({ amount: z.string().max(18), currency: Currency })
  .refine((value) => (Money.safeDecode(value).data?.minor ?? 0n) > 0n, {
    error: 'must be an amount above zero, with no more decimals than its currency has',
  })

export const AccountReference = z.strictObject({
  schemeName: z.string().min(1).max(40),
  identification: z.string().regex(/^[A-Za-z0-9]{1,34}$/),
  bankCode: z
    .string()
    .regex(/^[A-Za-z0-9]{1,35}$/)
    .optional(),
})

/** A list without twins. */
export const setOf = <T extends z.ZodType>(item: T, most: number) =>
  z
    .array(item)
    .min(1)
    .max(most)
    .refine((list) => new Set(list.map(canonical)).size === list.length, {
      error: 'names one thing twice',
    })

/** The account is the one that the request names, where it names one. */
export const isNamed = (
  reference: z.output<typeof AccountReference> | undefined,
  account: ConsentAccount,
): boolean => reference === undefined || account.identification === reference.identification
