/** Sandbox, version 2026-11-22. Written by `generate.ts` from the bank's document: do not edit. */

export const version = '2026-11-22'

export interface Sandbox {
  /** Banks of your own */
  listWorlds: {
    path: undefined
    query: undefined
    body: undefined
    answer: Worlds
  }
  /** One more bank of your own */
  createWorld: {
    path: undefined
    query: undefined
    body: WorldRequest
    answer: World
  }
  /** Go to a world */
  chooseWorld: {
    path: undefined
    query: undefined
    body: WorldChoice
    answer: Worlds
  }
  /** Begin anew */
  resetWorld: {
    path: {
      readonly worldId: string
    }
    query: undefined
    body: undefined
    answer: World
  }
  /** Remove a world */
  removeWorld: {
    path: {
      readonly worldId: string
    }
    query: undefined
    body: undefined
    answer: World
  }
  /** Moments of a world that you can go back to */
  listSnapshots: {
    path: {
      readonly worldId: string
    }
    query: undefined
    body: undefined
    answer: Snapshots
  }
  /** Keep this moment */
  takeSnapshot: {
    path: {
      readonly worldId: string
    }
    query: undefined
    body: undefined
    answer: Snapshot
  }
  /** Go back to a moment */
  restoreSnapshot: {
    path: {
      readonly worldId: string
      readonly snapshotId: string
    }
    query: undefined
    body: undefined
    answer: World
  }
  /** What time it is where you are */
  getClock: {
    path: undefined
    query: undefined
    body: undefined
    answer: Clock
  }
  /** Turn the clock of your world forward */
  turnClock: {
    path: undefined
    query: undefined
    body: ClockTurn
    answer: Clock
  }
  /** Money comes from another bank */
  simulateInboundPayment: {
    path: undefined
    query: undefined
    body: MovementRequest
    answer: Movement
  }
  /** Another bank collects */
  simulateDirectDebit: {
    path: undefined
    query: undefined
    body: MovementRequest
    answer: Movement
  }
  /** The core is away, closed, busy or slow for a while, or payments end in another way */
  simulateCoreCondition: {
    path: undefined
    query: undefined
    body: ConditionRequest
    answer: Condition
  }
  /** A rate of exchange moves */
  simulateRateMove: {
    path: undefined
    query: undefined
    body: RateMove
    answer: RateMove
  }
  /** A verification ends as you say */
  simulateVerificationResult: {
    path: undefined
    query: undefined
    body: VerificationResultRequest
    answer: VerificationResult
  }
  /** The entrance refuses you for a while */
  simulateEntranceCondition: {
    path: undefined
    query: undefined
    body: EntranceConditionRequest
    answer: EntranceCondition
  }
  /** Webhooks come in a storm, twice, or in the wrong order */
  simulateWebhooks: {
    path: undefined
    query: undefined
    body: WebhookSimulation
    answer: WebhookSimulation
  }
  /** A customer decides without your browser */
  simulateConsentDecision: {
    path: undefined
    query: undefined
    body: ConsentDecisionRequest
    answer: ConsentDecision
  }
}

export const sandbox = {
  listWorlds: { method: 'GET', path: '/sandbox/v1/worlds', scope: 'sandbox' },
  createWorld: { method: 'POST', path: '/sandbox/v1/worlds', scope: 'sandbox' },
  chooseWorld: { method: 'POST', path: '/sandbox/v1/world-in-use', scope: 'sandbox' },
  resetWorld: { method: 'POST', path: '/sandbox/v1/worlds/{worldId}/reset', scope: 'sandbox' },
  removeWorld: { method: 'POST', path: '/sandbox/v1/worlds/{worldId}/removal', scope: 'sandbox' },
  listSnapshots: {
    method: 'GET',
    path: '/sandbox/v1/worlds/{worldId}/snapshots',
    scope: 'sandbox',
  },
  takeSnapshot: {
    method: 'POST',
    path: '/sandbox/v1/worlds/{worldId}/snapshots',
    scope: 'sandbox',
  },
  restoreSnapshot: {
    method: 'POST',
    path: '/sandbox/v1/worlds/{worldId}/snapshots/{snapshotId}/restoration',
    scope: 'sandbox',
  },
  getClock: { method: 'GET', path: '/sandbox/v1/clock', scope: 'sandbox' },
  turnClock: { method: 'POST', path: '/sandbox/v1/clock', scope: 'sandbox' },
  simulateInboundPayment: {
    method: 'POST',
    path: '/sandbox/v1/simulations/inbound-payments',
    scope: 'sandbox',
  },
  simulateDirectDebit: {
    method: 'POST',
    path: '/sandbox/v1/simulations/direct-debits',
    scope: 'sandbox',
  },
  simulateCoreCondition: {
    method: 'POST',
    path: '/sandbox/v1/simulations/core-conditions',
    scope: 'sandbox',
  },
  simulateRateMove: {
    method: 'POST',
    path: '/sandbox/v1/simulations/rate-moves',
    scope: 'sandbox',
  },
  simulateVerificationResult: {
    method: 'POST',
    path: '/sandbox/v1/simulations/verification-results',
    scope: 'sandbox',
  },
  simulateEntranceCondition: {
    method: 'POST',
    path: '/sandbox/v1/simulations/entrance-conditions',
    scope: 'sandbox',
  },
  simulateWebhooks: { method: 'POST', path: '/sandbox/v1/simulations/webhooks', scope: 'sandbox' },
  simulateConsentDecision: {
    method: 'POST',
    path: '/sandbox/v1/simulations/consent-decisions',
    scope: 'sandbox',
  },
} as const

