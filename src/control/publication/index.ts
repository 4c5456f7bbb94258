/** What the cells are told: the rooms' decisions compiled, signed and sent, and what must stop sent ahead of them. */
import type { Cell } from '#kernel/cell.ts'
import type { Postgres } from '#platform/db.ts'
import type { Server } from '#platform/http.ts'
import type { Log } from '#platform/log.ts'
import type { Nats } from '#platform/nats.ts'
import type { ProcessWorld, Running } from '#platform/process.ts'
import type { LiveBoard } from '#control/usage/index.ts'
import { startLinkServer } from './link-server.ts'
import { startPublisher } from './publisher.ts'

export {
  CallExplanation,
  explainCall,
  explainLicences,
  LicencesView,
  operationUnknown,
} from './explain.ts'
export { explainDecided, explainPast, PastExplanation, refusalAt } from './explain-at.ts'
export {
  Allowed,
  documentAt,
  PermissionVersion,
  permissionVersions,
} from './permission-versions.ts'
export { AllInForce, inForceAt, saidInForce } from './in-force.ts'
export { type Moment, momentOf } from './policy.ts'
export { publishOnce } from './publisher.ts'
export { type Told, toldNow } from './standing.ts'
export {
  lastReceipts,
  newest as listPublished,
  newestSnapshots,
  Published,
  ReceiptRow,
  type SnapshotTaken,
} from './store.ts'

export interface Publication extends Running {
  /** Whether every document of every cell has been published. */
  ready(): boolean
}

/** Publishes for as long as it runs, and serves the cells on control's socket. */
export const startPublication = async (options: {
  db: Postgres
  world: ProcessWorld
  log: Log
  live?: LiveBoard
  nats?: Nats
  more?: (server: Server) => void
  settledMs?: number
  /** Where copies of control agree which of them publishes. */
  leaderUrl?: string
}): Promise<Publication> => {
  const link = await startLinkServer(options)
  const publisher = await startPublisher({
    ...options,
    onNews: (cell: Cell) => link.news(cell),
  })
  return {
    ready: () => publisher.ready(),
    stop: async () => {
      await publisher.stop()
      await link.stop()
    },
  }
}
