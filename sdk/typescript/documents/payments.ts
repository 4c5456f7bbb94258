/** Payments, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Payments {
  /** Your payments, newest first */
  listPayments: {
    path: undefined
    query: {
      readonly orderId?: string
      readonly cursor?: string
      readonly limit?: number
    }
    body: undefined
    answer: PaymentList
  }
  /** Pay what the customer approved */
  createPayment: {
    path: undefined
    query: undefined
    body: PaymentRequest
    answer: Payment
  }
  /** How far a payment is */
  getPayment: {
    path: {
      readonly paymentId: string
    }
    query: undefined
    body: undefined
    answer: Payment
  }
  /** Where money for your programme is paid in */
  getProgrammeAccount: {
    path: undefined
    query: undefined
    body: undefined
    answer: ProgrammeAccount
  }
  /** Share out a settled payment */
  createSplitPayment: {
    path: undefined
    query: undefined
    body: SplitPaymentRequest
    answer: SplitPayment
  }
  /** A split with its legs and refunds */
  getSplitPayment: {
    path: {
      readonly splitPaymentId: string
    }
    query: undefined
    body: undefined
    answer: SplitPayment
  }
  /** Pay out what a leg holds */
  releaseLeg: {
    path: {
      readonly splitPaymentId: string
      readonly legId: string
    }
    query: undefined
    body: ReleaseRequest
    answer: SplitLeg
  }
  /** Give money back to the payer */
  createRefund: {
    path: {
      readonly splitPaymentId: string
    }
    query: undefined
    body: RefundRequest
    answer: Refund
  }
  /** Every status that a payment had, and what became of its money */
  getPaymentDetails: {
    path: {
      readonly paymentId: string
    }
    query: undefined
    body: undefined
    answer: PaymentDetails
  }
  /** Cancel a payment that waits for its day */
  cancelPayment: {
    path: {
      readonly paymentId: string
    }
    query: undefined
    body: CancellationRequest
    answer: Payment
  }
  /** Give back what your programme was paid */
  createPaymentRefund: {
    path: {
      readonly paymentId: string
    }
    query: undefined
    body: PaymentRefundRequest
    answer: PaymentRefund
  }
  /** Ask for the money of a settled payment */
  createRecall: {
    path: {
      readonly paymentId: string
    }
    query: undefined
    body: RecallRequest
    answer: Recall
  }
  /** Recalls that you made or have to answer */
  listRecalls: {
    path: undefined
    query: {
      readonly cursor?: string
    }
    body: undefined
    answer: RecallList
  }
  /** A recall, its answer and its return */
  getRecall: {
    path: {
      readonly recallId: string
    }
    query: undefined
    body: undefined
    answer: Recall
  }
  /** Answer a recall of money that your programme was paid */
  answerRecall: {
    path: {
      readonly recallId: string
    }
    query: undefined
    body: RecallAnswer
    answer: Recall
  }
  /** Pay the same again and again */
  createStandingPayment: {
    path: undefined
    query: undefined
    body: StandingPaymentRequest
    answer: StandingPayment
  }
  /** A standing payment and its next day */
  getStandingPayment: {
    path: {
      readonly standingPaymentId: string
    }
    query: undefined
    body: undefined
    answer: StandingPayment
  }
  /** End a standing payment */
  cancelStandingPayment: {
    path: {
      readonly standingPaymentId: string
    }
    query: undefined
    body: CancellationRequest
    answer: StandingPayment
  }
  /** Set up what the customer approved */
  createMandate: {
    path: undefined
    query: undefined
    body: MandateRequest
    answer: Mandate
  }
  /** A mandate and what is left of its limits */
  getMandate: {
    path: {
      readonly mandateId: string
    }
    query: undefined
    body: undefined
    answer: Mandate
  }
  /** Pay under a mandate */
  createMandatePayment: {
    path: {
      readonly mandateId: string
    }
    query: undefined
    body: MandatePaymentRequest
    answer: Payment
  }
  /** Is this the name of whoever has this account */
  verifyPayee: {
    path: undefined
    query: undefined
    body: PayeeQuestion
    answer: PayeeVerification
  }
  /** Announce a file of payments */
  createBulkPayment: {
    path: undefined
    query: undefined
    body: BulkPaymentRequest
    answer: BulkPayment
  }
  /** How far a file is */
  getBulkPayment: {
    path: {
      readonly bulkPaymentId: string
    }
    query: undefined
    body: undefined
    answer: BulkPayment
  }
  /** Bring the file, in parts */
  uploadBulkFile: {
    path: {
      readonly bulkPaymentId: string
    }
    query: undefined
    body: BulkFilePart
    answer: BulkPayment
  }
  /** What became of each line */
  getBulkReport: {
    path: {
      readonly bulkPaymentId: string
    }
    query: {
      readonly cursor?: string
    }
    body: undefined
    answer: BulkReport
  }
  /** Execute what the customer approved */
  authoriseBulkPayment: {
    path: {
      readonly bulkPaymentId: string
    }
    query: undefined
    body: BulkAuthorisation
    answer: BulkPayment
  }
  /** Cancel a file that has not set out */
  cancelBulkPayment: {
    path: {
      readonly bulkPaymentId: string
    }
    query: undefined
    body: CancellationRequest
    answer: BulkPayment
  }
  /** Whom your programme pays */
  listSubMerchants: {
    path: undefined
    query: {
      readonly cursor?: string
    }
    body: undefined
    answer: SubMerchantList
  }
  /** Register whom your programme pays */
  registerSubMerchant: {
    path: undefined
    query: undefined
    body: SubMerchantRequest
    answer: SubMerchant
  }
  /** A sub-merchant and whether it is verified */
  getSubMerchant: {
    path: {
      readonly subMerchantId: string
    }
    query: undefined
    body: undefined
    answer: SubMerchant
  }
  /** Say what your own books hold for a day */
  stateProgrammeBalance: {
    path: undefined
    query: undefined
    body: ProgrammeStatementRequest
    answer: ProgrammeStatement
  }
  /** Sub-ledger, the bank’s books and your statement, day by day */
  listReconciliations: {
    path: undefined
    query: {
      readonly cursor?: string
    }
    body: undefined
    answer: ReconciliationList
  }
}

