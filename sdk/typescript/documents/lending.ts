/** Lending, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Lending {
  /** What the bank lends */
  listLoanProducts: {
    path: undefined
    query: undefined
    body: undefined
    answer: ProductList
  }
  /** Whether applying is worth it, in bands */
  preQualify: {
    path: undefined
    query: undefined
    body: PreQualificationRequest
    answer: PreQualification
  }
  /** Your applications, newest first */
  listLoanApplications: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: ApplicationList
  }
  /** Draft the application that the customer allowed */
  createLoanApplication: {
    path: undefined
    query: undefined
    body: ApplicationRequest
    answer: Application
  }
  /** One application */
  getLoanApplication: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: undefined
    answer: Application
  }
  /** Send the application in */
  submitLoanApplication: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: undefined
    answer: Application
  }
  /** Say what the borrower says of themselves */
  giveLoanInformation: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: InformationRequest
    answer: Application
  }
  /** Withdraw the application */
  withdrawLoanApplication: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: WithdrawalRequest
    answer: Application
  }
  /** What was decided, and why */
  getLoanDecision: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: undefined
    answer: Decision
  }
  /** What the bank offers */
  listLoanOffers: {
    path: {
      readonly loanApplicationId: string
    }
    query: undefined
    body: undefined
    answer: OfferList
  }
  /** One offer */
  getLoanOffer: {
    path: {
      readonly offerId: string
    }
    query: undefined
    body: undefined
    answer: Offer
  }
  /** The instalments of an offer */
  getOfferedSchedule: {
    path: {
      readonly offerId: string
    }
    query: undefined
    body: undefined
    answer: OfferedSchedule
  }
  /** Take the offer */
  acceptLoanOffer: {
    path: {
      readonly offerId: string
    }
    query: undefined
    body: AcceptanceRequest
    answer: NewLoan
  }
  /** The customer’s loans */
  listLoans: {
    path: undefined
    query: undefined
    body: undefined
    answer: LoanList
  }
  /** One loan */
  getLoan: {
    path: {
      readonly loanId: string
    }
    query: undefined
    body: undefined
    answer: Loan
  }
  /** The instalments of a loan */
  getLoanSchedule: {
    path: {
      readonly loanId: string
    }
    query: undefined
    body: undefined
    answer: Schedule
  }
  /** What is late, since when and how much */
  getLoanArrears: {
    path: {
      readonly loanId: string
    }
    query: undefined
    body: undefined
    answer: Arrears
  }
  /** What was put on a loan that you brought, newest first */
  listLoanRepayments: {
    path: {
      readonly loanId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: RepaymentList
  }
  /** Put a payment on a loan */
  createLoanRepayment: {
    path: {
      readonly loanId: string
    }
    query: undefined
    body: RepaymentRequest
    answer: Repayment
  }
  /** What would end the loan on a day */
  quoteLoanPayoff: {
    path: {
      readonly loanId: string
    }
    query: undefined
    body: PayoffQuoteRequest
    answer: PayoffQuote
  }
}

