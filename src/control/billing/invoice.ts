/** An invoice's life: drafted as often as needed, issued once, then paid; what was issued never changes. */
import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { Content } from './content.ts'

export const InvoiceId = idOf('invoice')
export type InvoiceId = z.output<typeof InvoiceId>

export const InvoiceStatus = z.enum(['draft', 'final', 'partly_paid', 'paid', 'void'])
export type InvoiceStatus = z.output<typeof InvoiceStatus>

const Minor = z.string().transform(BigInt)
const Instant = z.instanceof(Temporal.Instant)
const PlainDate = z.instanceof(Temporal.PlainDate)

export const Invoice = z.object({
  id: InvoiceId,
  partnerId: z.string(),
  kind: z.enum(['invoice', 'credit_note', 'debit_note']),
  currency: z.string(),
  exponent: z.number(),
  periodStart: PlainDate,
  periodEnd: PlainDate,
  status: InvoiceStatus,
  number: z.string().nullable(),
  credits: InvoiceId.nullable(),
  content: z.union([Content, z.lazy(() => NoteContent)]),
  sha256: z.string(),
  netMinor: Minor,
  taxMinor: Minor,
  paidMinor: Minor,
  draftedAt: Instant,
  issuedAt: Instant.nullable(),
  dueOn: PlainDate.nullable(),
})
export type Invoice = z.output<typeof Invoice>

/** What a note says: of which line of which invoice how much is taken back (below zero) or added, and why. */
export const NoteContent = z.strictObject({
  format: z.literal('portico.credit-note/1'),
  engine: z.string(),
  invoice: z.strictObject({ id: z.string(), number: z.string() }),
  line: z.strictObject({ section: z.int().min(0), n: z.int().min(0), item: z.string() }),
  reason: z.string(),
  currency: z.string(),
  exponent: z.int(),
  net: z.string(),
  tax: z.string(),
  gross: z.string(),
})
export type NoteContent = z.output<typeof NoteContent>

export const invoiceNotFound = problem('billing/not-found', 404, 'No such invoice')
export const monthInvalid = problem('billing/month-invalid', 422, 'The month cannot be billed')
export const usageIncomplete = problem(
  'billing/usage-incomplete',
  409,
  'Calls were made that have not been counted',
)
export const wrongStep = problem('billing/wrong-step', 409, 'The invoice is not at this step')
export const creditRefused = problem(
  'billing/credit-refused',
  422,
  'The line has no more to credit',
)
export const paymentRefused = problem('billing/payment-refused', 422, 'The payment does not fit')

/** The only way between the states of what was issued: by what has been paid of it. */
export const statusWhenPaid = (
  { status, netMinor, taxMinor }: Pick<Invoice, 'status' | 'netMinor' | 'taxMinor'>,
  paidMinor: bigint,
): InvoiceStatus => {
  if (status === 'draft' || status === 'void') throw wrongStep(`it is ${status}`)
  if (paidMinor >= netMinor + taxMinor) return 'paid'
  return paidMinor === 0n ? 'final' : 'partly_paid'
}

/** Days after the month's end during which what gateways still tell comes into the draft (B32). */
export const GRACE_HOURS = 72
export const DUE_DAYS = 30
/** Months of before that a run looks at again. */
export const LATE_DAYS = 60
