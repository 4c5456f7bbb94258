import type { Cell } from '#kernel/cell.ts'

/** The address of everything about one endpoint of a partner. */
export interface Of {
  readonly partnerId: string
  readonly cell: Cell
  readonly endpointId: string
}

export const pathOf = ({ partnerId, cell, endpointId }: Of): string =>
  `/api/partners/${partnerId}/webhooks/${cell}/endpoints/${endpointId}`

/** Who may send a partner again what it missed. */
export const replayers = [
  'api-engineering',
  'developer-relations',
  'partner-success',
  'head-of-platform',
] as const
