/** An account as a partner may see it: ids of their own, names of OBIE and ISO 20022, nothing of the core's. */
import { z } from 'zod'
import { type Money, moneyJson } from '#kernel/money.ts'
import { Instant, isBefore } from '#kernel/time.ts'
import type { CoreAccount, CoreBalances, CoreEntry } from '../cores/core.ts'

/** What a partner calls an account of one customer. */
export const Alias = z.object({
  accountId: z.string(),
  partnerId: z.string(),
  subject: z.string(),
  customerRef: z.string(),
  accountRef: z.string(),
  bankCode: z.string(),
  currency: z.string(),
})
export type Alias = z.output<typeof Alias>

/** The part of a consent that opens accounts (RFC 9396), as the authorization server enriched it. */
export const AccountsDetail = z.looseObject({
  type: z.literal('urn:bank:accounts:v1'),
  permissions: z.array(z.string()),
  accounts: z.array(z.string()),
  /** Booking times that may be read; open where it is missing. */
  transactionFromDateTime: Instant.optional(),
  transactionToDateTime: Instant.optional(),
})

/** Which accounts the details of a call open for any of these permissions, and all permissions for each. */
export const grantsOf = (
  details: readonly { readonly type: string }[],
  anyOf: readonly string[],
): Map<string, ReadonlySet<string>> => {
  const grants = new Map<string, ReadonlySet<string>>()
  for (const detail of details) {
    const parsed = AccountsDetail.safeParse(detail)
    if (!parsed.success) continue
    const { accounts, permissions } = parsed.data
    if (!permissions.some((permission) => anyOf.includes(permission))) continue
    for (const id of accounts)
      grants.set(id, new Set(permissions).union(grants.get(id) ?? new Set()))
  }
  return grants
}

const statuses = { enabled: 'Enabled', disabled: 'Disabled', closed: 'Deleted' } as const
const typeCodes = { current: 'CACC', savings: 'SVGS', card: 'CARD', settlement: 'SACC' } as const

/** `ownerName` is known only where the consent has Detail, and so are the members that go with it. */
export const accountJson = (alias: Alias, account: CoreAccount, ownerName?: string) => ({
  accountId: alias.accountId,
  status: statuses[account.status],
  currency: account.currency,
  accountTypeCode: typeCodes[account.kind],
  nickname: account.nickname,
  openingDate: account.openedOn.toString(),
  ...(ownerName !== undefined && {
    account: [
      {
        schemeName: 'UZ.AccountNumber',
        identification: account.number,
        bankCode: account.bankCode,
        name: ownerName,
      },
    ],
  }),
})

export const sideOf = ({ minor, currency }: Money) => ({
  creditDebitIndicator: minor < 0n ? 'Debit' : 'Credit',
  amount: moneyJson({ minor: minor < 0n ? -minor : minor, currency }),
})

export const balancesJson = ({ accountId }: Alias, { available, booked, at }: CoreBalances) =>
  [
    { type: 'ITAV', of: available },
    { type: 'ITBD', of: booked },
  ].map(({ type, of }) => ({ accountId, type, ...sideOf(of), dateTime: at.toString() }))

/** A page of a hundred lines has few days, and a day in a zone takes longer to find than the rest of a line. */
const begun = new WeakMap<Temporal.PlainDate, { readonly zone: string; readonly text: string }>()

/** A day of the bank as the instant at which it begins there, with its offset. */
export const beginOf = (day: Temporal.PlainDate, zone: string): string => {
  const held = begun.get(day)
  if (held?.zone === zone) return held.text
  const text = day.toZonedDateTime(zone).toString({ timeZoneName: 'never' })
  begun.set(day, { zone, text })
  return text
}

export const transactionJson = (
  { accountId }: Alias,
  entry: CoreEntry,
  { transactionId, zone, detail }: { transactionId: string; zone: string; detail: boolean },
) => ({
  transactionId,
  accountId,
  creditDebitIndicator: entry.direction === 'credit' ? 'Credit' : 'Debit',
  status: entry.status === 'booked' ? 'BOOK' : 'PDNG',
  bookingDateTime: beginOf(entry.bookedOn, zone),
  valueDateTime: beginOf(entry.valueOn, zone),
  amount: moneyJson(entry.amount),
  ...(detail && { transactionInformation: entry.text, ...counterpartyJson(entry) }),
})

