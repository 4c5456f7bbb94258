/** KYC, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Kyc {
  /** Your verifications of persons, newest first */
  listVerifications: {
    path: undefined
    query: {
      readonly limit?: number
      readonly cursor?: string
    }
    body: undefined
    answer: VerificationList
  }
  /** Begin to verify a customer of yours */
  createVerification: {
    path: undefined
    query: undefined
    body: VerificationRequest
    answer: Verification
  }
  /** One verification */
  getVerification: {
    path: {
      readonly verificationId: string
    }
    query: undefined
    body: undefined
    answer: Verification
  }
  /** Bring a document */
  addVerificationDocument: {
    path: {
      readonly verificationId: string
    }
    query: undefined
    body: DocumentRequest
    answer: Document
  }
  /** Nothing more is to come */
  submitVerification: {
    path: {
      readonly verificationId: string
    }
    query: undefined
    body: Nothing
    answer: Verification
  }
  /** Forget the person */
  eraseVerification: {
    path: {
      readonly verificationId: string
    }
    query: undefined
    body: Nothing
    answer: Verification
  }
  /** Begin to verify a business, and find who is behind it */
  createBusiness: {
    path: undefined
    query: undefined
    body: BusinessRequest
    answer: Business
  }
  /** One business */
  getBusiness: {
    path: {
      readonly businessId: string
    }
    query: undefined
    body: undefined
    answer: Business
  }
  /** Ask whether the lists have somebody like that */
  createScreening: {
    path: undefined
    query: undefined
    body: ScreeningRequest
    answer: Screening
  }
  /** One screening */
  getScreening: {
    path: {
      readonly screeningId: string
    }
    query: undefined
    body: undefined
    answer: Screening
  }
  /** Yes or no about a customer of the bank */
  answerPredicates: {
    path: undefined
    query: undefined
    body: PredicateRequest
    answer: PredicateAnswers
  }
  /** The bank’s own verification of a customer, signed */
  shareClaims: {
    path: undefined
    query: undefined
    body: ClaimsRequest
    answer: SharedClaims
  }
}

export const kyc = {
  listVerifications: { method: 'GET', path: '/kyc/v1/verifications', scope: 'kyc:predicates' },
  createVerification: { method: 'POST', path: '/kyc/v1/verifications', scope: 'kyc:predicates' },
  getVerification: {
    method: 'GET',
    path: '/kyc/v1/verifications/{verificationId}',
    scope: 'kyc:predicates',
  },
  addVerificationDocument: {
    method: 'POST',
    path: '/kyc/v1/verifications/{verificationId}/documents',
    scope: 'kyc:predicates',
  },
  submitVerification: {
    method: 'POST',
    path: '/kyc/v1/verifications/{verificationId}/submission',
    scope: 'kyc:predicates',
  },
  eraseVerification: {
    method: 'POST',
    path: '/kyc/v1/verifications/{verificationId}/erasure',
    scope: 'kyc:predicates',
  },
  createBusiness: { method: 'POST', path: '/kyc/v1/businesses', scope: 'kyc:predicates' },
  getBusiness: { method: 'GET', path: '/kyc/v1/businesses/{businessId}', scope: 'kyc:predicates' },
  createScreening: { method: 'POST', path: '/kyc/v1/screenings', scope: 'kyc:predicates' },
  getScreening: {
    method: 'GET',
    path: '/kyc/v1/screenings/{screeningId}',
    scope: 'kyc:predicates',
  },
  answerPredicates: { method: 'POST', path: '/kyc/v1/predicate-requests', scope: 'kyc:predicates' },
  shareClaims: { method: 'POST', path: '/kyc/v1/claims-requests', scope: 'kyc:attributes' },
} as const

/** ISO 3166-1 alpha-2. */
export type Country = string

/** Your own name of the customer. Never a person's name; it is forgotten with the person. */
export type Reference = string

export type Purpose = 'ONBOARDING' | 'PERIODIC_REVIEW' | 'CONTRACT' | 'PAYOUTS'

export type Person = {
  readonly fullName: string
  readonly birthDate: string
  /** PINFL, with the prefix of ETSI EN 319 412-1. */
  readonly nationalId: string
  readonly citizenship: Country
  readonly residence: Country
}

/** In the sandbox a word in the full name says what comes out: `Rejected`, `Review` (people look, and confirm after a minute), `Declined` (people look, and do not), `Unclear` (nobody ever decides). Anybody else is verified, unless the PINFL is a persona's and the name is not. */
export type VerificationRequest = {
  readonly reference: Reference
  readonly purpose: Purpose
  readonly person: Person
}

/** Each is met by a document of its kind. */
export type Requirement =
  | 'document.identity'
  | 'document.address'
  | 'document.registration'
  | 'document.ownership'

export type Requirements = {
  readonly currentlyDue: readonly Requirement[]
  readonly pastDue: readonly Requirement[]
  /** What is due then is past due; a week later the verification expires. */
  readonly deadline: string
}