export const payments = {
  listPayments: { method: 'GET', path: '/payments/v1/payments', scope: 'payments' },
  createPayment: { method: 'POST', path: '/payments/v1/payments', scope: 'payments' },
  getPayment: { method: 'GET', path: '/payments/v1/payments/{paymentId}', scope: 'payments' },
  getProgrammeAccount: {
    method: 'GET',
    path: '/payments/v1/programme-account',
    scope: 'payments:split',
  },
  createSplitPayment: {
    method: 'POST',
    path: '/payments/v1/split-payments',
    scope: 'payments:split',
  },
  getSplitPayment: {
    method: 'GET',
    path: '/payments/v1/split-payments/{splitPaymentId}',
    scope: 'payments:split',
  },
  releaseLeg: {
    method: 'POST',
    path: '/payments/v1/split-payments/{splitPaymentId}/legs/{legId}/release',
    scope: 'payments:split',
  },
  createRefund: {
    method: 'POST',
    path: '/payments/v1/split-payments/{splitPaymentId}/refunds',
    scope: 'payments:split',
  },
  getPaymentDetails: {
    method: 'GET',
    path: '/payments/v1/payments/{paymentId}/details',
    scope: 'payments',
  },
  cancelPayment: {
    method: 'POST',
    path: '/payments/v1/payments/{paymentId}/cancellation',
    scope: 'payments',
  },
  createPaymentRefund: {
    method: 'POST',
    path: '/payments/v1/payments/{paymentId}/refunds',
    scope: 'payments',
  },
  createRecall: {
    method: 'POST',
    path: '/payments/v1/payments/{paymentId}/recalls',
    scope: 'payments',
  },
  listRecalls: { method: 'GET', path: '/payments/v1/recalls', scope: 'payments' },
  getRecall: { method: 'GET', path: '/payments/v1/recalls/{recallId}', scope: 'payments' },
  answerRecall: {
    method: 'POST',
    path: '/payments/v1/recalls/{recallId}/answer',
    scope: 'payments:split',
  },
  createStandingPayment: {
    method: 'POST',
    path: '/payments/v1/standing-payments',
    scope: 'payments',
  },
  getStandingPayment: {
    method: 'GET',
    path: '/payments/v1/standing-payments/{standingPaymentId}',
    scope: 'payments',
  },
  cancelStandingPayment: {
    method: 'POST',
    path: '/payments/v1/standing-payments/{standingPaymentId}/cancellation',
    scope: 'payments',
  },
  createMandate: { method: 'POST', path: '/payments/v1/mandates', scope: 'payments' },
  getMandate: { method: 'GET', path: '/payments/v1/mandates/{mandateId}', scope: 'payments' },
  createMandatePayment: {
    method: 'POST',
    path: '/payments/v1/mandates/{mandateId}/payments',
    scope: 'payments',
  },
  verifyPayee: { method: 'POST', path: '/payments/v1/payee-verifications', scope: 'payments' },
  createBulkPayment: { method: 'POST', path: '/payments/v1/bulk-payments', scope: 'payments' },
  getBulkPayment: {
    method: 'GET',
    path: '/payments/v1/bulk-payments/{bulkPaymentId}',
    scope: 'payments',
  },
  uploadBulkFile: {
    method: 'POST',
    path: '/payments/v1/bulk-payments/{bulkPaymentId}/file',
    scope: 'payments',
  },
  getBulkReport: {
    method: 'GET',
    path: '/payments/v1/bulk-payments/{bulkPaymentId}/report',
    scope: 'payments',
  },
  authoriseBulkPayment: {
    method: 'POST',
    path: '/payments/v1/bulk-payments/{bulkPaymentId}/authorisation',
    scope: 'payments',
  },
  cancelBulkPayment: {
    method: 'POST',
    path: '/payments/v1/bulk-payments/{bulkPaymentId}/cancellation',
    scope: 'payments',
  },
  listSubMerchants: { method: 'GET', path: '/payments/v1/sub-merchants', scope: 'payments:split' },
  registerSubMerchant: {
    method: 'POST',
    path: '/payments/v1/sub-merchants',
    scope: 'payments:split',
  },
  getSubMerchant: {
    method: 'GET',
    path: '/payments/v1/sub-merchants/{subMerchantId}',
    scope: 'payments:split',
  },
  stateProgrammeBalance: {
    method: 'POST',
    path: '/payments/v1/programme-account/statements',
    scope: 'payments:split',
  },
  listReconciliations: {
    method: 'GET',
    path: '/payments/v1/programme-account/reconciliations',
    scope: 'payments:split',
  },
} as const

