/** Changes that wait for a second person, as work of those who may be it. */
import { isBefore } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import { type ChangeSet, listChanges } from '#control/approvals/index.ts'
import { type Fact, fact, Queue } from './item.ts'

const ABUSE_CHANGE = 'abuse.action'

/** Every change that waits, page by page. */
const waitingChanges = async (db: Db): Promise<ChangeSet[]> => {
  const found: ChangeSet[] = []
  for (;;) {
    const page = await listChanges(db, { status: 'proposed', before: found.at(-1)?.id }, 200)
    found.push(...page)
    if (page.length < 200) return found
  }
}

const partnerIn = (state: unknown): string | null =>
  typeof state === 'object' &&
  state !== null &&
  'partnerId' in state &&
  typeof state.partnerId === 'string'
    ? state.partnerId
    : null

const ofChange = (kind: 'approval' | 'abuse-finding', change: ChangeSet): Fact => {
  const { id, subject, proposedAt, expiresAt } = change
  const own = fact({ kind, subject: id, about: change.kind, since: proposedAt })
  const partnerId = subject.startsWith('partner_')
    ? subject
    : (partnerIn(change.after) ?? partnerIn(change.before))
  return {
    ...own,
    partnerId,
    queues: Queue.options.filter((queue) => change.roles.includes(queue)),
    // A proposal falls when its time is over, however soon that is.
    dueAt: kind === 'approval' || isBefore(expiresAt, own.dueAt) ? expiresAt : own.dueAt,
    barred: [change.proposedBy.replace(/^staff:/, ''), ...change.approvals.map((a) => a.by)],
  }
}

/** Findings of abuse are changes too; they have a time of their own. */
export const changesThatWait = async (
  db: Db,
  now: Temporal.Instant,
  kind: 'approval' | 'abuse-finding',
): Promise<Fact[]> =>
  (await waitingChanges(db))
    .filter((c) => isBefore(now, c.expiresAt))
    .filter((c) => (c.kind === ABUSE_CHANGE) === (kind === 'abuse-finding'))
    .map((c) => ofChange(kind, c))
