/** FX, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Fx {
  /** What the market is at */
  listFxRates: {
    path: undefined
    query: {
      readonly pair?: 'USD/UZS' | 'EUR/UZS' | 'EUR/USD'
    }
    body: undefined
    answer: Rates
  }
  /** A price that the bank stands by */
  createFxQuote: {
    path: undefined
    query: undefined
    body: QuoteRequest
    answer: Quote
  }
  /** What a quote says, and whether it still holds */
  getFxQuote: {
    path: {
      readonly quoteId: string
    }
    query: undefined
    body: undefined
    answer: Quote
  }
  /** Give a quote back */
  cancelFxQuote: {
    path: {
      readonly quoteId: string
    }
    query: undefined
    body: undefined
    answer: Quote
  }
  /** Your exchanges, newest first */
  listConversions: {
    path: undefined
    query: {
      readonly status?: 'PENDING' | 'FUNDS_RESERVED' | 'SETTLED' | 'FAILED' | 'UNWOUND'
      readonly cursor?: string
      readonly limit?: number
    }
    body: undefined
    answer: Conversions
  }
  /** Exchange what the customer approved */
  createConversion: {
    path: undefined
    query: undefined
    body: ConversionRequest
    answer: Conversion
  }
  /** How far an exchange is */
  getConversion: {
    path: {
      readonly conversionId: string
    }
    query: undefined
    body: undefined
    answer: Conversion
  }
  /** Undo an exchange before its value date */
  unwindConversion: {
    path: {
      readonly conversionId: string
    }
    query: undefined
    body: UnwindingRequest
    answer: Conversion
  }
}

export const fx = {
  listFxRates: { method: 'GET', path: '/fx/v1/rates', scope: 'fx:rates' },
  createFxQuote: { method: 'POST', path: '/fx/v1/quotes', scope: 'fx:quotes' },
  getFxQuote: { method: 'GET', path: '/fx/v1/quotes/{quoteId}', scope: 'fx:quotes' },
  cancelFxQuote: {
    method: 'POST',
    path: '/fx/v1/quotes/{quoteId}/cancellation',
    scope: 'fx:quotes',
  },
  listConversions: { method: 'GET', path: '/fx/v1/conversions', scope: 'fx:convert' },
  createConversion: { method: 'POST', path: '/fx/v1/conversions', scope: 'fx:convert' },
  getConversion: { method: 'GET', path: '/fx/v1/conversions/{conversionId}', scope: 'fx:convert' },
  unwindConversion: {
    method: 'POST',
    path: '/fx/v1/conversions/{conversionId}/unwinding',
    scope: 'fx:convert',
  },
} as const

/** Decimal text, exact; never a JSON number. */
export type Amount = {
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
}

/** ISO 4217. */
export type FxCurrency = 'UZS' | 'USD' | 'EUR'

/** The first currency is counted, the second is what a unit of it costs. */
export type Pair = 'USD/UZS' | 'EUR/UZS' | 'EUR/USD'

/** Why money does not change hands today. */
export type Flags = readonly ('WEEKEND' | 'HOLIDAY' | 'AFTER_CUT_OFF')[]

export type Rate = {
  readonly pair: Pair
  readonly midRate: string
  readonly bidRate: string
  readonly askRate: string
  readonly markupBps: number
  readonly asOf: string
  readonly source: string
  readonly firstValueDate: string
  readonly flags: Flags
}

export type Rates = {
  readonly dealable: false
  readonly data: readonly Rate[]
  readonly next: string | null
}

/** ISO 8601; how long the rate is held, from the bank's clock. */
export type LockPeriod = 'PT1M' | 'PT15M' | 'PT1H' | 'PT24H'

export type QuoteRequest = {
  readonly sellCurrency: FxCurrency
  readonly buyCurrency: FxCurrency
  /** The side that `amount` is of. */
  readonly fixedSide: 'SELL' | 'BUY'
  readonly amount: Amount
  readonly lockPeriod: LockPeriod
  readonly valueDate?: string
}

export type Quote = {
  readonly quoteId: string
  /** ACTIVE, then ACCEPTED, EXPIRED or CANCELLED, and none of these changes any more. */
  readonly status: 'ACTIVE' | 'ACCEPTED' | 'EXPIRED' | 'CANCELLED'
  readonly pair: Pair
  readonly fixedSide: 'SELL' | 'BUY'
  readonly lockPeriod: LockPeriod
  readonly valueDate: string
  readonly flags: Flags
  /** What the amounts follow from, exactly; one of `rate` and `inverseRate`. */
  readonly dealtRate: string
  /** What one unit sold buys. Where it is not the dealt rate, its reciprocal with twelve decimals. */
  readonly rate: string
  /** What one unit bought costs. */
  readonly inverseRate: string
  readonly midRate: string
  readonly midRateAsOf: string
  readonly source: string
  /** What the dealt rate is off the middle rate, in hundredths of a per cent. */
  readonly markupBps: number
  readonly roundingMode: 'HALF_UP'
  readonly sell: Amount
  readonly converted: Amount
  readonly fee: Amount
  readonly buy: Amount
  readonly creationDateTime: string
  readonly expiresAt: string
}

export type Account = {
  readonly accountId: string
}

export type ConversionRequest = {
  readonly quoteId: string
  readonly sell: Amount
  readonly buy: Amount
  readonly creditAccount?: Account
}

/** PENDING → FUNDS_RESERVED → SETTLED, FAILED or UNWOUND; it never goes back. */
export type ConversionStatus = 'PENDING' | 'FUNDS_RESERVED' | 'SETTLED' | 'FAILED' | 'UNWOUND'

export type Unwinding = {
  readonly cost: Amount
  readonly until: string
}

export type Conversion = {
  readonly conversionId: string
  readonly quoteId: string
  readonly consentId: string
  readonly status: ConversionStatus
  /** ISO 20022 reason of FAILED, or of money that is on its way back: AC04 closed account, AM04 insufficient funds, AG01 not allowed, MS03 not told. */
  readonly statusReason?: string
  readonly sell: Amount
  readonly buy: Amount
  readonly debtorAccount: Account
  readonly creditAccount: Account
  readonly valueDate: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly unwinding?: Unwinding
  readonly unwindingCost?: Amount
}

export type Conversions = {
  readonly data: readonly Conversion[]
  readonly next: string | null
}

export type UnwindingRequest = {
  readonly acceptedCost: Amount
}

/** What Standard Webhooks 1.0.0 carries. Thin: it names what changed; ask for the rest. Delivered at least once, with the same `webhook-id` each time. */
export type ConversionEvent = {
  /** The event. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  readonly data: ConversionEventData
}

export type ConversionEventData = {
  /** The id of what changed. */
  readonly subject: string
  /** Which event of its subject it is for you. */
  readonly sequence: number
  /** Your application that began it. */
  readonly applicationId?: string
  /** Why, as a word. */
  readonly reason?: string
  /** ISO 20022 reason, such as AC04. */
  readonly reasonCode?: string
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
