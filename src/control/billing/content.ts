/** What an invoice says, and all that it was computed from: whoever has it can do the sum again (B39). */
import { z } from 'zod'
import { Decimal, InvoiceInput, ServiceCreditInput } from '#control/rating/index.ts'

const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
/** Half-open. */
export const Month = z.strictObject({ zone: z.string(), start: Day, end: Day })
export type Month = z.output<typeof Month>

const Part = z.strictObject({
  what: z.string(),
  quantity: z.string(),
  price: z.string(),
  amount: z.string(),
  upTo: z.string().nullable().optional(),
})

export const ContentLine = z.strictObject({
  /** Charge and kind: what was booked of it before is found by this. */
  item: z.string(),
  kind: z.enum(['usage', 'overage', 'minimum', 'commitment', 'fee', 'credit', 'service_credit']),
  title: z.string(),
  /** What is billed now: the rounded whole, less what was booked. */
  amount: Decimal,
  /** Of the whole period. */
  whole: Decimal,
  booked: Decimal,
  quantity: z.string().optional(),
  exact: z.string().optional(),
  parts: z.array(Part).optional(),
  taxPercent: Decimal.optional(),
})
export type ContentLine = z.output<typeof ContentLine>

/** A promise that was not kept, and what the contract gives back for it: with all that it was judged by. */
export const BrokenPromise = z.strictObject({
  item: z.string(),
  title: z.string(),
  /** As it is printed; what counts stands in the input. */
  reached: z.string(),
  /** Hex SHA-256 of the evaluation, whose slices and exclusions can be asked for. */
  evaluation: z.string(),
  taxPercent: Decimal.optional(),
  input: ServiceCreditInput,
})
export type BrokenPromise = z.output<typeof BrokenPromise>

/** What one contract came to in one period: that of the invoice, or an earlier one of which more became known. */
export const Section = z.strictObject({
  period: Month,
  contractId: z.string().nullable(),
  priceVersion: z.string(),
  tier: z.string().nullable(),
  input: InvoiceInput,
  /** Of items that were billed for this period before. */
  booked: z.record(z.string(), Decimal),
  titles: z.record(z.string(), z.string()),
  serviceLevels: z.array(BrokenPromise).optional(),
  lines: z.array(ContentLine),
})
export type Section = z.output<typeof Section>

export const Content = z.strictObject({
  format: z.literal('portico.invoice/1'),
  engine: z.string(),
  bank: z.strictObject({ name: z.string() }),
  partner: z.strictObject({ id: z.string(), legalName: z.string(), country: z.string() }),
  currency: z.string(),
  exponent: z.int(),
  rounding: z.enum(['half_up', 'half_even']),
  period: Month,
  sections: z.array(Section),
  tax: z.array(z.strictObject({ percent: Decimal, base: Decimal, amount: Decimal })),
  totals: z.strictObject({ net: Decimal, tax: Decimal, gross: Decimal }),
})
export type Content = z.output<typeof Content>
