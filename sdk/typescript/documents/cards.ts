/** Cards, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Cards {
  /** The cards of your programme, newest first */
  listCards: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: CardList
  }
  /** Issue the card that the customer asked for */
  issueCard: {
    path: undefined
    query: undefined
    body: CardRequest
    answer: Card
  }
  /** One card */
  getCard: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: undefined
    answer: Card
  }
  /** Suspend, resume or close a card, or report it lost or stolen */
  changeCardStatus: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: CardStatusRequest
    answer: Card
  }
  /** The card number, encrypted to your key */
  revealCard: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: RevealRequest
    answer: RevealedCard
  }
  /** Activate a card that is in its holder’s hands */
  activateCard: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: ActivationRequest
    answer: Card
  }
  /** Replace a card */
  replaceCard: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: ReplacementRequest
    answer: Card
  }
  /** The controls of a card */
  getControls: {
    path: {
      readonly cardId: string
    }
    query: {
      readonly version?: number
    }
    body: undefined
    answer: ControlsVersion
  }
  /** Replace the controls of a card */
  setControls: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: ControlsRequest
    answer: ControlsVersion
  }
  /** Your card programmes, newest first */
  listProgrammes: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: ProgrammeList
  }
  /** Apply for a card programme */
  applyForProgramme: {
    path: undefined
    query: undefined
    body: ProgrammeRequest
    answer: Programme
  }
  /** One card programme */
  getProgramme: {
    path: {
      readonly programmeId: string
    }
    query: undefined
    body: undefined
    answer: Programme
  }
  /** Launch, suspend, resume or close a programme */
  changeProgrammeStatus: {
    path: {
      readonly programmeId: string
    }
    query: undefined
    body: ProgrammeStatusRequest
    answer: Programme
  }
  /** Say where you decide about authorizations */
  setDecisionEndpoint: {
    path: {
      readonly programmeId: string
    }
    query: undefined
    body: DecisionEndpointRequest
    answer: DecisionEndpoint
  }
  /** Your cardholders, newest first */
  listCardholders: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: CardholderList
  }
  /** Register a cardholder */
  createCardholder: {
    path: undefined
    query: undefined
    body: CardholderRequest
    answer: Cardholder
  }
  /** One cardholder */
  getCardholder: {
    path: {
      readonly cardholderId: string
    }
    query: undefined
    body: undefined
    answer: Cardholder
  }
  /** Block, unblock or close a cardholder */
  changeCardholderStatus: {
    path: {
      readonly cardholderId: string
    }
    query: undefined
    body: CardholderStatusRequest
    answer: Cardholder
  }
  /** Use a card at a merchant */
  simulateAuthorization: {
    path: undefined
    query: undefined
    body: SimulatedAuthorization
    answer: Authorization
  }
  /** Authorizations of your cards, newest first */
  listAuthorizations: {
    path: undefined
    query: {
      readonly cardId?: string
      readonly status?: 'pending' | 'closed' | 'reversed' | 'expired'
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: AuthorizationList
  }
  /** One authorization */
  getAuthorization: {
    path: {
      readonly authorizationId: string
    }
    query: undefined
    body: undefined
    answer: Authorization
  }
  /** One card transaction */
  getCardTransaction: {
    path: {
      readonly transactionId: string
    }
    query: undefined
    body: undefined
    answer: CardTransaction
  }
  /** What was cleared, refunded and restored, newest first */
  listCardTransactions: {
    path: undefined
    query: {
      readonly cardId?: string
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: CardTransactionList
  }
  /** The file of a day, with its totals and its hash */
  getReconciliation: {
    path: {
      readonly day: string
    }
    query: undefined
    body: undefined
    answer: Reconciliation
  }
  /** The lines of a day’s file, oldest first */
  listReconciliationLines: {
    path: {
      readonly day: string
    }
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: ReconciliationLineList
  }
  /** Your disputes, newest first */
  listDisputes: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: DisputeList
  }
  /** Dispute part of a card transaction */
  openDispute: {
    path: undefined
    query: undefined
    body: DisputeRequest
    answer: Dispute
  }
  /** One dispute */
  getDispute: {
    path: {
      readonly disputeId: string
    }
    query: undefined
    body: undefined
    answer: Dispute
  }
  /** Name a piece of evidence */
  addEvidence: {
    path: {
      readonly disputeId: string
    }
    query: undefined
    body: EvidenceRequest
    answer: Dispute
  }
  /** Submit or withdraw a dispute */
  changeDisputeStatus: {
    path: {
      readonly disputeId: string
    }
    query: undefined
    body: DisputeStatusRequest
    answer: Dispute
  }
  /** Let the merchant clear an authorization */
  simulateClearing: {
    path: {
      readonly authorizationId: string
    }
    query: undefined
    body: SimulatedClearing
    answer: Authorization
  }
  /** Let the merchant reverse an authorization */
  simulateReversal: {
    path: {
      readonly authorizationId: string
    }
    query: undefined
    body: SimulatedReversal
    answer: Authorization
  }
  /** Let the merchant refund what it cleared */
  simulateRefund: {
    path: {
      readonly authorizationId: string
    }
    query: undefined
    body: SimulatedRefund
    answer: Authorization
  }
  /** Move a card on its way to its holder */
  simulateShipping: {
    path: {
      readonly cardId: string
    }
    query: undefined
    body: ShippingRequest
    answer: Card
  }
  /** Let the scheme decide a dispute */
  simulateDisputeOutcome: {
    path: {
      readonly disputeId: string
    }
    query: undefined
    body: SimulatedOutcome
    answer: Dispute
  }
  /** Let the bank approve a programme */
  simulateProgrammeApproval: {
    path: {
      readonly programmeId: string
    }
    query: undefined
    body: Nothing
    answer: Programme
  }
  /** Let the bank verify a cardholder */
  simulateVerification: {
    path: {
      readonly cardholderId: string
    }
    query: undefined
    body: Nothing
    answer: Cardholder
  }
}

