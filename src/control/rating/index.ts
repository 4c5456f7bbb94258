/** Rating: a pure function of terms and usage. No clock, no database: the same input gives the same lines for ever (B39). */
import { amountText, exponentOf } from './currency.ts'
import { invoiceLines, type Line, type LineJson, lineJson } from './invoice.ts'
import { type RatingFault, RatingRefused } from './refusal.ts'
import { creditNoteLines, serviceCreditLines, splitLines } from './settlements.ts'
import type { RatingInput } from './terms.ts'

export { amountText, exponentOf, minorText } from './currency.ts'
export { decimal, isAbove, sum } from './fraction.ts'
export {
  invoiceLines,
  type Line,
  type LineJson,
  lineJson,
  type LineKind,
  taxLines,
} from './invoice.ts'
export { chargeFaults, commitmentFaults, feeFaults } from './prices.ts'
export {
  chargeOver,
  chargeOverValues,
  noTerms,
  type PlanCharge,
  type PlanCommitment,
  type PlanFee,
  PriceTerms,
  termsFaults,
  type TermsFault,
  ValueKind,
} from './plan.ts'
export { type RatingFault, RatingRefused } from './refusal.ts'
export {
  Charge,
  Commitment,
  Credit,
  Decimal,
  Fee,
  InvoiceInput,
  meantInput,
  type RatedEvent,
  RatingInput,
  ServiceCreditInput,
} from './terms.ts'

/** Changes whenever the same input could give other lines: it is kept with every invoice. */
export const ENGINE = '1'

export interface RatingOutcome {
  readonly currency: string
  readonly exponent: number
  readonly lines: readonly Line[]
  /** Σ lines. */
  readonly minor: bigint
}

/** Throws `RatingRefused`. */
export const rate = (input: RatingInput): RatingOutcome => {
  const exponent = input.exponent ?? exponentOf(input.currency)
  if (exponent === undefined)
    throw new RatingRefused('unknown_currency', '/currency', `ISO 4217 has no ${input.currency}`)
  const lines = linesOf(input, exponent)
  return {
    currency: input.currency,
    exponent,
    lines,
    minor: lines.reduce((sum, { minor }) => sum + minor, 0n),
  }
}

const linesOf = (input: RatingInput, exponent: number): Line[] => {
  if ('split' in input) return splitLines(input, exponent)
  if ('sla' in input) return serviceCreditLines(input, exponent)
  if ('creditNote' in input) return creditNoteLines(input, exponent)
  return invoiceLines(input, exponent)
}

export type RatingAnswer =
  | { readonly amount: string; readonly lines: readonly LineJson[] }
  | { readonly error: RatingFault; readonly pointer: string; readonly detail: string }

/** What `portico rate` prints: a refusal is an answer. */
export const ratingAnswer = (input: RatingInput): RatingAnswer => {
  try {
    const { minor, exponent, lines } = rate(input)
    return { amount: amountText(minor, exponent), lines: lines.map((l) => lineJson(l, exponent)) }
  } catch (error) {
    if (!(error instanceof RatingRefused)) throw error
    return { error: error.fault, pointer: error.pointer, detail: error.detail }
  }
}
