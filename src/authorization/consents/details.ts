/** The types of consent, as data: what each carries (RFC 9396), which scopes it opens, how long it may live. */
import { z } from 'zod'
import { Currency, Money } from '#kernel/money.ts'

/** OBIE account-access permissions that this bank serves. */
export const AccountPermission = z.enum([
  'ReadAccountsBasic',
  'ReadAccountsDetail',
  'ReadBalances',
  'ReadTransactionsBasic',
  'ReadTransactionsDetail',
  'ReadTransactionsCredits',
  'ReadTransactionsDebits',
])
export type AccountPermission = z.output<typeof AccountPermission>

/** Why, in the partner's own words; the page says that they are the partner's. */
const Purpose = z.strictObject({
  code: z.string().regex(/^[A-Za-z0-9_-]{1,35}$/),
  text: z.string().min(1).max(280),
})

/** Checked as money, kept as it was written: what the page shows is what the gateway compares. */
const PositiveMoney = z
  .strictObject({ amount: z.string().max(18), currency: Currency })
  .refine((value) => (Money.safeDecode(value).data?.minor ?? 0n) > 0n, {
    error: 'must be an amount above zero, with no more decimals than its currency has',
  })

const Instant = z.iso.datetime({ offset: true })

export const AccountsDetail = z.strictObject({
  type: z.literal('urn:bank:accounts:v1'),
  permissions: z
    .array(AccountPermission)
    .min(1)
    .refine((list) => new Set(list).size === list.length, { error: 'names one permission twice' })
    .refine((list) => list.some((p) => p.startsWith('ReadAccounts')), {
      error: 'needs ReadAccountsBasic or ReadAccountsDetail',
    }),
  purpose: Purpose.optional(),
  expirationDateTime: Instant.optional(),
})

export const PaymentDetail = z.strictObject({
  type: z.literal('urn:bank:payment:v1'),
  instructedAmount: PositiveMoney,
  creditorAccount: z.strictObject({
    schemeName: z.string().min(1).max(40),
    identification: z.string().regex(/^[A-Za-z0-9]{1,34}$/),
    bankCode: z
      .string()
      .regex(/^[A-Za-z0-9]{1,35}$/)
      .optional(),
  }),
  creditorName: z.string().min(1).max(140),
  /** ISO 20022 Max35Text. */
  endToEndIdentification: z.string().min(1).max(35).optional(),
})

export const CardIssueDetail = z.strictObject({
  type: z.literal('urn:bank:card-issue:v1'),
  cardType: z.literal('virtual'),
  currency: Currency,
  purpose: Purpose.optional(),
})

export const ConsentDetail = z.discriminatedUnion('type', [
  AccountsDetail,
  PaymentDetail,
  CardIssueDetail,
])
export type ConsentDetail = z.output<typeof ConsentDetail>
export type ConsentType = ConsentDetail['type']

interface Decided {
  readonly consentId: string
  readonly accounts: readonly string[]
  readonly expirationDateTime: string
}

/** A detail as tokens carry it. */
export type EnrichedDetail =
  | (z.output<typeof AccountsDetail> & Decided)
  | (z.output<typeof PaymentDetail> & Decided & { readonly debtorAccount: string | undefined })
  | (z.output<typeof CardIssueDetail> & Decided & { readonly holderAccount: string | undefined })

interface Kind {
  readonly schema: z.ZodType<ConsentDetail>
  /** Scopes that a customer gives with it; a scope that no asked type opens is not given. */
  readonly opens: readonly string[]
  /** Days that it lives: when the request names no end, and at most. */
  readonly days: { readonly usual: number; readonly most: number }
  /** How many accounts the customer picks. */
  readonly accounts: 'one' | 'some'
}

export const consentTypes: Readonly<Record<ConsentType, Kind>> = {
  'urn:bank:accounts:v1': {
    schema: AccountsDetail,
    opens: ['accounts'],
    days: { usual: 180, most: 365 },
    accounts: 'some',
  },
  'urn:bank:payment:v1': {
    schema: PaymentDetail,
    opens: ['payments', 'payments:split'],
    days: { usual: 1, most: 1 },
    accounts: 'one',
  },
  'urn:bank:card-issue:v1': {
    schema: CardIssueDetail,
    opens: ['cards:read', 'cards:issue', 'cards:reveal'],
    days: { usual: 365, most: 365 },
    accounts: 'one',
  },
}

/** Scopes that an application has for itself: no customer stands behind them. */
export const ownScopes = ['accounts:verify'] as const

export const isConsentType = (type: string): type is ConsentType =>
  Object.hasOwn(consentTypes, type)

/** All scopes of the cell's API (RFC 6749 §3.3). */
export const scopes: readonly string[] = [
  ...new Set([...ownScopes, ...Object.values(consentTypes).flatMap((kind) => kind.opens)]),
]

const HOURS_A_DAY = 24

/** When a consent asked for now would end: as asked, or after its usual days. */
export const endOf = (detail: ConsentDetail, now: Temporal.Instant): Temporal.Instant =>
  'expirationDateTime' in detail && detail.expirationDateTime !== undefined
    ? Temporal.Instant.from(detail.expirationDateTime)
    : now
        .add({ hours: HOURS_A_DAY * consentTypes[detail.type].days.usual })
        .round({ smallestUnit: 'second', roundingMode: 'floor' })

/** What is wrong with an asked end, in words for the partner. */
export const endUnfit = (detail: ConsentDetail, now: Temporal.Instant): string | undefined => {
  const end = endOf(detail, now)
  const { most } = consentTypes[detail.type].days
  if (Temporal.Instant.compare(end, now) <= 0) return 'expirationDateTime has passed'
  // A day more: partners count days in their own zone.
  return Temporal.Instant.compare(end, now.add({ hours: HOURS_A_DAY * (most + 1) })) > 0
    ? `expirationDateTime is more than ${most} days ahead`
    : undefined
}