export const cards = {
  listCards: { method: 'GET', path: '/cards/v1/cards', scope: 'cards:read' },
  issueCard: { method: 'POST', path: '/cards/v1/cards', scope: 'cards:issue' },
  getCard: { method: 'GET', path: '/cards/v1/cards/{cardId}', scope: 'cards:read' },
  changeCardStatus: {
    method: 'POST',
    path: '/cards/v1/cards/{cardId}/status',
    scope: 'cards:issue',
  },
  revealCard: { method: 'POST', path: '/cards/v1/cards/{cardId}/reveal', scope: 'cards:reveal' },
  activateCard: {
    method: 'POST',
    path: '/cards/v1/cards/{cardId}/activation',
    scope: 'cards:issue',
  },
  replaceCard: {
    method: 'POST',
    path: '/cards/v1/cards/{cardId}/replacement',
    scope: 'cards:issue',
  },
  getControls: {
    method: 'GET',
    path: '/cards/v1/cards/{cardId}/controls',
    scope: 'cards:controls',
  },
  setControls: {
    method: 'POST',
    path: '/cards/v1/cards/{cardId}/controls',
    scope: 'cards:controls',
  },
  listProgrammes: { method: 'GET', path: '/cards/v1/card-programmes', scope: 'cards:read' },
  applyForProgramme: { method: 'POST', path: '/cards/v1/card-programmes', scope: 'cards:issue' },
  getProgramme: {
    method: 'GET',
    path: '/cards/v1/card-programmes/{programmeId}',
    scope: 'cards:read',
  },
  changeProgrammeStatus: {
    method: 'POST',
    path: '/cards/v1/card-programmes/{programmeId}/status',
    scope: 'cards:issue',
  },
  setDecisionEndpoint: {
    method: 'POST',
    path: '/cards/v1/card-programmes/{programmeId}/decision-endpoint',
    scope: 'cards:authz',
  },
  listCardholders: { method: 'GET', path: '/cards/v1/cardholders', scope: 'cards:read' },
  createCardholder: { method: 'POST', path: '/cards/v1/cardholders', scope: 'cards:issue' },
  getCardholder: {
    method: 'GET',
    path: '/cards/v1/cardholders/{cardholderId}',
    scope: 'cards:read',
  },
  changeCardholderStatus: {
    method: 'POST',
    path: '/cards/v1/cardholders/{cardholderId}/status',
    scope: 'cards:issue',
  },
  simulateAuthorization: {
    method: 'POST',
    path: '/cards/v1/simulator/authorizations',
    scope: 'cards:authz',
  },
  listAuthorizations: { method: 'GET', path: '/cards/v1/authorizations', scope: 'cards:read' },
  getAuthorization: {
    method: 'GET',
    path: '/cards/v1/authorizations/{authorizationId}',
    scope: 'cards:read',
  },
  getCardTransaction: {
    method: 'GET',
    path: '/cards/v1/card-transactions/{transactionId}',
    scope: 'cards:read',
  },
  listCardTransactions: { method: 'GET', path: '/cards/v1/card-transactions', scope: 'cards:read' },
  getReconciliation: {
    method: 'GET',
    path: '/cards/v1/reconciliations/{day}',
    scope: 'cards:read',
  },
  listReconciliationLines: {
    method: 'GET',
    path: '/cards/v1/reconciliations/{day}/lines',
    scope: 'cards:read',
  },
  listDisputes: { method: 'GET', path: '/cards/v1/disputes', scope: 'cards:read' },
  openDispute: { method: 'POST', path: '/cards/v1/disputes', scope: 'cards:issue' },
  getDispute: { method: 'GET', path: '/cards/v1/disputes/{disputeId}', scope: 'cards:read' },
  addEvidence: {
    method: 'POST',
    path: '/cards/v1/disputes/{disputeId}/evidence',
    scope: 'cards:issue',
  },
  changeDisputeStatus: {
    method: 'POST',
    path: '/cards/v1/disputes/{disputeId}/status',
    scope: 'cards:issue',
  },
  simulateClearing: {
    method: 'POST',
    path: '/cards/v1/simulator/authorizations/{authorizationId}/clearings',
    scope: 'cards:authz',
  },
  simulateReversal: {
    method: 'POST',
    path: '/cards/v1/simulator/authorizations/{authorizationId}/reversals',
    scope: 'cards:authz',
  },
  simulateRefund: {
    method: 'POST',
    path: '/cards/v1/simulator/authorizations/{authorizationId}/refunds',
    scope: 'cards:authz',
  },
  simulateShipping: {
    method: 'POST',
    path: '/cards/v1/simulator/cards/{cardId}/shipping',
    scope: 'cards:authz',
  },
  simulateDisputeOutcome: {
    method: 'POST',
    path: '/cards/v1/simulator/disputes/{disputeId}/outcome',
    scope: 'cards:authz',
  },
  simulateProgrammeApproval: {
    method: 'POST',
    path: '/cards/v1/simulator/card-programmes/{programmeId}/approval',
    scope: 'cards:authz',
  },
  simulateVerification: {
    method: 'POST',
    path: '/cards/v1/simulator/cardholders/{cardholderId}/verification',
    scope: 'cards:authz',
  },
} as const