const counterpartyJson = ({ counterparty, direction }: CoreEntry) => {
  if (!counterparty || (!counterparty.name && !counterparty.account)) return {}
  const { name, account } = counterparty
  const other = {
    ...(/^\d{20}$/.test(account) && {
      schemeName: 'UZ.AccountNumber',
      identification: account,
    }),
    ...(name && { name }),
  }
  return direction === 'credit' ? { debtorAccount: other } : { creditorAccount: other }
}

/** What every list is asked with. */
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25),
  cursor: z.string().max(512).optional(),
})
export type PageQuery = z.output<typeof PageQuery>

export const TransactionsQuery = PageQuery.extend({
  fromBookingDateTime: Instant.optional(),
  toBookingDateTime: Instant.optional(),
  creditDebitIndicator: z.enum(['Credit', 'Debit']).optional(),
})
export type TransactionsQuery = z.output<typeof TransactionsQuery>

/** From when until when the consent opens an account: what lies outside is as if it had never been. */
export const timesOpened = (
  details: readonly { readonly type: string }[],
  accountId: string,
): { from?: Temporal.Instant; to?: Temporal.Instant } =>
  details.reduce((times: { from?: Temporal.Instant; to?: Temporal.Instant }, detail) => {
    const parsed = AccountsDetail.safeParse(detail)
    if (!parsed.success || !parsed.data.accounts.includes(accountId)) return times
    const { transactionFromDateTime: from, transactionToDateTime: to } = parsed.data
    return narrowed(times, { from, to })
  }, {})

interface Times {
  readonly from?: Temporal.Instant | undefined
  readonly to?: Temporal.Instant | undefined
}

/** The later beginning and the earlier end. */
const narrowed = (a: Times, b: Times) => {
  const from = a.from && b.from ? (isBefore(a.from, b.from) ? b.from : a.from) : (a.from ?? b.from)
  const to = a.to && b.to ? (isBefore(a.to, b.to) ? a.to : b.to) : (a.to ?? b.to)
  return { ...(from && { from }), ...(to && { to }) }
}

/** The part of what is asked that the consent opens for the account. */
export const withinConsent = (
  query: TransactionsQuery,
  details: readonly { readonly type: string }[],
  accountId: string,
): TransactionsQuery => {
  const { fromBookingDateTime, toBookingDateTime, ...rest } = query
  const asked = { from: fromBookingDateTime, to: toBookingDateTime }
  const { from, to } = narrowed(asked, timesOpened(details, accountId))
  return {
    ...rest,
    ...(from && { fromBookingDateTime: from }),
    ...(to && { toBookingDateTime: to }),
  }
}

/** The days whose beginning lies between the two instants; undefined where there can be none. */
export const daysBetween = (
  { fromBookingDateTime: from, toBookingDateTime: to }: TransactionsQuery,
  zone: string,
): { from?: Temporal.PlainDate; to?: Temporal.PlainDate } | undefined => {
  const first = from && firstDayFrom(from, zone)
  const last = to?.toZonedDateTimeISO(zone).toPlainDate()
  if (first && last && Temporal.PlainDate.compare(first, last) > 0) return undefined
  return { ...(first && { from: first }), ...(last && { to: last }) }
}

const firstDayFrom = (from: Temporal.Instant, zone: string): Temporal.PlainDate => {
  const at = from.toZonedDateTimeISO(zone)
  const day = at.toPlainDate()
  return at.equals(at.startOfDay()) ? day : day.add({ days: 1 })
}

const directions = [
  ['credit', 'Credit', 'ReadTransactionsCredits'],
  ['debit', 'Debit', 'ReadTransactionsDebits'],
] as const

/** Which sides of an account a consent lets be listed, of those that are asked for. */
export const directionsOf = (
  permissions: ReadonlySet<string>,
  asked?: TransactionsQuery['creditDebitIndicator'],
): CoreEntry['direction'][] =>
  directions
    .filter(([, side, permission]) => permissions.has(permission) && (asked ?? side) === side)
    .map(([direction]) => direction)