/** Decimal text, exact; never a JSON number. */
export type Amount = {
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
}

export type CreditorAccount = {
  readonly schemeName: 'UZ.AccountNumber'
  readonly identification: string
  /** MFO; this bank's own without it. */
  readonly bankCode?: string
}

export type DebtorAccount = {
  readonly accountId: string
}

/** ISO 20022. You will see RCVD, PDNG, ACCP (it waits for its day), ACSP, ACSC, RJCT and CANC; `x-transitions` of this document says which may follow which. */
export type PaymentStatus =
  | 'RCVD'
  | 'PDNG'
  | 'ACTC'
  | 'PATC'
  | 'ACCP'
  | 'ACFC'
  | 'ACSP'
  | 'ACWC'
  | 'ACWP'
  | 'ACSC'
  | 'ACCC'
  | 'RJCT'
  | 'BLCK'
  | 'CANC'

/** ISO 20022 reason of RJCT (AC01 no such account, AC04 closed account, AM04 insufficient funds, AG01 not allowed, MS03 not told) or of CANC (CUST, DUPL, FRAD, TECH). */
export type StatusReason = string

/** What the reason means, in a sentence for people; the code is what programs read. */
export type StatusReasonDescription = string

export type PaymentRequest = {
  readonly instructionIdentification?: string
  readonly endToEndIdentification?: string
  readonly instructedAmount: Amount
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly remittanceInformation?: string
  /** A day within a year; at once without it. Executed at 09:00 of that day in the bank's zone, of the next business day where it is none, and at once where it is today before the cut-off at 16:00. */
  readonly requestedExecutionDate?: string
}

