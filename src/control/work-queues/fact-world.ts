/** Whom work is asked of: control's own database, and the cells' couriers and banks as far as they hear. */
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import type { Banks } from '#control/reconciliation/index.ts'
import type { Couriers } from '#control/webhooks/index.ts'
import type { Fact } from './item.ts'

export interface FactWorld {
  readonly db: Db
  readonly now: Temporal.Instant
  readonly zone: string
  readonly couriers: Couriers
  /** The banks of the cells, for what their books say. */
  readonly banks: AskedBanks
}

/** Reads one kind of work off the room that knows of it. */
export type Source = (world: FactWorld) => Promise<Fact[]>

export interface AskedBanks extends Banks {
  hears(cell: Cell): boolean
}
