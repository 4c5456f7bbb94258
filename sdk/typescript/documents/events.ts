/** Events, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Events {
  /** What happened to you */
  listEvents: {
    path: undefined
    query: {
      readonly cursor?: string
      readonly limit?: number
      readonly types?: string
    }
    body: undefined
    answer: EventList
  }
}

export const events = {
  listEvents: { method: 'GET', path: '/events/v1/events', scope: 'events', feed: true },
} as const

export type EventList = {
  readonly data: readonly Event[]
  /** Never null: what has not happened yet comes behind it. */
  readonly next: string
}

export type Event = {
  /** The `webhook-id` of the same event. */
  readonly id: string
  /** Room and what happened, such as payments.settled. */
  readonly type: string
  /** When it happened. */
  readonly timestamp: string
  /** The subject, its number among the events of that subject, and what the type names besides. */
  readonly data: {
    /** The id of what it is about. */
    readonly subject: string
    /** Counts the events of the subject from 1 without a gap. */
    readonly sequence: number
    readonly accountsRevoked?: number
    /** Yours that it belongs to. */
    readonly applicationId?: string
    /** What was decided in the end. Versions before 2026-11-22 write it as a word. */
    readonly approved?: boolean | string
    readonly cardId?: string
    readonly consentId?: string
    readonly daysInArrears?: number
    /** By when it has to be answered. */
    readonly dueAt?: string
    /** When it will be executed. */
    readonly executeAt?: string
    readonly failed?: number
    readonly legId?: string
    /** What happened, in a word of the licence matrix. */
    readonly occasion?: string
    /** The `paymentId` of recalls in versions before 2026-08-03. */
    readonly payment?: string
    readonly paymentId?: string
    /** Why, as a word. */
    readonly reason?: string
    /** ISO 20022 reason, such as AC04. */
    readonly reasonCode?: string
    /** Why it was rejected. */
    readonly rejection?: string
    readonly replacementFor?: string
    readonly settled?: number
    /** Where the card is on its way. */
    readonly shipping?: string
    readonly splitPaymentId?: string
    /** The status that the subject now has, a word of its own document. */
    readonly status?: string
    /** What is lost: no-new-consents, read-only or suspended. */
    readonly step?: string
    /** Per cent of the amount. */
    readonly threshold?: number
    /** The version that is now in force. */
    readonly version?: number
  }
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
  readonly errors?: readonly FieldError[]
}

export type FieldError = {
  /** RFC 6901. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}
