/** With whose consent: changes that wait for a second person, and what they do once they have one. */
import type { z } from 'zod'
import { assert } from '#kernel/assert.ts'
import type { Work } from '#journal/index.ts'
import { isUniqueViolation } from '#platform/db.ts'
import type { SignedStatement } from '#control/sign-in/index.ts'
import {
  findStaff,
  holdsRole,
  type StaffId,
  StaffId as staffIdSchema,
  staffRoleMissing,
} from '#control/staff/index.ts'
import {
  applied,
  approved,
  type ChangeSet,
  type ChangeSetId,
  changeNotFound,
  changePending,
  expired,
  isExpired,
  type Proposal,
  proposed,
  rejected,
  stillNeeded,
  voided,
} from './change-set.ts'
import * as store from './store.ts'

export {
  baseOf,
  ChangeSet,
  ChangeSetId,
  changeExpired,
  changeNotFound,
  changeVoid,
  passkeyAsked,
  stillNeeded,
} from './change-set.ts'
export { AskedChangeView, ChangeView, viewOfChange } from './change-view.ts'
export { listGlass } from './glass.ts'
export { type ChangeFilter, find as findChange, list as listChanges } from './store.ts'

/** How one kind of change takes effect. A room exports its appliers by kind; `control.ts` puts them together. */
export interface Applier {
  /** Locks what the change is about and names what it stands at now, as `base` did when it was proposed. */
  base(work: Work, change: ChangeSet): Promise<string>
  /** Puts the change in force. */
  apply(work: Work, change: ChangeSet): Promise<void>
  /** The change was rejected, expired or found void: whoever waits for it is told here. */
  dropped?(work: Work, change: ChangeSet): Promise<void>
}
export type Appliers = ReadonlyMap<string, Applier>

/** Proposes a change as the one who works. It does nothing until two people of the bank stand behind it. */
export const proposeChange = async (work: Work, proposal: Proposal): Promise<ChangeSet> => {
  assert(!proposal.roles.includes('auditor'), 'an auditor decides nothing')
  const change = proposed(proposal, work.actor, work.now)
  try {
    await store.insert(work, change)
  } catch (error) {
    if (isUniqueViolation(error, 'change_set_one_open'))
      throw changePending(`another ${change.kind} of ${change.subject} waits for its decision`, {
        cause: error,
      })
    throw error
  }
  await work.record('approvals.proposed', change.id, {
    kind: change.kind,
    subject: change.subject,
    hash: change.hash,
  })
  return change
}

export interface Decision {
  readonly id: ChangeSetId
  readonly decision: 'approve' | 'reject'
  /** The hash of what the decider read. */
  readonly hash: string
  /** Why; asked for where it is a no. */
  readonly reason: string
  /** What proves the decider: their passkey's signature over the hash, or the moment of their second factor. */
  readonly evidence?: Proven
}

type Proven = z.output<typeof SignedStatement> | { readonly provenAt: string }

/**
 * Decides as the person of the bank who works; their roles are read here, not taken from their session. The approval
 * that completes the change applies it in this same transaction. Answers the change as it is now: it may have turned
 * out `expired`, or `void` because what it would change has moved on; both are kept, so they are answers, not failures.
 */
export const decideChange = async (
  work: Work,
  appliers: Appliers,
  { id, decision, hash, reason, evidence }: Decision,
): Promise<ChangeSet> => {
  const change = await store.lock(work, id)
  if (!change) throw changeNotFound('no change has this id')
  const applier = appliers.get(change.kind)
  assert(applier, `nothing applies a change of kind ${change.kind}`)
  if (isExpired(change, work.now)) return drop(work, applier, expired(change, work.now))

  const by = await decider(work, change)
  if (decision === 'reject')
    return drop(work, applier, rejected(change, by, hash, reason, work.now))

  const method = evidence && ('statement' in evidence ? 'passkey' : 'fresh-factor')
  const after = approved(change, by, hash, work.now, method)
  await store.save(work, after, evidence)
  await work.record('approvals.approved', id, {
    kind: change.kind,
    subject: change.subject,
    hash,
    ...(method && { method }),
  })
  if (stillNeeded(after) > 0) return after

  if ((await applier.base(work, after)) !== after.base)
    return drop(work, applier, voided(after, 'its subject changed after it was proposed', work.now))
  const done = applied(after, work.now)
  await store.save(work, done)
  await applier.apply(work, done)
  await work.record('approvals.applied', id, { kind: change.kind, subject: change.subject, hash })
  return done
}

const decider = async (work: Work, change: ChangeSet): Promise<StaffId> => {
  const by = staffIdSchema.parse(work.actor.replace(/^staff:/, ''))
  const staff = await findStaff(work, by)
  if (!staff || !holdsRole(staff, change.roles))
    throw staffRoleMissing(`it is decided by ${change.roles.join(' or ')}`)
  return by
}

type Dropped = ChangeSet & { status: 'rejected' | 'expired' | 'void' }
const eventOf = {
  rejected: 'approvals.rejected',
  expired: 'approvals.expired',
  void: 'approvals.voided',
} as const

const drop = async (work: Work, applier: Applier | undefined, change: Dropped) => {
  const { id, kind, subject, hash, status } = change
  await store.save(work, change)
  await applier?.dropped?.(work, change)
  await work.record(eventOf[status], id, { kind, subject, hash })
  return change
}

/** Ends the changes that nobody decided in time; answers how many. Control runs it on a clock. */
export const expireChanges = async (work: Work, appliers: Appliers): Promise<number> => {
  const overdue = await store.lockOverdue(work, work.now)
  for (const change of overdue)
    await drop(work, appliers.get(change.kind), expired(change, work.now))
  return overdue.length
}