export type Payment = {
  readonly paymentId: string
  readonly consentId?: string
  readonly status: PaymentStatus
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly instructedAmount: Amount
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly debtorAccount: DebtorAccount
  /** The standing payment, mandate or file that it belongs to. */
  readonly orderId?: string
  readonly requestedExecutionDate?: string
  readonly expectedExecutionDateTime?: string
  readonly instructionIdentification?: string
  readonly endToEndIdentification?: string
  readonly remittanceInformation?: string
}

export type ProgrammeAccount = {
  readonly account: CreditorAccount
  readonly name: string
  readonly currency: string
}

export type Destination = {
  readonly schemeName: 'UZ.AccountNumber'
  readonly identification: string
  /** MFO; this bank's own without it. */
  readonly bankCode?: string
  readonly name: string
}

export type LegRole = 'seller' | 'platform_fee' | 'tax' | 'delivery'

export type ReleaseCondition = 'immediate' | 'manual'

/** Either `amount` or `sharePpm`; neither on the leg that takes the remainder. Either a `destination` or a `subMerchantId`; the leg of a sub-merchant is held until the bank has verified it. */
export type SplitLegRequest = {
  readonly subMerchantId?: string
  /** Yours; unique within the split. */
  readonly legId: string
  readonly destination?: Destination
  readonly role: LegRole
  readonly amount?: Amount
  readonly sharePpm?: number
  readonly releaseCondition?: ReleaseCondition
}

export type SplitPaymentRequest = {
  readonly paymentId: string
  readonly grossAmount: Amount
  readonly legs: readonly SplitLegRequest[]
  readonly remainderTo?: string
}

/** amount = paidAmount + heldAmount + reversedAmount, at every moment. */
export type SplitLeg = {
  readonly legId: string
  readonly subMerchantId?: string
  readonly destination: Destination
  readonly role: LegRole
  readonly releaseCondition: ReleaseCondition
  /** HELD → RELEASING → PAID, and REVERSED when all of it was refunded. RELEASING goes back to HELD when the destination refuses the money, PAID when a refund that failed brought money back. */
  readonly status: 'HELD' | 'RELEASING' | 'PAID' | 'REVERSED'
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly amount: Amount
  readonly paidAmount: Amount
  readonly heldAmount: Amount
  readonly reversedAmount: Amount
}

export type SplitPayment = {
  readonly splitPaymentId: string
  readonly paymentId: string
  readonly creationDateTime: string
  readonly grossAmount: Amount
  readonly refundedAmount: Amount
  readonly remainderTo?: string
  readonly legs: readonly SplitLeg[]
  readonly refunds: readonly Refund[]
}

export type ReleaseRequest = {
  readonly reason: 'DELIVERED' | 'PAYEE_VERIFIED' | 'AGREED'
}

export type RefundLegAmount = {
  readonly legId: string
  readonly amount: Amount
}

export type RefundPolicy = 'PRO_RATA' | 'BY_LEG' | 'PLATFORM_BEARS'

/** ISO 20022: customer asked, duplicate, fraud, technical. */
export type RefundReason = 'CUST' | 'DUPL' | 'FRAD' | 'TECH'

export type RefundRequest = {
  readonly amount: Amount
  readonly policy: RefundPolicy
  readonly reason: RefundReason
  /** With BY_LEG, and only then; they add up to `amount`. */
  readonly legs?: readonly RefundLegAmount[]
}

