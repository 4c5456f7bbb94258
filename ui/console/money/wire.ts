/** What the rooms of finance answer, as it is on the wire. Amounts are decimal text, never a float. */
import type { z } from 'zod'
import type { Content, ContentLine } from '#control/billing/content.ts'
import type { Dispute as DisputeNoun } from '#control/billing/dispute.ts'
import type { InvoiceStatus, NoteContent } from '#control/billing/invoice.ts'
import type { MarginView } from '#control/forecast/outlook.ts'
import type { ReplayReport } from '#control/forecast/replay.ts'
import type { Agreement } from '#control/revenue-share/agreement.ts'
import type { StatementContent } from '#control/revenue-share/share.ts'
import type { LevelTerms } from '#control/service-levels/agreement.ts'
import type { Evaluation } from '#control/service-levels/index.ts'
import type { Wire } from '../../kit/wire.ts'

export interface Invoice {
  readonly id: string
  readonly partnerId: string
  readonly kind: 'invoice' | 'credit_note' | 'debit_note'
  readonly status: InvoiceStatus
  readonly number: string | null
  readonly credits: string | null
  readonly from: string
  readonly to: string
  readonly currency: string
  readonly net: string
  readonly tax: string
  readonly gross: string
  readonly paid: string
  readonly sha256: string
  readonly draftedAt: string
  readonly issuedAt: string | null
  readonly dueOn: string | null
}
export type InvoiceLine = Wire<ContentLine>
export type InvoiceContent = Wire<Content>
export interface InvoiceWhole {
  readonly invoice: Invoice
  readonly content: InvoiceContent | Wire<NoteContent>
  readonly creditNotes: readonly Invoice[]
  readonly frozen: string
}
export type Dispute = Wire<
  Pick<
    DisputeNoun,
    | 'id'
    | 'invoiceId'
    | 'partnerId'
    | 'section'
    | 'n'
    | 'reason'
    | 'status'
    | 'openedAt'
    | 'decidedAt'
    | 'answer'
  >
> & {
  readonly invoiceNumber: string | null
  readonly currency: string
  readonly net: string
  readonly frozen: string
}
export interface Ageing {
  readonly asOf: string
  readonly data: readonly {
    readonly partnerId: string
    readonly currency: string
    readonly notDue: string
    readonly to30: string
    readonly to60: string
    readonly to90: string
    readonly over90: string
    readonly disputed: string
  }[]
}
export interface Posting {
  readonly at: string
  readonly text: string
  readonly currency: string
  readonly amount: string
  readonly balance: string
}
export type Share = Wire<Agreement>
export interface Statement {
  readonly id: string
  readonly partnerId: string
  readonly status: 'draft' | 'issued'
  readonly number: string | null
  readonly from: string
  readonly to: string
  readonly currency: string
  readonly net: string
  readonly tax: string
  readonly gross: string
  readonly sha256: string
  readonly draftedAt: string
  readonly issuedAt: string | null
}
export interface StatementWhole {
  readonly statement: Statement
  readonly content: Wire<StatementContent>
}
export interface Earnings {
  readonly balances: readonly { readonly currency: string; readonly amount: string }[]
  readonly payouts: readonly {
    readonly id: string
    readonly kind: 'transfer' | 'netting'
    readonly currency: string
    readonly amount: string
    readonly reference: string
    readonly paidAt: string
  }[]
}
export interface Budgets {
  readonly data: readonly {
    readonly id: string
    readonly applicationId: string | null
    readonly currency: string
    readonly amount: string
    readonly thresholds: readonly number[]
    readonly spent: string
  }[]
}
export interface Outlook {
  readonly month: string
  readonly data: readonly {
    readonly currency: string
    readonly soFar: string
    readonly expected: string
    /** Thousandths of the month. */
    readonly elapsed: number
  }[]
}
export interface WhatIf {
  readonly month: string
  readonly from: 'production' | 'sandbox'
  readonly currency: string
  readonly agreed: string | null
  readonly amount: string
  readonly lines: readonly { readonly title: string; readonly amount: string }[]
  readonly cliffs: Report['cliffs']
}
export type Report = Wire<ReplayReport>
export type Margin = Wire<z.output<typeof MarginView>>
export interface Judged {
  readonly id: string
  readonly contractId: string
  readonly terms: Wire<LevelTerms>
  readonly evaluation: Wire<Evaluation>
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
  readonly invoiceId: string
  readonly currency: string
  readonly amount: string
  readonly status: string
  readonly reasonCode: string | null
  readonly askedAt: string
  /** When somebody looked at why it was rejected. */
  readonly clearedAt: string | null
}
export interface Mandates {
  readonly data: readonly Mandate[]
  readonly collections: readonly Collection[]
}
