/**
 * Whether a new snapshot agrees with what was decided lately. A broken compile is signed, in shape and whole like a good
 * one; it shows in that it would decide the calls of the last minutes otherwise, and nobody said so.
 *
 * Kept: the last decisions by ids, nothing of the calls. A call that was let through and now would not be is explained by
 * a revocation (stops travel ahead of documents, G47), by the end of its evidence, by another licence matrix, or by another
 * document of its product; one that was refused and now would not be, by the latter two. A change of a few partners needs
 * no explanation: it is what snapshots are for. What more than half of the partners gain or lose without one is refused.
 */
import type { Denials } from '../callers/denials.ts'
import type { Application, Table } from './table.ts'

interface Decision {
  readonly applicationId: string
  readonly partnerId: string
  readonly operationId: string
  readonly allowed: boolean
}

export interface Decisions {
  /** Called for every call that got as far as a verdict; keeps some of them. */
  note(application: Application, operationId: string, allowed: boolean): void
  recent(): readonly Decision[]
}

const KEPT = 1_024
/** One in so many is kept: a busy partner must not fill the sample within a second. */
const ONE_IN = 8

export const openDecisions = (): Decisions => {
  const kept: Decision[] = []
  let next = 0
  let passed = 0
  return {
    note: (application, operationId, allowed) => {
      if (passed++ % ONE_IN !== 0) return
      kept[next] = {
        applicationId: application.id,
        partnerId: application.partner.id,
        operationId,
        allowed,
      }
      next = (next + 1) % KEPT
    },
    recent: () => kept,
  }
}

/** What a table says of an operation for an application, before token, consent and limits are asked. */
export const judged = (
  table: Table,
  applicationId: string,
  operationId: string,
  atMs: number,
): boolean => {
  const application = table.applications.get(applicationId)
  const operation = table.operations.get(operationId)
  if (!application?.active || !application.partner.active || !operation) return false
  if (!application.scopes.has(operation.scope)) return false
  return operation.permissions.some((permission) => {
    const verdict = application.verdicts.get(permission)
    if (verdict?.granted !== true || verdict.untilMs <= atMs) return false
    return operation.risk !== 'high' || verdict.writesUntilMs > atMs
  })
}

/** Of fewer partners than this nothing can be said. */
const PARTNERS_MIN = 5
const SHARE_MAX = 0.5

/** Why the next table is not believed; undefined where it agrees with what was decided, or says why it does not. */
export const disagreement = (
  decisions: readonly Decision[],
  before: Table,
  next: Table,
  denials: Pick<Denials, 'denies'>,
  atMs: number,
): string | undefined => {
  if (before.matrix !== next.matrix) return undefined
  const comparable = decisions.filter(
    ({ operationId }) => before.operations.get(operationId) === next.operations.get(operationId),
  )
  for (const allowed of [true, false]) {
    const partners = new Set<string>()
    const turned = new Set<string>()
    for (const decision of comparable.filter((d) => d.allowed === allowed)) {
      const { applicationId, operationId, partnerId } = decision
      // Decided by an older table, or by something else than the snapshot: says nothing about this change.
      if (judged(before, applicationId, operationId, atMs) !== allowed) continue
      partners.add(partnerId)
      if (judged(next, applicationId, operationId, atMs) === allowed) continue
      if (allowed && isStopped(decision, next, denials, atMs)) continue
      turned.add(partnerId)
    }
    if (partners.size >= PARTNERS_MIN && turned.size > partners.size * SHARE_MAX)
      return `${turned.size} of the last ${partners.size} partners whose calls were ${
        allowed ? 'allowed would be refused' : 'refused would be allowed'
      }, and nothing says why`
  }
  return undefined
}

/** A stop that came by the stream, and is as old as it likes: the document only repeats it. */
const isStopped = (
  { applicationId, operationId, partnerId }: Decision,
  next: Table,
  denials: Pick<Denials, 'denies'>,
  atMs: number,
): boolean => {
  const denied = (kind: 'partner' | 'client' | 'permission', id: string) =>
    denials.denies(kind, id, atMs, 0)
  return (
    denied('partner', partnerId) ||
    denied('client', applicationId) ||
    (next.operations.get(operationId)?.permissions ?? []).some((p) =>
      denied('permission', `${partnerId} ${p}`),
    )
  )
}