export const lending = {
  listLoanProducts: { method: 'GET', path: '/lending/v1/products', scope: 'lending:products' },
  preQualify: { method: 'POST', path: '/lending/v1/pre-qualifications', scope: 'lending:apply' },
  listLoanApplications: { method: 'GET', path: '/lending/v1/applications', scope: 'lending:apply' },
  createLoanApplication: {
    method: 'POST',
    path: '/lending/v1/applications',
    scope: 'lending:apply',
  },
  getLoanApplication: {
    method: 'GET',
    path: '/lending/v1/applications/{loanApplicationId}',
    scope: 'lending:apply',
  },
  submitLoanApplication: {
    method: 'POST',
    path: '/lending/v1/applications/{loanApplicationId}/submission',
    scope: 'lending:apply',
  },
  giveLoanInformation: {
    method: 'POST',
    path: '/lending/v1/applications/{loanApplicationId}/information',
    scope: 'lending:apply',
  },
  withdrawLoanApplication: {
    method: 'POST',
    path: '/lending/v1/applications/{loanApplicationId}/withdrawal',
    scope: 'lending:apply',
  },
  getLoanDecision: {
    method: 'GET',
    path: '/lending/v1/applications/{loanApplicationId}/decision',
    scope: 'lending:apply',
  },
  listLoanOffers: {
    method: 'GET',
    path: '/lending/v1/applications/{loanApplicationId}/offers',
    scope: 'lending:apply',
  },
  getLoanOffer: { method: 'GET', path: '/lending/v1/offers/{offerId}', scope: 'lending:apply' },
  getOfferedSchedule: {
    method: 'GET',
    path: '/lending/v1/offers/{offerId}/schedule',
    scope: 'lending:apply',
  },
  acceptLoanOffer: {
    method: 'POST',
    path: '/lending/v1/offers/{offerId}/acceptance',
    scope: 'lending:apply',
  },
  listLoans: { method: 'GET', path: '/lending/v1/loans', scope: 'lending:read' },
  getLoan: { method: 'GET', path: '/lending/v1/loans/{loanId}', scope: 'lending:read' },
  getLoanSchedule: {
    method: 'GET',
    path: '/lending/v1/loans/{loanId}/schedule',
    scope: 'lending:read',
  },
  getLoanArrears: {
    method: 'GET',
    path: '/lending/v1/loans/{loanId}/arrears',
    scope: 'lending:read',
  },
  listLoanRepayments: {
    method: 'GET',
    path: '/lending/v1/loans/{loanId}/repayments',
    scope: 'lending:servicing',
  },
  createLoanRepayment: {
    method: 'POST',
    path: '/lending/v1/loans/{loanId}/repayments',
    scope: 'lending:servicing',
  },
  quoteLoanPayoff: {
    method: 'POST',
    path: '/lending/v1/loans/{loanId}/payoff-quotes',
    scope: 'lending:servicing',
  },
} as const

export type ListMoney = {
  /** Decimal text with the decimals of its currency. */
  readonly amount: string
  readonly currency: string
}

export type Money = {
  /** Decimal text with the decimals of its currency. */
  readonly amount: string
  readonly currency: string
}

export type ListTexts = {
  readonly en: string
  readonly ru: string
  readonly uz: string
}

export type Texts = {
  readonly en: string
  readonly ru: string
  readonly uz: string
}

export type AmountRange = {
  readonly minimum: ListMoney
  readonly maximum: ListMoney
}

export type TermRange = {
  readonly minimumMonths: number
  readonly maximumMonths: number
}

export type Product = {
  readonly productId: string
  readonly name: ListTexts
  readonly amount: AmountRange
  readonly term: TermRange
  /** Percent a year. */
  readonly annualRate: string
  /** Percent a year on principal that is overdue. */
  readonly penaltyRate: string
  /** Percent of the amount, due with the first instalment. */
  readonly feeRate: string
  readonly dayCount: '30/360' | 'ACT/365F' | 'ACT/360' | 'ACT/ACT-ISDA'
  readonly repaymentMethods: readonly ('annuity' | 'differentiated')[]
  readonly rounding: 'HALF_UP'
  readonly allocationOrder: readonly ('fee' | 'penalty' | 'interest' | 'principal')[]
}

export type ProductList = {
  readonly data: readonly Product[]
  readonly next: string | null
}

export type PreQualificationRequest = {
  readonly productId: string
  readonly amount: Money
  readonly term: number
  readonly monthlyIncome: Money
  readonly monthlyObligations?: Money
}

export type AmountBand = {
  readonly minimum: ListMoney
  readonly maximum: ListMoney
}

export type PreQualification = {
  readonly productId: string
  readonly likelihood: 'LIKELY' | 'POSSIBLE' | 'UNLIKELY'
  readonly amountBand?: AmountBand
  readonly annualRate: string
  readonly estimatedInstalment: ListMoney
  readonly bureauInquiry: 'none'
}

export type ApplicationRequest = {
  readonly productId: string
  readonly amount: Money
  /** Months. */
  readonly term: number
  /** Yours, given back with the application. No personal data. */
  readonly reference?: string
}

export type InformationRequest = {
  readonly monthlyIncome: Money
}

export type WithdrawalRequest = {
  readonly reason?: 'CUSTOMER' | 'PARTNER'
}

export type Application = {
  readonly loanApplicationId: string
  readonly status:
    | 'draft'
    | 'submitted'
    | 'in_review'
    | 'needs_information'
    | 'approved'
    | 'declined'
    | 'withdrawn'
    | 'expired'
  readonly productId: string
  readonly amount: Money
  /** Months. */
  readonly term: number
  /** The account that the customer picked. */
  readonly accountId: string
  readonly informationNeeded?: readonly 'MONTHLY_INCOME'[]
  readonly reference?: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  /** When it lapses, while it waits for you. */
  readonly expirationDateTime: string
}

