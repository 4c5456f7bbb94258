/** Accounts, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Accounts {
  /** The accounts that the customer picked */
  listAccounts: {
    path: undefined
    query: undefined
    body: undefined
    answer: AccountList
  }
  /** One account */
  getAccount: {
    path: {
      readonly accountId: string
    }
    query: undefined
    body: undefined
    answer: Account
  }
  /** What is available and what is booked */
  getBalances: {
    path: {
      readonly accountId: string
    }
    query: undefined
    body: undefined
    answer: BalanceList
  }
  /** Transactions, newest first */
  listTransactions: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly fromBookingDateTime?: string
      readonly toBookingDateTime?: string
      readonly creditDebitIndicator?: 'Credit' | 'Debit'
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: TransactionList
  }
  /** Monthly statements, newest first */
  listStatements: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: StatementList
  }
  /** One statement */
  getStatement: {
    path: {
      readonly accountId: string
      readonly statementId: string
    }
    query: undefined
    body: undefined
    answer: Statement
  }
  /** One statement as a file */
  getStatementFile: {
    path: {
      readonly accountId: string
      readonly statementId: string
    }
    query: {
      readonly format: 'pdf' | 'camt.053'
    }
    body: undefined
    answer: Uint8Array
  }
  /** What the account pays by itself on its days */
  listStandingOrders: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: StandingOrderList
  }
  /** Who may draw from the account */
  listDirectDebits: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: DirectDebitList
  }
  /** Single payments whose day is still to come */
  listScheduledPayments: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: ScheduledPaymentList
  }
  /** Whom the customer wrote down to pay again */
  listBeneficiaries: {
    path: {
      readonly accountId: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: BeneficiaryList
  }
  /** Whose account it is */
  getParty: {
    path: {
      readonly accountId: string
    }
    query: undefined
    body: undefined
    answer: Party
  }
  /** Which product of the bank it is */
  getProduct: {
    path: {
      readonly accountId: string
    }
    query: undefined
    body: undefined
    answer: Product
  }
  /** Is this amount available? */
  confirmFunds: {
    path: undefined
    query: undefined
    body: FundsQuestion
    answer: FundsAnswer
  }
  /** Does this account belong to this person or organisation? */
  verifyOwnership: {
    path: undefined
    query: undefined
    body: OwnershipQuestion
    answer: OwnershipAnswer
  }
}

export const accounts = {
  listAccounts: { method: 'GET', path: '/accounts/v1/accounts', scope: 'accounts' },
  getAccount: { method: 'GET', path: '/accounts/v1/accounts/{accountId}', scope: 'accounts' },
  getBalances: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/balances',
    scope: 'accounts',
  },
  listTransactions: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/transactions',
    scope: 'accounts',
  },
  listStatements: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/statements',
    scope: 'accounts',
  },
  getStatement: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/statements/{statementId}',
    scope: 'accounts',
  },
  getStatementFile: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/statements/{statementId}/file',
    scope: 'accounts',
  },
  listStandingOrders: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/standing-orders',
    scope: 'accounts',
  },
  listDirectDebits: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/direct-debits',
    scope: 'accounts',
  },
  listScheduledPayments: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/scheduled-payments',
    scope: 'accounts',
  },
  listBeneficiaries: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/beneficiaries',
    scope: 'accounts',
  },
  getParty: { method: 'GET', path: '/accounts/v1/accounts/{accountId}/party', scope: 'accounts' },
  getProduct: {
    method: 'GET',
    path: '/accounts/v1/accounts/{accountId}/product',
    scope: 'accounts',
  },
  confirmFunds: {
    method: 'POST',
    path: '/accounts/v1/funds-confirmations',
    scope: 'fundsconfirmations',
  },
  verifyOwnership: {
    method: 'POST',
    path: '/accounts/v1/ownership-verifications',
    scope: 'accounts:verify',
  },
} as const

/** Decimal text, exact; never a JSON number. */
export type Amount = {
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
}

export type Account = {
  readonly accountId: string
  readonly status: 'Enabled' | 'Disabled' | 'Deleted' | 'ProForma' | 'Pending'
  readonly currency: string
  /** ISO 20022: current, savings, card, settlement, other. */
  readonly accountTypeCode: 'CACC' | 'SVGS' | 'CARD' | 'SACC' | 'OTHR'
  readonly nickname?: string
  readonly openingDate?: string
  /** How others pay into it, and whose it is. */
  readonly account?: readonly AccountIdentification[]
}