export type Refund = {
  readonly refundId: string
  readonly splitPaymentId: string
  readonly originalPaymentId: string
  readonly status: PaymentStatus
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly amount: Amount
  readonly policy: RefundPolicy
  readonly reason: RefundReason
  readonly legs: readonly RefundLegAmount[]
}

export type PaymentList = {
  readonly data: readonly Payment[]
  /** Cursor of the next page. */
  readonly next: string | null
}

export type CancellationRequest = {
  /** ISO 20022: the customer asks, paid twice, fraud, technical. */
  readonly reason: 'CUST' | 'DUPL' | 'FRAD' | 'TECH'
}

export type StatusDetail = {
  readonly status: PaymentStatus
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly statusUpdateDateTime: string
}

export type PaymentDetails = {
  readonly paymentId: string
  readonly statusDetails: readonly StatusDetail[]
  readonly refunds: readonly PaymentRefund[]
  readonly recalls: readonly Recall[]
  readonly returns: readonly Return[]
}

export type PaymentRefundRequest = {
  readonly amount: Amount
  readonly reason: 'CUST' | 'DUPL' | 'FRAD' | 'TECH'
}

/** RCVD → PDNG → ACSP → ACSC, or RJCT, as any payment. */
export type PaymentRefund = {
  readonly refundId: string
  readonly originalPaymentId: string
  readonly status: PaymentStatus
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly amount: Amount
  readonly reason: 'CUST' | 'DUPL' | 'FRAD' | 'TECH'
}

/** ISO 20022 pacs.004: the money that comes of a recall. RCVD → PDNG → ACSP → ACSC, or RJCT. */
export type Return = {
  readonly returnId: string
  readonly recallId?: string
  readonly originalPaymentId: string
  readonly status: PaymentStatus
  readonly statusReason?: StatusReason
  readonly statusReasonDescription?: StatusReasonDescription
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly amount: Amount
  readonly reason: 'CUST' | 'DUPL' | 'FRAD' | 'TECH'
}

export type RecallRequest = {
  /** ISO 20022 camt.056. */
  readonly reason: 'DUPL' | 'TECH' | 'FRAD' | 'CUST'
  readonly additionalInformation?: string
}

export type RecallAnswer = {
  readonly decision: 'ACCEPT' | 'REJECT'
  /** With REJECT, and only then. ISO 20022 camt.029. */
  readonly reason?: 'AC04' | 'AM04' | 'ARDT' | 'CUST' | 'LEGL' | 'NOOR'
}

/** PENDING → ACCEPTED | REJECTED. */
export type Recall = {
  readonly recallId: string
  /** Only for whose payment it is. */
  readonly paymentId?: string
  readonly endToEndIdentification?: string
  readonly amount: Amount
  readonly reason: 'DUPL' | 'TECH' | 'FRAD' | 'CUST'
  readonly additionalInformation?: string
  readonly status: 'PENDING' | 'ACCEPTED' | 'REJECTED'
  readonly rejectionReason?: 'AC04' | 'AM04' | 'ARDT' | 'CUST' | 'LEGL' | 'NOOR' | 'NOAS'
  readonly toBeAnsweredBy: 'you' | 'payee'
  readonly answerByDateTime: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly returnId?: string
  readonly returnStatus?: PaymentStatus
  readonly returnStatusReason?: StatusReason
}

export type RecallList = {
  readonly data: readonly Recall[]
  /** Cursor of the next page. */
  readonly next: string | null
}

export type Frequency = {
  /** ISO 20022: daily, weekly, every two weeks, monthly, each quarter, each half year, yearly. */
  readonly type: 'DAIL' | 'WEEK' | 'FRTN' | 'MNTH' | 'QURT' | 'MIAN' | 'YEAR'
  /** Day of the week (01 is Monday) of WEEK and FRTN, or of the month of MNTH; the first payment’s day without it. */
  readonly pointInTime?: string
}

export type StandingRound = {
  readonly frequency: Frequency
  readonly firstPaymentDate: string
  readonly finalPaymentDate?: string
  readonly numberOfPayments?: number
}