export type ApplicationList = {
  readonly data: readonly Application[]
  readonly next: string | null
}

export type AdverseAction = {
  readonly reasonCode:
    | 'AFFORDABILITY'
    | 'SHORT_HISTORY'
    | 'INCOME_UNVERIFIED'
    | 'ARREARS'
    | 'TOO_MANY_LOANS'
  readonly text: Texts
}

export type Decision = {
  readonly loanApplicationId: string
  readonly outcome: 'approved' | 'declined'
  readonly decisionDateTime: string
  readonly modelVersion: string
  readonly reasonCodes: readonly (
    | 'AFFORDABILITY'
    | 'SHORT_HISTORY'
    | 'INCOME_UNVERIFIED'
    | 'ARREARS'
    | 'TOO_MANY_LOANS'
  )[]
  readonly adverseAction: readonly AdverseAction[]
}

export type Offer = {
  readonly offerId: string
  readonly loanApplicationId: string
  readonly status: 'open' | 'accepted' | 'lapsed' | 'expired'
  readonly amount: Money
  /** Months. */
  readonly term: number
  readonly repaymentMethod: 'annuity' | 'differentiated'
  readonly annualRate: string
  readonly penaltyRate: string
  /** Annual percentage rate of charge. */
  readonly apr: string
  readonly dayCount: '30/360' | 'ACT/365F' | 'ACT/360' | 'ACT/ACT-ISDA'
  readonly rounding: 'HALF_UP'
  readonly fee: Money
  readonly totalInterest: Money
  readonly totalCost: Money
  readonly totalPayable: Money
  readonly firstInstalment: Money
  readonly lastInstalment: Money
  readonly firstDueDate: string
  readonly validUntil: string
}

export type OfferList = {
  readonly data: readonly Offer[]
  readonly next: string | null
}

export type OfferedInstalment = {
  readonly number: number
  readonly dueDate: string
  readonly fee: Money
  readonly interest: Money
  readonly principal: Money
  readonly total: Money
  readonly balance: Money
}

export type OfferedSchedule = {
  readonly data: readonly OfferedInstalment[]
  readonly next: string | null
}

/** The figures that the customer was shown. */
export type SeenOffer = {
  readonly offerId: string
  readonly apr: string
  readonly totalCost: Money
}

export type AcceptanceRequest = {
  readonly offer: SeenOffer
}

