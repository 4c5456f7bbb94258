/** What a cell would be told at this moment, as far as calls are decided by it: read, compiled, and sent to nobody. */
import type { Snapshot } from '#gateway/snapshot.ts'
import type { Cell } from '#kernel/cell.ts'
import type { Db } from '#platform/db.ts'
import { listProducts, listTiers, listUpstreams, type Operation } from '#control/catalogue/index.ts'
import { listApplications, type PartnerId } from '#control/partners/index.ts'
import { compile } from './compile.ts'
import { type Moment, readPolicy } from './policy.ts'

export interface Told extends Pick<Snapshot, 'cell' | 'matrix' | 'partners' | 'applications'> {
  /** Of the products that the cell is offered. */
  readonly operations: readonly Operation[]
}

const APPLICATIONS_MAX = 1_000_000
/** Decides nothing about a verdict, and is not among what is told here. */
const nobody: Snapshot['issuer'] = { issuer: '', audience: '', keys: [] }

/** Of one partner, or of all where none is named. */
export const toldNow = async (
  db: Db,
  cell: Cell,
  moment: Moment,
  partnerId?: PartnerId,
): Promise<Told> => {
  const products = await listProducts(db)
  const { gateway } = compile({
    cell,
    now: moment.now,
    policy: await readPolicy(db, moment, partnerId),
    products,
    upstreams: (await listUpstreams(db)).flatMap(({ cell: of, ...one }) =>
      of === cell ? [one] : [],
    ),
    tiers: await listTiers(db),
    applications: await listApplications(
      db,
      { cell, ...(partnerId && { partnerId }) },
      APPLICATIONS_MAX,
    ),
    certificates: [],
    issuer: nobody,
  })
  const offered = new Set(gateway.products.map((p) => p.id))
  return {
    cell,
    matrix: gateway.matrix,
    partners: gateway.partners,
    applications: gateway.applications,
    operations: products.filter((p) => offered.has(p.id)).flatMap((p) => p.operations),
  }
}