export type CardType = 'virtual' | 'physical'

export type CardRequest = {
  readonly cardType: CardType
  readonly currency: 'UZS' | 'USD' | 'EUR'
  /** Yours, given back with the card. No personal data. */
  readonly reference?: string
  /** A live programme of yours; the standard one where it is missing. */
  readonly programmeId?: string
  /** Whom you registered; where it is missing, the customer who consents becomes a cardholder. */
  readonly cardholderId?: string
  /** Of a physical card, to the address that the bank holds of its customer. POST where it is missing. */
  readonly delivery?: 'POST' | 'COURIER' | 'BRANCH'
}

export type Expiry = {
  readonly month: number
  readonly year: number
}

export type Card = {
  readonly cardId: string
  /** ordered → inactive → active ⇄ suspended; lost, stolen, expired and closed end it. A virtual card begins active. */
  readonly status:
    | 'ordered'
    | 'inactive'
    | 'active'
    | 'suspended'
    | 'lost'
    | 'stolen'
    | 'expired'
    | 'closed'
  readonly cardType: CardType
  readonly currency: string
  readonly bin: string
  readonly lastFour: string
  readonly expiry: Expiry
  /** The card account. */
  readonly accountId: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly reference?: string
  readonly programmeId?: string
  readonly cardholderId?: string
  readonly replacementFor?: string
  readonly shipping?: {
    readonly status: 'pending' | 'shipped' | 'delivered' | 'returned' | 'failure'
    readonly delivery: 'POST' | 'COURIER' | 'BRANCH'
  }
}

