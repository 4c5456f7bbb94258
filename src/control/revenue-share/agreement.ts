/** What a partner earns: which revenue of the bank is shared, how much of it, and by whom. Its terms never change. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { Decimal, exponentOf, ValueKind } from '#control/rating/index.ts'

export const AgreementId = idOf('share')
export type AgreementId = z.output<typeof AgreementId>

/** Per cent of a hundred, at most six decimals. */
const Percent = z.string().regex(/^(100(\.0{1,6})?|\d{1,2}(\.\d{1,6})?)$/, 'is 0 to 100 per cent')

export const Party = z.strictObject({
  partnerId: z.string(),
  /** Relative to the other parties': a whole number above zero. */
  weight: z.int().min(1).max(1_000_000),
})

export const AgreementTerms = z.strictObject({
  partnerId: z.string(),
  title: z.string().trim().min(1).max(120),
  /** What of the partner's customers it is computed from. */
  basis: ValueKind,
  /** Of the value, what is revenue of the bank: interchange of a clearing; 100 where the value is revenue itself. */
  incomePercent: Percent.default('100'),
  /** Of that revenue, what is shared. */
  sharePercent: Percent,
  /** For each event beside it: a referral commission. */
  perEvent: Decimal.default('0'),
  currency: z.string(),
  taxPercent: Decimal.nullable().default(null),
  /** What is earned goes to them by weight, to the last unit (B18). */
  parties: z.array(Party).min(1).max(20),
  /** What is taken back within so many days of what it takes back is earned no more. */
  clawbackDays: z.int().min(0).max(3_650),
  startsOn: z.iso.date(),
  endsOn: z.iso.date().nullable().default(null),
})
export type AgreementTerms = z.output<typeof AgreementTerms>

export type Agreement = AgreementTerms & { readonly id: AgreementId }

export const agreementRefused = problem(
  'revenue-share/agreement-refused',
  422,
  'The share cannot be agreed',
)
export const agreementNotFound = problem('revenue-share/not-found', 404, 'No such share')

/** Every mistake of the terms, with its place. */
export const agreementFaults = (terms: AgreementTerms): FieldError[] => {
  const errors: FieldError[] = []
  const add = (pointer: string, code: string, detail: string) =>
    void errors.push({ pointer, code, detail })
  if (exponentOf(terms.currency) === undefined)
    add('/currency', 'unknown', `ISO 4217 has no ${terms.currency}`)
  if (terms.perEvent.startsWith('-')) add('/perEvent', 'negative', 'is negative')
  if (terms.taxPercent?.startsWith('-')) add('/taxPercent', 'negative', 'is negative')
  const shares = /[1-9]/.test(terms.sharePercent) && /[1-9]/.test(terms.incomePercent)
  if (!shares && !/[1-9]/.test(terms.perEvent))
    add('/sharePercent', 'nothing', 'nothing would ever be earned')
  const names = terms.parties.map((p) => p.partnerId)
  names.forEach((name, i) => {
    if (names.indexOf(name) !== i) add(`/parties/${i}/partnerId`, 'duplicate', 'is a party already')
  })
  if (terms.basis === 'reported')
    add('/basis', 'unknown', 'what a partner reports is the bank’s to earn: that is a price')
  if (terms.endsOn !== null && terms.endsOn <= terms.startsOn)
    add('/endsOn', 'order', 'is not after the start')
  return errors
}
