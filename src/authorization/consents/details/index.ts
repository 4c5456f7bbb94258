/** The types of consent, as data: what each carries (RFC 9396), which scopes it opens, how long it may live, how it is told. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { accounts, AccountsDetail } from './accounts.ts'
import { cardIssue, CardIssueDetail } from './card-issue.ts'
import { fundsConfirmation, FundsConfirmationDetail } from './funds-confirmation.ts'
import { fxConvert, FxConvertDetail } from './fx-convert.ts'
import { kycClaims, KycClaimsDetail } from './kyc-claims.ts'
import { lendingApply, LendingApplyDetail, lendingRead, LendingReadDetail } from './lending.ts'
import { mandate, MandateDetail } from './mandate.ts'
import { ownershipVerification, OwnershipVerificationDetail } from './ownership-verification.ts'
import { payment, PaymentDetail } from './payment.ts'
import { type ConsentKind, Purpose } from './type.ts'

export { AccountPermission } from './accounts.ts'
export {
  ConsentId,
  type ConsentKind,
  Duration,
  LegalBasis,
  Purpose,
  type Reader,
  type Wording,
} from './type.ts'

export const ConsentDetail = z.discriminatedUnion('type', [
  AccountsDetail,
  FundsConfirmationDetail,
  OwnershipVerificationDetail,
  PaymentDetail,
  MandateDetail,
  CardIssueDetail,
  LendingReadDetail,
  LendingApplyDetail,
  KycClaimsDetail,
  FxConvertDetail,
])
export type ConsentDetail = z.output<typeof ConsentDetail>
export type ConsentType = ConsentDetail['type']

export const consentTypes: Readonly<Record<ConsentType, ConsentKind<ConsentDetail>>> = {
  'urn:bank:accounts:v1': accounts,
  'urn:bank:funds-confirmation:v1': fundsConfirmation,
  'urn:bank:ownership-verification:v1': ownershipVerification,
  'urn:bank:payment:v1': payment,
  'urn:bank:mandate:v1': mandate,
  'urn:bank:card-issue:v1': cardIssue,
  'urn:bank:lending-read:v1': lendingRead,
  'urn:bank:lending-apply:v1': lendingApply,
  'urn:bank:kyc-claims:v1': kycClaims,
  'urn:bank:fx-convert:v1': fxConvert,
}

/** A detail as tokens carry it: what was asked, and what the customer decided. */
export type EnrichedDetail = ConsentDetail & {
  readonly consentId: string
  readonly accounts: readonly string[]
  readonly expirationDateTime: string
}

/** Scopes that an application has for itself: no customer stands behind them. */
export const ownScopes = ['accounts:verify', 'fx:rates', 'fx:quotes'] as const

export const isConsentType = (type: string): type is ConsentType =>
  Object.hasOwn(consentTypes, type)

/** All scopes of the cell's API (RFC 6749 §3.3). */
export const scopes: readonly string[] = [
  ...new Set([...ownScopes, ...Object.values(consentTypes).flatMap((kind) => kind.opens)]),
]

/** The partner's purpose, where its type has one. */
export const purposeOf = (detail: ConsentDetail): Purpose | null =>
  'purpose' in detail ? (detail.purpose ?? null) : null

const memberAt = (detail: ConsentDetail, member: string): unknown =>
  Object.entries(detail).find(([name]) => name === member)?.[1]

const HOURS_A_DAY = 24

/** When a consent asked for now would end: as asked, or after its usual days. */
export const endOf = (detail: ConsentDetail, now: Temporal.Instant): Temporal.Instant => {
  const { end, days } = consentTypes[detail.type]
  const asked = end && memberAt(detail, end)
  return typeof asked === 'string'
    ? Temporal.Instant.from(asked)
    : now
        .add({ hours: HOURS_A_DAY * days.usual })
        .round({ smallestUnit: 'second', roundingMode: 'floor' })
}

/** What is wrong with an asked end, in words for the partner. */
export const endUnfit = (detail: ConsentDetail, now: Temporal.Instant): string | undefined => {
  const end = endOf(detail, now)
  const { most } = consentTypes[detail.type].days
  if (Temporal.Instant.compare(end, now) <= 0) return 'its end has passed'
  // A day more: partners count days in their own zone.
  return Temporal.Instant.compare(end, now.add({ hours: HOURS_A_DAY * (most + 1) })) > 0
    ? `its end is more than ${most} days ahead`
    : undefined
}

/** The least that the law lets a bank grant (RTS Art. 36(5)(b)). */
const ACCESSES_LEAST = 4

/** Unattended accesses a day: what the partner would like, within what the bank grants, and never fewer than four. */
export const frequencyOf = (detail: ConsentDetail): number => {
  const granted = consentTypes[detail.type].accessesPerDay ?? ACCESSES_LEAST
  const asked = 'frequencyPerDay' in detail ? (detail.frequencyPerDay ?? granted) : granted
  return Math.max(ACCESSES_LEAST, Math.min(asked, granted))
}

/** SHA-256 of what a submission must repeat; null where nothing is bound. The same before and after it was kept. */
export const linkOf = (detail: ConsentDetail): Uint8Array<ArrayBuffer> | null => {
  const { binds } = consentTypes[detail.type]
  if (binds.length === 0) return null
  const bound = binds.map((pointer) => [pointer, memberAt(detail, pointer.slice(1)) ?? null])
  return new Uint8Array(createHash('sha256').update(canonical(bound)).digest())
}

/** What two details must share for the one to renew the other: all but the consent's name and its end. */
export const essenceOf = (detail: ConsentDetail): string => {
  const { end } = consentTypes[detail.type]
  const members = Object.entries(detail).filter(([name]) => name !== 'consentId' && name !== end)
  return canonical(Object.fromEntries(members))
}

/** The same detail with another end; undefined where its type names none. */
export const lasting = (detail: ConsentDetail, until: string): ConsentDetail | undefined => {
  const { end } = consentTypes[detail.type]
  return end === null ? undefined : ConsentDetail.safeParse({ ...detail, [end]: until }).data
}
