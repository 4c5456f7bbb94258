/** Consents that customers gave partners: read off the authorization server of each cell, held and ended by the bank's people. */
import type { Cell } from '#kernel/cell.ts'
import type { Client } from '#platform/rpc.ts'
import type { consentsDeskContract } from '#authorization/consents/desk-contract.ts'

/** The authorization servers of both cells, as far as they can be asked now. */
export interface AuthorizationServers {
  readonly of: (cell: Cell) => Client<typeof consentsDeskContract>
}
