/** Why a documented answer cannot be provoked from outside; what has no reason here must be heard. */
import type { Cell } from '#kernel/cell.ts'

/**
 * Done to a card by the world outside of the bank, and what only follows from it: where a real network stands behind the
 * core, nobody makes these happen by a call.
 */
const ofTheNetwork = new Set([
  'activateCard',
  'changeProgrammeStatus',
  'getAuthorization',
  'getCardTransaction',
  'openDispute',
  'getDispute',
  'addEvidence',
  'changeDisputeStatus',
])

/** By operation and status, in both cells. */
const rare: Readonly<Record<string, string>> = {
  'getStatement 422': 'no month of the demonstration bank has more than 5,000 entries',
  'getStatementFile 422': 'no month of the demonstration bank has more than 5,000 entries',
  'getProgrammeAccount 409': 'each cell of the demonstration bank has a programme account',
}

export const whyUnheard = (cell: Cell, operation: string, status: string): string | undefined => {
  if (status === '500') return 'only a fault of the gateway’s own answers so, and none is known'
  if (status === '410')
    return 'a version ends no sooner than a year after that was told; the gateway’s own tests hear it'
  const why = rare[`${operation} ${status}`]
  if (why !== undefined || cell === 'sandbox') return why
  if (operation.startsWith('simulate') && (status.startsWith('2') || status === '404'))
    return 'nothing is simulated where customers are real'
  if (status.startsWith('2') && ofTheNetwork.has(operation))
    return 'it follows from what a card network does, and no call makes it'
  return undefined
}
