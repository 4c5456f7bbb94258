import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { type FieldError, problem } from '#kernel/problem.ts'

/** A price of one unit as decimal text: not negative, at most twelve decimals, never a float. */
export const UnitPrice = z
  .string()
  .regex(
    /^(0|[1-9]\d{0,14})(\.\d{1,12})?$/,
    'is decimal text such as 36 or 0.25, not negative, at most 12 decimals',
  )

/** Unit prices by operation. Immutable once published: a contract stands on the version that it names. */
export const PriceVersion = z.object({
  id: z.string().regex(/^\d{4}-\d{2}(\.\d+)?$/, 'is a month such as 2026-11, or 2026-11.2'),
  currency: Currency,
  unitPrices: z.record(z.string(), UnitPrice),
  publishedAt: z.instanceof(Temporal.Instant),
})
export type PriceVersion = z.output<typeof PriceVersion>

export const priceVersionNotFound = problem(
  'catalogue/price-version-not-found',
  404,
  'No such price version',
)
export const priceVersionTaken = problem(
  'catalogue/price-version-taken',
  409,
  'A price version of this name is published',
)
export const pricesRefused = problem(
  'catalogue/prices-refused',
  422,
  'The prices cannot be published',
)

/** Every operation on offer has a price, and nothing else has one. */
export const pricesFit = (
  unitPrices: Readonly<Record<string, string>>,
  operations: readonly string[],
): FieldError[] => [
  ...operations
    .filter((operation) => !(operation in unitPrices))
    .map((operation) => ({
      pointer: `/unitPrices/${operation}`,
      code: 'missing',
      detail: 'an operation on offer has no price; free is 0',
    })),
  ...Object.keys(unitPrices)
    .filter((operation) => !operations.includes(operation))
    .map((operation) => ({
      pointer: `/unitPrices/${operation}`,
      code: 'unknown',
      detail: 'no product has this operation',
    })),
]

/** The list prices that the demonstration bank opens with, in so'm. */
export const firstPrices: Readonly<Record<string, string>> = {
  listAccounts: '36',
  getAccount: '36',
  getBalances: '36',
  listTransactions: '60',
  verifyOwnership: '220',
  createPayment: '500',
  getPayment: '22',
  getProgrammeAccount: '22',
  createSplitPayment: '1200',
  getSplitPayment: '22',
  releaseLeg: '300',
  createRefund: '500',
  issueCard: '3200',
  listCards: '22',
  getCard: '22',
  changeCardStatus: '150',
  revealCard: '900',
  createVerification: '1800',
  listVerifications: '22',
  getVerification: '22',
  addVerificationDocument: '150',
  submitVerification: '2400',
  eraseVerification: '0',
  createBusiness: '4200',
  getBusiness: '22',
  createScreening: '900',
  getScreening: '22',
  answerPredicates: '350',
  shareClaims: '2600',
  listSigningKeys: '0',
  listFxRates: '22',
  createFxQuote: '60',
  getFxQuote: '22',
  cancelFxQuote: '22',
  createConversion: '1200',
  getConversion: '22',
  unwindConversion: '1200',
}
