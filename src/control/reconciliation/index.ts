/** What the bank's core says of its days beside what it was told: read off the bank of each cell, explained by its people. */
import type { Cell } from '#kernel/cell.ts'
import type { Client } from '#platform/rpc.ts'
import type { reconciliationContract } from '#bank/reconciliation/desk-contract.ts'

/** The banks of both cells, as far as they can be asked now. */
export interface Banks {
  readonly of: (cell: Cell) => Client<typeof reconciliationContract>
}
