/** What the bank of a cell says of its core's days, as it is on the wire. */
import type { z } from 'zod'
import type { ToldReport } from '#bank/reconciliation/desk-contract.ts'

export type Report = z.input<typeof ToldReport>
export type Difference = Report['differences'][number]
export type Statement = Report['statements'][number]
export type Day = Report['days'][number]
