/** What `main.ts` hands to every process. A process reads nothing else from its surroundings. */
import type { Cell } from '#kernel/cell.ts'
import type { Ports, Settings } from './config.ts'
import type { Layout } from './layout.ts'
import type { Log } from './log.ts'

export interface ProcessWorld {
  readonly settings: Settings
  readonly layout: Layout
  readonly ports: Ports
  readonly log: Log
  readonly now: () => Temporal.Instant
}

/** A process of a cell knows which one it is; nothing in it depends on which. */
export interface CellWorld extends ProcessWorld {
  readonly cell: Cell
}

export interface Running {
  stop(): Promise<void>
}