export type StandingPaymentRequest = {
  readonly instructedAmount: Amount
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly endToEndIdentification?: string
  readonly remittanceInformation?: string
  readonly standing: StandingRound
}

/** ACTIVE → COMPLETED | CANCELLED. */
export type StandingPayment = {
  readonly standingPaymentId: string
  readonly consentId: string
  readonly status: 'ACTIVE' | 'COMPLETED' | 'CANCELLED'
  readonly statusReason?: 'CUST' | 'DUPL' | 'FRAD' | 'TECH'
  readonly statusReasonDescription?: StatusReasonDescription
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly instructedAmount: Amount
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly debtorAccount: DebtorAccount
  readonly endToEndIdentification?: string
  readonly remittanceInformation?: string
  readonly standing: StandingRound
  readonly paymentsExecuted: number
  readonly nextPaymentDateTime?: string
}

export type PeriodicLimit = {
  readonly period: 'day' | 'week' | 'month' | 'year'
  readonly amount: Amount
}

export type MandatePayee = {
  readonly creditorName: string
  readonly creditorAccount: CreditorAccount
}

/** As it stands in the consent, its validTo too. */
export type MandateRequest = {
  readonly maxIndividual: Amount
  readonly periodicLimits: readonly PeriodicLimit[]
  readonly payees: readonly MandatePayee[]
  readonly validTo: string
}

export type MandateLimit = {
  readonly period: 'day' | 'week' | 'month' | 'year'
  readonly amount: Amount
  readonly periodStartDate: string
  readonly usedAmount: Amount
  readonly remainingAmount: Amount
}

/** ACTIVE → REVOKED | EXPIRED. */
export type Mandate = {
  readonly mandateId: string
  readonly consentId: string
  readonly status: 'ACTIVE' | 'REVOKED' | 'EXPIRED'
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly debtorAccount: DebtorAccount
  readonly maxIndividual: Amount
  readonly periodicLimits: readonly MandateLimit[]
  readonly payees: readonly MandatePayee[]
  readonly validTo: string
}

export type MandatePaymentRequest = {
  readonly instructionIdentification?: string
  readonly endToEndIdentification?: string
  readonly instructedAmount: Amount
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
  readonly remittanceInformation?: string
  readonly requestedExecutionDate?: string
}

export type PayeeQuestion = {
  readonly creditorAccount: CreditorAccount
  readonly creditorName: string
}

export type PayeeVerification = {
  readonly result: 'MATCH' | 'CLOSE_MATCH' | 'NO_MATCH' | 'NOT_POSSIBLE'
}

/** What Standard Webhooks 1.0.0 carries. Thin: it names what changed; ask for the rest. Delivered at least once, with the same `webhook-id` each time. */
export type PaymentEvent = {
  /** The event. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  readonly data: PaymentEventData
}

export type PaymentEventData = {
  /** The id of what changed. */
  readonly subject: string
  /** Which event of its subject it is for you. */
  readonly sequence: number
  /** Your application that began it. */
  readonly applicationId?: string
  readonly consentId?: string
  /** When it will be executed. */
  readonly executeAt?: string
  readonly failed?: number
  /** Id of the resource. */
  readonly legId?: string
  readonly paymentId?: string
  /** Why, as a word. */
  readonly reason?: string
  /** ISO 20022 reason, such as AC04. */
  readonly reasonCode?: string
  /** Why it was rejected. */
  readonly rejection?: string
  readonly settled?: number
  readonly splitPaymentId?: string
  /** The status that it now has. */
  readonly status?: 'AWUP' | 'AWAU' | 'ACCP' | 'ACSP' | 'PART' | 'ACSC' | 'RJCT' | 'CANC'
}

export type BulkPaymentRequest = {
  readonly fileType: 'pain.001.001.09' | 'csv' | 'json'
  readonly fileSha256: string
  readonly numberOfTransactions: number
  readonly controlSum: Amount
  readonly fileReference?: string
  readonly requestedExecutionDate?: string
}

