import { z } from 'zod'
import { Currency } from '#kernel/money.ts'
import { type FieldError, problem } from '#kernel/problem.ts'
import { noTerms, PriceTerms, termsFaults } from '#control/rating/index.ts'

/** A price of one unit as decimal text: not negative, at most twelve decimals, never a float. */
export const UnitPrice = z
  .string()
  .regex(
    /^(0|[1-9]\d{0,14})(\.\d{1,12})?$/,
    'is decimal text such as 36 or 0.25, not negative, at most 12 decimals',
  )

/** Unit prices by operation, and terms over many calls. Immutable once published: a contract stands on the version that it names. */
export const PriceVersion = z.object({
  id: z.string().regex(/^\d{4}-\d{2}(\.\d+)?$/, 'is a month such as 2026-11, or 2026-11.2'),
  currency: Currency,
  unitPrices: z.record(z.string(), UnitPrice),
  terms: PriceTerms.default(noTerms),
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

/** Every operation on offer has a price, nothing else has one, and terms are whole. */
export const pricesFit = (
  { unitPrices, terms }: Pick<PriceVersion, 'unitPrices' | 'terms'>,
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
  ...termsFaults(terms, unitPrices).map((fault) => ({
    ...fault,
    pointer: `/terms${fault.pointer}`,
  })),
]

/** The list prices that the demonstration bank opens with, in so'm. */
export const firstPrices: Readonly<Record<string, string>> = {
  listAccounts: '36',
  getAccount: '36',
  getBalances: '36',
  listTransactions: '60',
  listStatements: '36',
  getStatement: '36',
  getStatementFile: '240',
  listStandingOrders: '36',
  listDirectDebits: '36',
  listScheduledPayments: '36',
  listBeneficiaries: '36',
  getParty: '36',
  getProduct: '22',
  confirmFunds: '90',
  verifyOwnership: '220',
  createPayment: '500',
  getPayment: '22',
  listPayments: '22',
  getPaymentDetails: '22',
  cancelPayment: '150',
  createPaymentRefund: '500',
  createRecall: '500',
  listRecalls: '22',
  getRecall: '22',
  answerRecall: '150',
  createStandingPayment: '500',
  getStandingPayment: '22',
  cancelStandingPayment: '150',
  createMandate: '500',
  getMandate: '22',
  createMandatePayment: '500',
  verifyPayee: '150',
  createBulkPayment: '1500',
  getBulkPayment: '22',
  uploadBulkFile: '150',
  getBulkReport: '36',
  authoriseBulkPayment: '5000',
  cancelBulkPayment: '150',
  registerSubMerchant: '500',
  listSubMerchants: '22',
  getSubMerchant: '22',
  stateProgrammeBalance: '0',
  listReconciliations: '22',
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
  activateCard: '150',
  replaceCard: '3200',
  getControls: '22',
  setControls: '150',
  applyForProgramme: '0',
  listProgrammes: '22',
  getProgramme: '22',
  changeProgrammeStatus: '150',
  setDecisionEndpoint: '0',
  createCardholder: '150',
  listCardholders: '22',
  getCardholder: '22',
  changeCardholderStatus: '150',
  listAuthorizations: '22',
  getAuthorization: '22',
  listCardTransactions: '36',
  getCardTransaction: '22',
  getReconciliation: '60',
  listReconciliationLines: '36',
  openDispute: '900',
  listDisputes: '22',
  getDispute: '22',
  addEvidence: '60',
  changeDisputeStatus: '150',
  // Nothing is simulated in production, so nothing is charged.
  simulateAuthorization: '0',
  simulateClearing: '0',
  simulateReversal: '0',
  simulateRefund: '0',
  simulateShipping: '0',
  simulateDisputeOutcome: '0',
  simulateProgrammeApproval: '0',
  simulateVerification: '0',
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
  listLoanProducts: '0',
  preQualify: '60',
  createLoanApplication: '2500',
  listLoanApplications: '22',
  getLoanApplication: '22',
  submitLoanApplication: '1500',
  giveLoanInformation: '60',
  withdrawLoanApplication: '22',
  getLoanDecision: '22',
  listLoanOffers: '22',
  getLoanOffer: '22',
  getOfferedSchedule: '22',
  acceptLoanOffer: '4000',
  listLoans: '36',
  getLoan: '36',
  getLoanSchedule: '36',
  getLoanArrears: '60',
  createLoanRepayment: '300',
  listLoanRepayments: '22',
  quoteLoanPayoff: '60',
  listEvents: '0',
  listFxRates: '22',
  createFxQuote: '60',
  getFxQuote: '22',
  cancelFxQuote: '22',
  createConversion: '1200',
  listConversions: '22',
  getConversion: '22',
  unwindConversion: '1200',
}

/** What the demonstration bank asks by the month, and the tax on all of it. */
export const firstTerms: PriceTerms = {
  rounding: 'half_up',
  taxPercent: '12',
  charges: [],
  fees: [
    { id: 'silver', title: 'Silver, by the month', amount: '4500000', tiers: ['Silver'] },
    { id: 'gold', title: 'Gold, by the month', amount: '18000000', tiers: ['Gold'] },
    { id: 'platinum', title: 'Platinum, by the month', amount: '60000000', tiers: ['Platinum'] },
  ],
}