export type NewLoan = {
  readonly loanId: string
  readonly offerId: string
  readonly status:
    | 'submitted'
    | 'approved'
    | 'active'
    | 'withdrawn'
    | 'rejected'
    | 'closed_obligations_met'
    | 'written_off'
    | 'rescheduled'
    | 'overpaid'
  /** ISO 20022 reason where the money could not be sent. */
  readonly statusReason?: string
  readonly principal: Money
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type RepaymentAccount = {
  readonly schemeName: 'UZ.AccountNumber'
  readonly identification: string
  readonly bankCode: string
  readonly name: string
}

export type NextInstalment = {
  readonly dueDate: string
  readonly amount: Money
}

export type Loan = {
  readonly loanId: string
  readonly status:
    | 'submitted'
    | 'approved'
    | 'active'
    | 'withdrawn'
    | 'rejected'
    | 'closed_obligations_met'
    | 'written_off'
    | 'rescheduled'
    | 'overpaid'
  readonly statusReason?: string
  readonly productId: string
  readonly principal: Money
  readonly outstandingPrincipal: Money
  readonly annualRate: string
  readonly penaltyRate: string
  readonly repaymentMethod: 'annuity' | 'differentiated'
  readonly dayCount: '30/360' | 'ACT/365F' | 'ACT/360' | 'ACT/ACT-ISDA'
  readonly rounding: 'HALF_UP'
  readonly allocationOrder: readonly ('fee' | 'penalty' | 'interest' | 'principal')[]
  readonly startDate?: string
  readonly maturityDate?: string
  readonly closingDate?: string
  readonly nextInstalment?: NextInstalment
  readonly repaymentAccount: RepaymentAccount
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type LoanList = {
  readonly data: readonly Loan[]
  readonly next: string | null
}

export type Instalment = {
  readonly number: number
  readonly kind: 'scheduled' | 'early'
  readonly dueDate: string
  /** With ReadLoansDetail. */
  readonly status?: 'open' | 'paid' | 'overdue'
  readonly fee: Money
  readonly interest: Money
  readonly principal: Money
  readonly total: Money
  readonly balance: Money
}

export type Schedule = {
  readonly data: readonly Instalment[]
  readonly next: string | null
}

export type Overdue = {
  readonly fees: Money
  readonly penaltyInterest: Money
  readonly interest: Money
  readonly principal: Money
  readonly total: Money
}

export type Arrears = {
  readonly loanId: string
  readonly daysPastDue: number
  readonly bucket: 'CURRENT' | 'DPD_1_30' | 'DPD_31_60' | 'DPD_61_90' | 'DPD_90_PLUS'
  readonly since?: string
  readonly overdue: Overdue
}

export type RepaymentRequest = {
  readonly paymentId: string
  /** The quote that the payment fulfils. */
  readonly payoffQuoteId?: string
}

export type Allocation = {
  readonly fees: Money
  readonly penaltyInterest: Money
  readonly interest: Money
  readonly principal: Money
}

export type Repayment = {
  readonly repaymentId: string
  readonly loanId: string
  readonly amount: Money
  /** The day that it counts for. */
  readonly paymentDate: string
  readonly allocation: Allocation
  readonly excess: Money
  readonly payoffQuoteId?: string
  readonly loanStatus:
    | 'submitted'
    | 'approved'
    | 'active'
    | 'withdrawn'
    | 'rejected'
    | 'closed_obligations_met'
    | 'written_off'
    | 'rescheduled'
    | 'overpaid'
  readonly creationDateTime: string
}

export type RepaymentList = {
  readonly data: readonly Repayment[]
  readonly next: string | null
}

export type PayoffQuoteRequest = {
  readonly payoffDate: string
}

export type PayoffQuote = {
  readonly payoffQuoteId: string
  readonly loanId: string
  readonly payoffDate: string
  readonly amount: Money
  readonly parts: Allocation
  readonly validUntil: string
  readonly repaymentAccount: RepaymentAccount
  readonly creationDateTime: string
}

/** What Standard Webhooks 1.0.0 carries. Thin: it names what changed; ask for the rest. Delivered at least once, with the same `webhook-id` each time. */
export type LendingEvent = {
  /** The event. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  readonly data: LendingEventData
}

export type LendingEventData = {
  /** The id of what changed. */
  readonly subject: string
  /** Which event of its subject it is for you. */
  readonly sequence: number
  /** Your application that began it. */
  readonly applicationId?: string
  readonly daysInArrears?: number
  /** Why, as a word. */
  readonly reason?: string
  /** ISO 20022 reason, such as AC04. */
  readonly reasonCode?: string
  /** The status that it now has. */
  readonly status?:
    | 'draft'
    | 'submitted'
    | 'in_review'
    | 'needs_information'
    | 'approved'
    | 'declined'
    | 'withdrawn'
    | 'expired'
    | 'active'
    | 'rescheduled'
    | 'overpaid'
    | 'closed_obligations_met'
    | 'rejected'
    | 'written_off'
}

/** RFC 9457. `code` never changes its meaning; `instance` is the interaction id. */
export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly instance: string
  /** Room and reason, such as consents/revoked. */
  readonly code: string
  readonly retryable: boolean
  /** ISO 20022 status reason where one exists. */
  readonly reasonCode?: string
  /** Who can give what is missing. */
  readonly gate?: 'partner' | 'bank' | 'customer'
  readonly hint?: string
  readonly decisionId?: string
  /** Of a limit that is used up, its name in the contract. */
  readonly 'violated-policies'?: readonly string[]
  /** Of `consents/frequency-exceeded`, accesses in 24 hours while the customer is absent. */
  readonly allowed?: number
  /** Of `consents/frequency-exceeded`, how many are left. */
  readonly remaining?: number
  /** Of `consents/frequency-exceeded`, when one is allowed again. */
  readonly resetAt?: string
  readonly errors?: readonly FieldError[]
}

export type FieldError = {
  /** RFC 6901. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}
