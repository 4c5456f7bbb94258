/** Money between the organisation and the bank, as the server answers it. Amounts are decimal text, never a float. */
import type { Content, ContentLine } from '#control/billing/content.ts'
import type { NoteContent } from '#control/billing/invoice.ts'
import type { Evaluation } from '#control/service-levels/index.ts'
import type { LevelTerms } from '#control/service-levels/agreement.ts'
import type { z } from 'zod'

export type { Content, ContentLine }

export interface Invoice {
  readonly id: string
  readonly kind: 'invoice' | 'credit_note' | 'debit_note'
  readonly status: string
  readonly number: string | null
  readonly from: string
  readonly to: string
  readonly currency: string
  readonly net: string
  readonly tax: string
  readonly gross: string
  readonly paid: string
  readonly sha256: string
  readonly issuedAt: string | null
  readonly dueOn: string | null
}

export interface WholeInvoice {
  readonly invoice: Invoice
  readonly content: Content | z.output<typeof NoteContent>
  readonly creditNotes: readonly Invoice[]
  /** What is disputed and waits. */
  readonly frozen: string
}

export interface Dispute {
  readonly id: string
  readonly invoiceId: string
  readonly invoiceNumber: string | null
  readonly section: number
  readonly n: number
  readonly currency: string
  readonly frozen: string
  readonly reason: string
  readonly status: string
  readonly openedAt: string
  readonly answer: string | null
}

export interface Statement {
  readonly data: readonly {
    readonly at: string
    readonly text: string
    readonly currency: string
    readonly amount: string
    readonly balance: string
  }[]
}

export interface Outlook {
  readonly month: string
  readonly data: readonly {
    readonly currency: string
    readonly soFar: string
    readonly expected: string
    /** Share of the month, 0 to 1. */
    readonly elapsed: number
  }[]
}

export interface Preview {
  readonly asOf: string
  readonly contents: readonly Content[]
}

export interface Budget {
  readonly id: string
  readonly applicationId: string | null
  readonly currency: string
  readonly amount: string
  readonly thresholds: readonly number[]
  /** Whether calls that would exceed it are refused. */
  readonly hard: boolean
  readonly spent: string
}
export interface Budgets {
  readonly data: readonly Budget[]
  readonly alerts: readonly {
    readonly budgetId: string
    readonly month: string
    readonly threshold: number
    readonly spent: string
    readonly at: string
  }[]
}

export interface JudgedLevel {
  readonly id: string
  readonly contractId: string
  readonly terms: LevelTerms
  readonly evaluation: Evaluation
  readonly sha256: string
}

export interface Prepaid {
  readonly id: string
  readonly title: string
  readonly currency: string
  readonly amount: string
  readonly left: string
  readonly expiresAt: string | null
}

export interface Mandate {
  readonly id: string
  readonly currency: string
  readonly accountNumber: string
  readonly holderId: string
  readonly holder: string
  readonly status: string
}
export interface Collection {
  readonly id: string
  readonly currency: string
  readonly amount: string
  readonly status: string
  readonly reasonCode: string | null
  readonly askedAt: string
}
export interface Mandates {
  readonly data: readonly Mandate[]
  readonly collections: readonly Collection[]
}