/** Every member needs ReadAccountsDetail. */
export type AccountIdentification = {
  readonly schemeName?: 'UZ.AccountNumber'
  readonly identification?: string
  /** MFO of the bank. */
  readonly bankCode?: string
  /** The owner's full name. */
  readonly name?: string
}

export type AccountList = {
  readonly data: readonly Account[]
  readonly next: string | null
}

export type Balance = {
  readonly accountId: string
  /** ISO 20022: ITAV is available now, ITBD is booked now. */
  readonly type: 'ITAV' | 'ITBD' | 'CLBD' | 'OPBD' | 'XPCR'
  readonly creditDebitIndicator: 'Credit' | 'Debit'
  readonly amount: Amount
  readonly dateTime: string
}

export type BalanceList = {
  readonly data: readonly Balance[]
  readonly next: string | null
}

export type Transaction = {
  readonly transactionId: string
  readonly accountId: string
  readonly creditDebitIndicator: 'Credit' | 'Debit'
  readonly status: 'BOOK' | 'PDNG' | 'INFO'
  /** Start of the booking day in the bank's zone. */
  readonly bookingDateTime: string
  readonly valueDateTime?: string
  readonly amount: Amount
  /** Free text that another person may have written. */
  readonly transactionInformation?: string
  /** Who was paid, on a debit. */
  readonly creditorAccount?: Counterparty
  /** Who paid, on a credit. */
  readonly debtorAccount?: Counterparty
}

/** Every member needs ReadTransactionsDetail. */
export type Counterparty = {
  readonly schemeName?: 'UZ.AccountNumber'
  readonly identification?: string
  readonly name?: string
}

export type TransactionList = {
  readonly data: readonly Transaction[]
  /** Opaque. It belongs to you, this consent, this account and this filter. */
  readonly next: string | null
}

export type Statement = {
  readonly statementId: string
  readonly accountId: string
  readonly type: 'RegularPeriodic'
  /** The month. */
  readonly statementReference: string
  readonly startDateTime: string
  /** The beginning of the next month, exclusive. */
  readonly endDateTime: string
  readonly creationDateTime: string
  readonly numberOfCredits?: number
  readonly numberOfDebits?: number
  readonly statementAmount?: readonly StatementAmount[]
}

export type StatementAmount = {
  readonly type: 'OpeningBalance' | 'TotalCredits' | 'TotalDebits' | 'ClosingBalance'
  readonly creditDebitIndicator: 'Credit' | 'Debit'
  readonly amount: Amount
}

export type StatementList = {
  readonly data: readonly Statement[]
  /** Opaque. It belongs to you, this consent and this account. */
  readonly next: string | null
}

export type StandingOrder = {
  readonly standingOrderId: string
  readonly accountId: string
  readonly standingOrderStatusCode: 'Active' | 'Inactive'
  /** ISO 20022 Frequency6Code: daily, weekly, monthly, quarterly, yearly. */
  readonly frequency: 'DAIL' | 'WEEK' | 'MNTH' | 'QURT' | 'YEAR'
  readonly instructedAmount: Amount
  readonly firstPaymentDateTime: string
  /** While it is active. */
  readonly nextPaymentDateTime?: string
  /** Where it has an end. */
  readonly finalPaymentDateTime?: string
  /** Free text of the customer. */
  readonly reference?: string
  readonly creditorAccount?: StandingOrderCreditor
}

/** Every member needs ReadStandingOrdersDetail. */
export type StandingOrderCreditor = {
  readonly schemeName?: 'UZ.AccountNumber'
  readonly identification?: string
  readonly bankCode?: string
  readonly name?: string
}

export type StandingOrderList = {
  readonly data: readonly StandingOrder[]
  /** Opaque. It belongs to you, this consent and this account. */
  readonly next: string | null
}