export type Verification = {
  readonly verificationId: string
  readonly kind: 'person' | 'business'
  /** created → collecting → processing → manual_review → verified | rejected; what is not completed is expired. It never goes back. */
  readonly status:
    | 'created'
    | 'collecting'
    | 'processing'
    | 'manual_review'
    | 'verified'
    | 'rejected'
    | 'expired'
  readonly purpose: 'ONBOARDING' | 'PERIODIC_REVIEW' | 'CONTRACT' | 'PAYOUTS'
  readonly reference?: string
  readonly requirements: Requirements
  readonly creationDateTime: string
  readonly statusUpdateDateTime: string
  /** When it expires if nothing happens; missing once it has ended. */
  readonly expirationDateTime?: string
  /** When the person is, or was, forgotten here; missing while it is open. */
  readonly erasureDateTime?: string
  readonly erased: boolean
}

export type VerificationList = {
  readonly data: readonly Verification[]
  readonly next: string | null
}

/** What Standard Webhooks 1.0.0 carries. Thin: it names what changed; ask for the rest. Delivered at least once, with the same `webhook-id` each time. */
export type VerificationEvent = {
  /** The event. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  readonly data: VerificationEventData
}

export type VerificationEventData = {
  /** The id of what changed. */
  readonly subject: string
  /** Which event of its subject it is for you. */
  readonly sequence: number
  /** Your application that began it. */
  readonly applicationId?: string
  /** Why, as a word. */
  readonly reason?: string
}

export type Nothing = Readonly<Record<string, unknown>>

export type DocumentRequest = {
  readonly type:
    | 'ID_CARD'
    | 'PASSPORT'
    | 'ADDRESS_PROOF'
    | 'REGISTRATION_EXTRACT'
    | 'OWNERSHIP_DECLARATION'
  readonly mediaType: 'image/jpeg' | 'image/png' | 'application/pdf'
  /** Base64 (RFC 4648 §4) of at most 700 000 bytes. */
  readonly content: string
}

export type Document = {
  readonly documentId: string
  readonly type:
    | 'ID_CARD'
    | 'PASSPORT'
    | 'ADDRESS_PROOF'
    | 'REGISTRATION_EXTRACT'
    | 'OWNERSHIP_DECLARATION'
  readonly mediaType: 'image/jpeg' | 'image/png' | 'application/pdf'
  readonly bytes: number
  /** Of the bytes, so that you can say later which document it was. */
  readonly sha256: string
  readonly receivedDateTime: string
}

export type PartyRef = string

export type Party = {
  readonly ref: PartyRef
  readonly kind: 'person' | 'company'
  readonly name: string
}

export type Holding = {
  readonly owner: PartyRef
  readonly of: PartyRef
  /** A fraction, so that a third is a third. */
  readonly share: string
}

export type Control = {
  readonly by: PartyRef
  readonly of: PartyRef
  readonly means: 'VOTING_AGREEMENT' | 'BOARD_APPOINTMENT' | 'OTHER'
}

/** Who holds and controls what. `business` is the ref of the business itself. */
export type Ownership = {
  readonly parties: readonly Party[]
  readonly holdings: readonly Holding[]
  readonly controls?: readonly Control[]
}

export type BusinessRequest = {
  readonly reference: Reference
  readonly purpose: Purpose
  readonly legalName: string
  /** STIR. */
  readonly registrationNumber: string
  readonly ownership: Ownership
}

export type BeneficialOwner = {
  /** Your ref of the person. */
  readonly ref: string
  readonly basis: readonly ('OWNERSHIP' | 'CONTROL')[]
  /** What they own through all chains, exactly. */
  readonly share: string
}

export type Business = {
  readonly businessId: string
  readonly beneficialOwners: readonly BeneficialOwner[]
  /** What nobody was named for. */
  readonly unexplainedShare: string
  readonly verification: Verification
}

/** In the sandbox a word in the name of who is verified says what comes out: `Listed` is review, `Offline` is unavailable; anybody else is clear. */
export type ScreeningRequest = {
  readonly verificationId: string
}

export type Screening = {
  readonly screeningId: string
  readonly verificationId: string
  readonly result: 'clear' | 'review' | 'unavailable'
  readonly screeningDateTime: string
}

export type Predicate = 'age_over_18' | 'resident_in' | 'name_matches' | 'account_owned'

export type AccountToOwn = {
  readonly schemeName: 'UZ.AccountNumber'
  readonly identification: string
}

/** `resident_in` asks about the country of the bank. A name goes with `name_matches` and an account with `account_owned`, and with nothing else. In the sandbox every answer is a persona's: Aziz is fourteen, Viktor lives in Almaty, and nothing is on file of Sinov. */
export type PredicateRequest = {
  /** uz_aml. */
  readonly trustFramework: string
  readonly predicates: readonly Predicate[]
  readonly name?: string
  readonly account?: AccountToOwn
}

export type PredicateAnswer = {
  readonly predicate: 'age_over_18' | 'resident_in' | 'name_matches' | 'account_owned'
  readonly result: 'TRUE' | 'FALSE' | 'UNAVAILABLE'
}

export type PredicateAnswers = {
  readonly claimsRequestId: string
  readonly answers: readonly PredicateAnswer[]
  readonly jwt?: string
}

export type ClaimsRequest = {
  /** uz_aml. */
  readonly trustFramework: string
  readonly claims: readonly (
    | 'given_name'
    | 'family_name'
    | 'birthdate'
    | 'address'
    | 'nationalities'
  )[]
  readonly predicates?: readonly Predicate[]
  readonly name?: string
  readonly account?: AccountToOwn
}

export type SharedClaims = {
  readonly claimsRequestId: string
  readonly jwt: string
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
