/** One line of a file, whatever the format: text as it was written, checked member by member. */
import { type Currency, minorOf } from '#kernel/money.ts'
import { holdsCardNumber } from '#platform/card-guard.ts'
import type { BulkId, Line } from './bulk.ts'

/** A line as a format gives it: all text, or missing. */
export interface RawLine {
  readonly creditorAccount?: string | undefined
  readonly bankCode?: string | undefined
  readonly creditorName?: string | undefined
  readonly amount?: string | undefined
  readonly currency?: string | undefined
  readonly endToEndIdentification?: string | undefined
  readonly remittanceInformation?: string | undefined
}

export const members = [
  'creditorAccount',
  'bankCode',
  'creditorName',
  'amount',
  'currency',
  'endToEndIdentification',
  'remittanceInformation',
] as const

const isText = (text: string, max: number) => text.length <= max && /^\P{Cc}+$/u.test(text)

/** What is wrong with a line, the first thing; undefined where nothing is. */
const faultOf = (raw: RawLine, minor: bigint | undefined, currency: Currency) => {
  if (raw.currency !== currency) return `currency: is not ${currency}`
  if (minor === undefined || minor <= 0n) return 'amount: is no amount above zero'
  if (!/^\d{20}$/.test(raw.creditorAccount ?? ''))
    return 'creditorAccount: is no account number of 20 digits'
  if (raw.bankCode !== undefined && !/^\d{5}$/.test(raw.bankCode))
    return 'bankCode: is no code of five digits'
  if (raw.creditorName === undefined || !isText(raw.creditorName, 140))
    return 'creditorName: is no text of 1 to 140 characters'
  const { endToEndIdentification: reference, remittanceInformation: remittance } = raw
  if (reference !== undefined && !isText(reference, 35))
    return 'endToEndIdentification: is no text of 1 to 35 characters'
  if (remittance !== undefined && !isText(remittance, 140))
    return 'remittanceInformation: is no text of 1 to 140 characters'
  const written = [raw.creditorName, reference ?? '', remittance ?? '']
  return written.some((text) => holdsCardNumber(text))
    ? 'holds what reads as a card number'
    : undefined
}

/** The partner's own name of a line, by which it finds the line again; kept of one with a fault too, where it is itself sound. */
const referenceOf = ({ endToEndIdentification: reference }: RawLine): string | null =>
  reference !== undefined && isText(reference, 35) && !holdsCardNumber(reference) ? reference : null

/** The line to keep. A fault is the line's own, FF01 (invalid file format), and says nothing else of what was written. */
export const lineOf = (bulkId: BulkId, line: number, raw: RawLine, currency: Currency): Line => {
  const minor =
    raw.amount === undefined || raw.currency !== currency
      ? undefined
      : minorOf(raw.amount, currency)
  const detail = faultOf(raw, minor, currency)
  const sound = detail === undefined
  return {
    bulkId,
    line,
    amountMinor: minor === undefined || minor <= 0n ? null : minor,
    creditorNumber: sound ? (raw.creditorAccount ?? null) : null,
    creditorBank: sound ? (raw.bankCode ?? null) : null,
    creditorName: sound ? (raw.creditorName ?? null) : null,
    endToEndId: referenceOf(raw),
    remittance: sound ? (raw.remittanceInformation ?? null) : null,
    reasonCode: sound ? null : 'FF01',
    detail: detail ?? null,
  }
}
