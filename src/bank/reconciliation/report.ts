/** What the bank's people are shown of the reconciliation, and their word on a difference. */
import { type Actor, work } from '#journal/index.ts'
import { notFound } from '../partner-call.ts'
import type { BankWorld } from '../world.ts'
import { type Difference, type DifferenceId, explained } from './difference.ts'
import type { Statement } from './statement.ts'
import * as store from './store.ts'

export interface Report {
  readonly days: readonly store.ReconciledDay[]
  readonly statements: readonly Statement[]
  readonly differences: readonly Difference[]
}

const LIMIT = 10_000

/** The last days, and every difference that is open, however old it is. */
export const reportReconciliation = async (
  { db, now, zone }: Pick<BankWorld, 'db' | 'now' | 'zone'>,
  { days }: { readonly days: number },
): Promise<Report> => {
  const since = now().toZonedDateTimeISO(zone).toPlainDate().subtract({ days })
  const [reconciled, statements, differences] = await Promise.all([
    store.days(db, since),
    store.statements(db, { since, limit: LIMIT }),
    store.differences(db, { since, limit: LIMIT }),
  ])
  return { days: reconciled, statements, differences }
}

/** Somebody of the bank says why it is. It stays in the report, with their words. */
export const explainDifference = (
  { db, now }: Pick<BankWorld, 'db' | 'now'>,
  actor: Actor,
  { id, explanation }: { readonly id: DifferenceId; readonly explanation: string },
): Promise<Difference> =>
  work(db, actor, now(), async (w) => {
    const before = await store.lockDifference(w, id)
    if (!before) throw notFound()
    const after = explained(before, { explanation, by: actor }, w.now)
    await store.saveDifference(w, after)
    await w.record('reconciliation.difference-explained', id, { by: actor })
    return after
  })