export type World = {
  readonly worldId: string
  readonly name: string
  readonly inUse: boolean
  readonly createdAt: string
  /** To the day. */
  readonly usedAt: string
}

export type Worlds = {
  readonly data: readonly World[]
  readonly next: string | null
}

export type WorldRequest = {
  readonly name: string
  readonly copyOf?: string
}

export type WorldChoice = {
  readonly worldId: string | null
}

export type Snapshot = {
  readonly snapshotId: string
  readonly worldId: string
  readonly takenAt: string
}

export type Snapshots = {
  readonly data: readonly Snapshot[]
  readonly next: string | null
}

export type Clock = {
  /** Null in the bank that all share. */
  readonly worldId: string | null
  readonly now: string
  readonly realTime: string
  readonly aheadSeconds: number
  /** Where the clock goes by itself; null once it has arrived. */
  readonly turningTo: string | null
}

/** Either by a time, or to a moment. */
export type ClockTurn = {
  /** Days, hours, minutes and seconds, by ISO 8601. */
  readonly advanceBy?: string
  readonly advanceTo?: string
}

export type RateMove = {
  readonly pair: 'USD/UZS' | 'EUR/UZS' | 'EUR/USD'
  /** At most 50 to either side. */
  readonly percent: string
}

export type VerificationResultRequest = {
  readonly verificationId: string
  readonly identity: 'CONFIRMED' | 'CONTRADICTED' | 'UNCLEAR'
  readonly screening?: 'CLEAR' | 'REVIEW' | 'UNAVAILABLE'
}

export type VerificationResult = {
  readonly verificationId: string
  readonly status:
    | 'created'
    | 'collecting'
    | 'processing'
    | 'manual_review'
    | 'verified'
    | 'rejected'
    | 'expired'
}

export type EntranceConditionName = 'CERTIFICATE_EXPIRED' | 'LIMIT_REACHED'

export type EntranceConditionRequest = {
  readonly condition: EntranceConditionName
  readonly seconds: number
}

export type EntranceCondition = {
  readonly condition: EntranceConditionName
  readonly until: string
}

export type WebhookSimulation = {
  readonly kind: 'STORM' | 'DUPLICATE' | 'REORDER'
  readonly count: number
  /** Of the catalogue of events; of a storm and of events in the wrong order only. */
  readonly type?: string
}

export type ConsentDecisionRequest = {
  /** Of your own pushed request, not used yet. */
  readonly requestUri: string
  readonly login: string
  readonly password: string
  readonly decision: 'APPROVE' | 'DENY' | 'LEAVE'
  /** Which of the accounts that the page offers they tick. */
  readonly accounts?: 'FIRST' | 'ALL'
}

export type ConsentDecision = {
  readonly decision: 'APPROVE' | 'DENY' | 'LEAVE'
  /** Null where they left without an answer. */
  readonly redirectTo: string | null
}

/** Decimal text, exact; never a JSON number. */
export type Amount = {
  readonly amount: string
  /** ISO 4217. */
  readonly currency: string
}

export type MovementRequest = {
  readonly accountId: string
  readonly amount: Amount
  readonly counterparty: string
  readonly text: string
}

export type Movement = {
  readonly status: 'BOOKED' | 'REJECTED'
  /** ISO 20022 reason of REJECTED. */
  readonly statusReason?: string
  readonly accountId: string
  readonly amount: Amount
}

export type ConditionName =
  | 'OUTAGE'
  | 'CLOSED'
  | 'BUSY'
  | 'UNCLEAR'
  | 'SLOW'
  | 'SANCTIONS_HOLD'
  | 'RETURNED'
  | 'CUT_OFF'

export type ConditionRequest = {
  readonly condition: ConditionName
  readonly seconds: number
  readonly delayMilliseconds?: number
}

export type Condition = {
  readonly condition: ConditionName
  readonly delayMilliseconds: number
  readonly until: string
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