export type CardList = {
  readonly data: readonly Card[]
  readonly next: string | null
}

export type CardStatusRequest = {
  readonly action: 'suspend' | 'resume' | 'close' | 'report_lost' | 'report_stolen'
  readonly reason?: 'CUSTOMER' | 'FRAUD' | 'PROGRAMME'
}

export type RevealRequest = {
  readonly mode: 'jwe' | 'hosted'
  /** With mode hosted: the origin of your page that shows it in a frame, one of those that your redirect addresses have. Without it no page may frame it. */
  readonly frameOrigin?: string
}

/** With mode jwe, `jwe`. With mode hosted, `url` and `expiresAt`. */
export type RevealedCard = {
  readonly jwe?: string
  /** Page of the bank that shows the card to its holder once, within a minute. Open it in the cardholder’s browser; it is not for your servers. */
  readonly url?: string
  readonly expiresAt?: string
}

/** Decimal text in the currency’s own decimals. */
export type Money = {
  readonly amount: string
  readonly currency: string
}

/** What a card may use in an interval of the bank’s calendar, what is reserved and held counted. */
export type ControlLimit = {
  readonly interval: 'per_authorization' | 'daily' | 'weekly' | 'monthly' | 'yearly' | 'all_time'
  readonly amount: Money
}

/** ISO 18245. */
export type MerchantCategories = {
  readonly mode: 'allow' | 'block'
  readonly mccs: readonly string[]
}

/** ISO 3166-1. */
export type Countries = {
  readonly mode: 'allow' | 'block'
  readonly codes: readonly string[]
}

export type Controls = {
  readonly limits: readonly ControlLimit[]
  readonly merchantCategories?: MerchantCategories
  readonly countries?: Countries
  /** Those that are open; all of them where it is missing. */
  readonly channels?: readonly ('chip' | 'contactless' | 'online' | 'atm')[]
}

export type ControlsRequest = {
  readonly limits: readonly ControlLimit[]
  readonly merchantCategories?: MerchantCategories
  readonly countries?: Countries
  /** Those that are open; all of them where it is missing. */
  readonly channels?: readonly ('chip' | 'contactless' | 'online' | 'atm')[]
  readonly replaces: number
}

export type ControlsVersion = {
  readonly cardId: string
  readonly version: number
  readonly limits: readonly ControlLimit[]
  readonly merchantCategories?: MerchantCategories
  readonly countries?: Countries
  /** Those that are open; all of them where it is missing. */
  readonly channels?: readonly ('chip' | 'contactless' | 'online' | 'atm')[]
  readonly changeDateTime?: string
}

/** Decides when you do not answer in time; amounts up to these are approved, one for each currency. */
export type StandIn = {
  readonly approveUpTo: readonly Money[]
}

export type ProgrammeRequest = {
  readonly name: string
  readonly cardTypes: readonly ('virtual' | 'physical')[]
  readonly currencies: readonly ('UZS' | 'USD' | 'EUR')[]
  readonly controls: Controls
  readonly standIn: StandIn
}