export type BulkFilePart = {
  readonly part: number
  readonly parts: number
  readonly content: string
}

export type BulkFacts = {
  readonly fileSha256: string
  readonly numberOfTransactions: number
}

export type BulkAuthorisation = {
  readonly instructedAmount: Amount
  readonly bulk: BulkFacts
}

/** How many lines wait, cannot be paid as they stand, are on their way, have settled, were rejected. */
export type BulkLines = {
  readonly waiting: number
  readonly refused: number
  readonly underWay: number
  readonly settled: number
  readonly rejected: number
}

export type BulkPayment = {
  readonly bulkPaymentId: string
  readonly status: 'AWUP' | 'AWAU' | 'ACCP' | 'ACSP' | 'PART' | 'ACSC' | 'RJCT' | 'CANC'
  readonly statusReason?: BulkReason
  readonly fileType: 'pain.001.001.09' | 'csv' | 'json'
  readonly fileSha256: string
  readonly fileReference?: string
  readonly numberOfTransactions: number
  readonly controlSum: Amount
  readonly requestedExecutionDate?: string
  readonly expectedExecutionDateTime?: string
  readonly debtorAccount?: DebtorAccount
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly lines: BulkLines
}

export type BulkReason = 'CUST' | 'DUPL' | 'FRAD' | 'TECH' | 'FF01' | 'NARR'

export type BulkLine = {
  readonly line: number
  readonly status:
    | 'RCVD'
    | 'PDNG'
    | 'ACTC'
    | 'PATC'
    | 'ACCP'
    | 'ACFC'
    | 'ACSP'
    | 'ACWC'
    | 'ACWP'
    | 'ACSC'
    | 'ACCC'
    | 'RJCT'
    | 'BLCK'
    | 'CANC'
  readonly statusReason?: StatusReason
  /** What is wrong with the line. */
  readonly detail?: string
  readonly paymentId?: string
  readonly amount?: Amount
  readonly endToEndIdentification?: string
}

export type BulkReport = {
  readonly data: readonly BulkLine[]
  /** Cursor of the next page. */
  readonly next: string | null
}

export type SubMerchantRequest = {
  readonly legalName: string
  /** STIR. */
  readonly registrationNumber: string
  /** ISO 18245. */
  readonly merchantCategoryCode?: string
  readonly account: CreditorAccount
}

/** PENDING → VERIFIED | REJECTED. */
export type SubMerchant = {
  readonly subMerchantId: string
  readonly status: 'PENDING' | 'VERIFIED' | 'REJECTED'
  readonly statusReason?: 'ACCOUNT_NOT_THEIRS' | 'ACCOUNT_CLOSED' | 'BANK_DECLINED'
  readonly legalName: string
  readonly registrationNumber: string
  readonly merchantCategoryCode?: string
  readonly account: CreditorAccount
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type SubMerchantList = {
  readonly data: readonly SubMerchant[]
  /** Cursor of the next page. */
  readonly next: string | null
}

export type ProgrammeStatementRequest = {
  readonly date: string
  readonly closingBalance: Amount
}

export type ProgrammeStatement = {
  readonly date: string
  readonly closingBalance: Amount
  readonly statementDateTime: string
}

/** `status` is of the account: our sub-ledger against the bank’s books. `statement` is of your programme: our sub-ledger against what you stated. */
export type Reconciliation = {
  readonly reconciliationId: string
  readonly date: string
  readonly reconciliationDateTime: string
  readonly status: 'MATCHED' | 'IN_FLIGHT' | 'DIFFERENT'
  readonly ledgerBalance: SignedAmount
  readonly statedBalance?: Amount
  readonly difference?: SignedAmount
  readonly statement: 'MATCHED' | 'UNSTATED' | 'DIFFERENT'
}

export type SignedAmount = {
  readonly amount: string
  readonly currency: string
}

export type ReconciliationList = {
  readonly data: readonly Reconciliation[]
  /** Cursor of the next page. */
  readonly next: string | null
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
