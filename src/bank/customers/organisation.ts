/** A company that people sign for: who may, and how many of them must agree. */
import { z } from 'zod'
import { CustomerId } from './customer.ts'

export const Organisation = z.object({
  /** The core's own name for it. */
  coreRef: z.string(),
  displayName: z.string(),
  /** How many signatories must agree; which of them is the same to the bank. */
  signatures: z.number().int().min(1),
  signatories: z.array(CustomerId),
})
export type Organisation = z.output<typeof Organisation>

export interface NewOrganisation {
  readonly coreRef: string
  readonly displayName: string
  readonly signatures: number
  /** Logins of those who sign. */
  readonly signatories: readonly string[]
}