export type Programme = {
  readonly programmeId: string
  readonly name: string
  readonly status: 'draft' | 'bank_approved' | 'live' | 'suspended' | 'closed'
  readonly cardTypes: readonly ('virtual' | 'physical')[]
  readonly currencies: readonly ('UZS' | 'USD' | 'EUR')[]
  readonly controls: Controls
  readonly standIn: StandIn
  /** Whether the contract over cards opened it. */
  readonly standard: boolean
  /** The issuer range, given when the bank approves. */
  readonly bin?: string
  readonly suspendedBy?: 'partner' | 'bank'
  readonly decisionUrl?: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type ProgrammeList = {
  readonly data: readonly Programme[]
  readonly next: string | null
}

export type ProgrammeStatusRequest = {
  readonly action: 'launch' | 'suspend' | 'resume' | 'close'
}

export type DecisionEndpointRequest = {
  /** https, a public name, port 443 or 8443. Null takes the decision back. */
  readonly url: string | null
}

export type DecisionEndpoint = {
  readonly programmeId: string
  readonly url: string | null
  readonly withinMs: number
  /** Ed25519, as Standard Webhooks writes it (`whpk_`). Pin it. */
  readonly verificationKey?: string
}

export type CardholderRequest = {
  readonly kycReference: string
  readonly reference?: string
}

export type Cardholder = {
  readonly cardholderId: string
  readonly status: 'pending_kyc' | 'active' | 'blocked' | 'closed'
  readonly kycReference?: string
  readonly reference?: string
  readonly blockedBy?: 'partner' | 'bank'
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type CardholderList = {
  readonly data: readonly Cardholder[]
  readonly next: string | null
}

export type CardholderStatusRequest = {
  readonly action: 'block' | 'unblock' | 'close'
}

export type ActivationRequest = {
  readonly lastFour: string
}

export type ReplacementRequest = {
  readonly reason: 'LOST' | 'STOLEN' | 'DAMAGED' | 'NOT_RECEIVED' | 'EXPIRED'
  readonly delivery?: 'POST' | 'COURIER' | 'BRANCH'
}

export type Merchant = {
  readonly name: string
  readonly mcc: string
  readonly country: string
}

export type Authorization = {
  readonly authorizationId: string
  readonly cardId: string
  readonly programmeId: string
  readonly status: 'pending' | 'closed' | 'reversed' | 'expired'
  readonly approved: boolean
  readonly decidedBy: 'controls' | 'partner' | 'stand_in' | 'core'
  readonly declineReason?:
    | 'CARD_NOT_ACTIVE'
    | 'CARD_EXPIRED'
    | 'CARDHOLDER_NOT_ACTIVE'
    | 'PROGRAMME_NOT_LIVE'
    | 'CURRENCY_DIFFERS'
    | 'NO_FUNDING_ACCOUNT'
    | 'CHANNEL_BLOCKED'
    | 'COUNTRY_BLOCKED'
    | 'CATEGORY_BLOCKED'
    | 'LIMIT_EXCEEDED'
    | 'PARTIAL_NOT_TAKEN'
    | 'PARTNER_DECLINED'
    | 'STAND_IN_DECLINED'
    | 'INSUFFICIENT_FUNDS'
    | 'ACCOUNT_REFUSED'
    | 'CORE_UNAVAILABLE'
  readonly requestedAmount: Money
  readonly approvedAmount: Money
  readonly heldAmount: Money
  readonly clearedAmount: Money
  readonly releasedAmount: Money
  readonly merchant: Merchant
  readonly channel: 'chip' | 'contactless' | 'online' | 'atm'
  /** Whether your decision came too late or not at all. */
  readonly partnerTimedOut: boolean
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  readonly expirationDateTime: string
}

export type AuthorizationList = {
  readonly data: readonly Authorization[]
  readonly next: string | null
}

export type CardTransaction = {
  readonly transactionId: string
  readonly authorizationId: string
  readonly cardId: string
  readonly kind: 'cleared' | 'refunded' | 'restored'
  readonly direction: 'debit' | 'credit'
  readonly amount: Money
  readonly merchant: Merchant
  readonly bookingDateTime: string
}

export type CardTransactionList = {
  readonly data: readonly CardTransaction[]
  readonly next: string | null
}

export type ReconciliationLine = {
  readonly movementId: string
  readonly authorizationId: string
  readonly cardId: string
  readonly kind:
    | 'approved'
    | 'declined'
    | 'cleared'
    | 'reversed'
    | 'expired'
    | 'refunded'
    | 'restored'
  readonly amount: Money
  readonly at: string
}

export type ReconciliationLineList = {
  readonly data: readonly ReconciliationLine[]
  readonly next: string | null
}

export type ReconciliationTotal = {
  readonly kind:
    | 'approved'
    | 'declined'
    | 'cleared'
    | 'reversed'
    | 'expired'
    | 'refunded'
    | 'restored'
  readonly count: number
  readonly amount: Money
}

export type Reconciliation = {
  readonly day: string
  /** Whether the day is over; until then the file grows. */
  readonly complete: boolean
  readonly count: number
  readonly sha256: string
  readonly totals: readonly ReconciliationTotal[]
}

export type DisputeRequest = {
  readonly transactionId: string
  readonly reason:
    | 'FRAUDULENT'
    | 'DUPLICATE'
    | 'NOT_RECEIVED'
    | 'NOT_AS_DESCRIBED'
    | 'CREDIT_NOT_PROCESSED'
    | 'AMOUNT_DIFFERS'
  readonly amount: Money
}

export type EvidenceRequest = {
  readonly kind:
    | 'RECEIPT'
    | 'CORRESPONDENCE'
    | 'CANCELLATION'
    | 'DELIVERY'
    | 'STATEMENT_OF_HOLDER'
    | 'OTHER'
  readonly sha256: string
  readonly mediaType: 'application/pdf' | 'image/jpeg' | 'image/png' | 'text/plain'
  readonly sizeBytes: number
}

export type Evidence = {
  readonly sha256: string
  readonly kind:
    | 'RECEIPT'
    | 'CORRESPONDENCE'
    | 'CANCELLATION'
    | 'DELIVERY'
    | 'STATEMENT_OF_HOLDER'
    | 'OTHER'
  readonly mediaType: 'application/pdf' | 'image/jpeg' | 'image/png' | 'text/plain'
  readonly sizeBytes: number
  readonly creationDateTime: string
}

export type Dispute = {
  readonly disputeId: string
  readonly transactionId: string
  readonly authorizationId: string
  readonly cardId: string
  readonly status: 'opened' | 'submitted' | 'in_review' | 'won' | 'lost' | 'withdrawn' | 'expired'
  readonly reason:
    | 'FRAUDULENT'
    | 'DUPLICATE'
    | 'NOT_RECEIVED'
    | 'NOT_AS_DESCRIBED'
    | 'CREDIT_NOT_PROCESSED'
    | 'AMOUNT_DIFFERS'
  readonly amount: Money
  readonly evidence: readonly Evidence[]
  readonly evidenceDueDateTime: string
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
}

export type DisputeList = {
  readonly data: readonly Dispute[]
  readonly next: string | null
}

export type DisputeStatusRequest = {
  readonly action: 'submit' | 'withdraw'
}

export type SimulatedAuthorization = {
  readonly cardId: string
  readonly amount: Money
  readonly merchant: Merchant
  readonly channel: 'chip' | 'contactless' | 'online' | 'atm'
  /** Whether the terminal takes less than it asks for. */
  readonly partialApproval?: boolean
}

export type SimulatedClearing = {
  readonly amount: Money
  readonly final?: boolean
}

export type SimulatedReversal = {
  readonly amount?: Money
}

export type SimulatedRefund = {
  readonly amount: Money
}

export type ShippingRequest = {
  readonly status: 'shipped' | 'delivered' | 'returned' | 'failure'
}

export type SimulatedOutcome = {
  readonly outcome: 'in_review' | 'won' | 'lost'
}

export type Nothing = Readonly<Record<string, unknown>>

export type DecisionQuestion = {
  readonly type: 'cards.authorization-decision'
  readonly timestamp: string
  readonly data: DecisionData
}

export type DecisionData = {
  readonly authorizationId: string
  readonly cardId: string
  readonly programmeId: string
  readonly requestedAmount: Money
  readonly availableAmount: Money
  readonly merchant: Merchant
  readonly channel: 'chip' | 'contactless' | 'online' | 'atm'
  readonly partialApproval: boolean
  readonly decideWithinMs: number
}

export type DecisionAnswer = {
  readonly decision: 'approve' | 'decline'
  readonly amount?: Money
}

/** What Standard Webhooks 1.0.0 carries. Thin: it names what changed; ask for the rest. Delivered at least once, with the same `webhook-id` each time. */
export type Event = {
  /** The event. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  readonly data: EventData
}

export type EventData = {
  /** The id of what changed. */
  readonly subject: string
  /** Which event of its subject it is for you. */
  readonly sequence: number
  /** Your application that began it. */
  readonly applicationId?: string
  /** What was decided in the end. */
  readonly approved?: boolean
  readonly cardId?: string
  readonly consentId?: string
  /** Why, as a word. */
  readonly reason?: string
  readonly replacementFor?: string
  /** Where the card is on its way. */
  readonly shipping?: string
  /** The version that is now in force. */
  readonly version?: number
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