export type DirectDebit = {
  readonly directDebitId: string
  readonly accountId: string
  readonly directDebitStatusCode: 'Active' | 'Inactive'
  /** ISO 20022 Frequency6Code: daily, weekly, monthly, quarterly, yearly. */
  readonly frequency: 'DAIL' | 'WEEK' | 'MNTH' | 'QURT' | 'YEAR'
  /** Who draws. */
  readonly name: string
  readonly previousPaymentDateTime?: string
  readonly previousPaymentAmount?: Amount
}

export type DirectDebitList = {
  readonly data: readonly DirectDebit[]
  /** Opaque. It belongs to you, this consent and this account. */
  readonly next: string | null
}

export type ScheduledPayment = {
  readonly scheduledPaymentId: string
  readonly accountId: string
  /** The day is when the money leaves. */
  readonly scheduledType: 'Execution'
  readonly scheduledPaymentDateTime: string
  readonly instructedAmount: Amount
  /** Free text of the customer. */
  readonly reference?: string
  readonly creditorAccount?: ScheduledPaymentCreditor
}

/** Every member needs ReadScheduledPaymentsDetail. */
export type ScheduledPaymentCreditor = {
  readonly schemeName?: 'UZ.AccountNumber'
  readonly identification?: string
  readonly bankCode?: string
  readonly name?: string
}

export type ScheduledPaymentList = {
  readonly data: readonly ScheduledPayment[]
  /** Opaque. It belongs to you, this consent and this account. */
  readonly next: string | null
}

export type Beneficiary = {
  readonly beneficiaryId: string
  readonly accountId: string
  readonly beneficiaryType: 'Ordinary'
  /** Free text of the customer. */
  readonly reference?: string
  readonly creditorAccount?: BeneficiaryCreditor
}

/** Every member needs ReadBeneficiariesDetail. */
export type BeneficiaryCreditor = {
  readonly schemeName?: 'UZ.AccountNumber'
  readonly identification?: string
  readonly bankCode?: string
  readonly name?: string
}

export type BeneficiaryList = {
  readonly data: readonly Beneficiary[]
  /** Opaque. It belongs to you, this consent and this account. */
  readonly next: string | null
}

export type Party = {
  readonly partyId: string
  readonly partyType: 'Sole'
  readonly legalStructure: 'Individual' | 'Organisation'
  readonly accountRole: 'Principal'
  readonly fullLegalName: string
}

export type Product = {
  readonly accountId: string
  readonly currency: string
  readonly productId: string
  readonly productName: string
  readonly productType:
    | 'PersonalCurrentAccount'
    | 'PersonalSavingsAccount'
    | 'PersonalCardAccount'
    | 'BusinessCurrentAccount'
    | 'BusinessSavingsAccount'
    | 'BusinessCardAccount'
    | 'Other'
}

export type FundsQuestion = {
  /** Yours; it comes back. No personal data. */
  readonly reference: string
  readonly instructedAmount: AskedAmount
}

export type AskedAmount = {
  /** Above zero, with no more decimals than the currency has. */
  readonly amount: string
  /** That of the account. */
  readonly currency: string
}

export type FundsAnswer = {
  readonly fundsConfirmationId: string
  readonly creationDateTime: string
  readonly fundsAvailable: boolean
  readonly reference: string
  readonly instructedAmount: Amount
}

export type AccountToVerify = {
  readonly schemeName: 'UZ.AccountNumber'
  readonly identification: string
  /** MFO; this bank's own without it. */
  readonly bankCode?: string
}

/** A name, or the hash of a national id, or both. With both the weaker of the two answers is given. */
export type OwnershipQuestion = {
  readonly account: AccountToVerify
  /** As you know it, in Latin or Cyrillic script; word order and patronymic do not matter. */
  readonly name?: string
  /** SHA-256, lower-case hex, of the digits of a person's PINFL or an organisation's STIR. */
  readonly nationalIdSha256?: string
  readonly purpose: 'BENEFIT_PAYMENT' | 'TAX_REFUND' | 'PAYEE_CHECK' | 'ONBOARDING' | 'CONTRACT'
  /** The statute, decision or contract that lets you ask, with its case number. No personal data. */
  readonly legalReference: string
}

export type OwnershipAnswer = {
  readonly result: 'MATCH' | 'CLOSE_MATCH' | 'NO_MATCH' | 'NOT_POSSIBLE'
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
