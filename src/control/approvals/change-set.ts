import { createHash } from 'node:crypto'
import { z } from 'zod'
import { canonical } from '#kernel/canonical.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { StaffId, StaffRole } from '#control/staff/index.ts'

export const ChangeSetId = idOf('change')
export type ChangeSetId = z.output<typeof ChangeSetId>

const Approval = z.object({
  by: StaffId,
  at: z.string(),
  hash: z.string(),
  /** How they proved to be themselves; null where it was not kept yet. */
  method: z.enum(['passkey', 'fresh-factor']).nullable().default(null),
})

/**
 * A proposed change of what someone may do. Nothing of it is in force before two people of the bank stand behind the
 * same hash. `approved` is no state of its own: the approval that completes it applies it, in one transaction.
 */
export const ChangeSet = z.object({
  id: ChangeSetId,
  /** `room.noun`: names the applier. */
  kind: z.string(),
  /** Id of what it changes. */
  subject: z.string(),
  before: z.json(),
  after: z.json(),
  /** What the subject stood at when this was proposed: if it has moved on, the change is void. */
  base: z.string(),
  reason: z.string(),
  /** Any of these may approve. */
  roles: z.array(StaffRole).min(1),
  /** `staff:…`, `person:…` or `system`. */
  proposedBy: z.string(),
  proposedAt: z.instanceof(Temporal.Instant),
  expiresAt: z.instanceof(Temporal.Instant),
  /** Hex SHA-256 over all of the above: what an approver signs. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  status: z.enum(['proposed', 'applied', 'rejected', 'expired', 'void']),
  approvals: z.array(Approval),
  decidedAt: z.instanceof(Temporal.Instant).nullable(),
  /** Why it was rejected, or is void. */
  outcome: z.string().nullable(),
  rejectedBy: StaffId.nullable(),
})
export type ChangeSet = z.output<typeof ChangeSet>

export const changeNotFound = problem('approvals/not-found', 404, 'No such change')
export const changeClosed = problem('approvals/closed', 409, 'The change is decided')
export const changeExpired = problem('approvals/expired', 409, 'The change waited too long')
export const changePending = problem(
  'approvals/pending',
  409,
  'A change of the same thing waits for its decision',
)
export const changeVoid = problem('approvals/void', 409, 'What it would change has moved on')
export const ownChange = problem('approvals/own-change', 403, 'Another person has to decide')
export const hashDiffers = problem(
  'approvals/hash-differs',
  409,
  'The decision is not about this text',
)

export const passkeyAsked = problem('approvals/passkey-asked', 403, 'Approve it with your passkey')

const LIFE_HOURS = 72
/** People of the bank who have to stand behind a change: the proposer is one of them, where they are of the bank. */
const PEOPLE_OF_THE_BANK = 2

/** The name of a state of things: equal names, equal things. */
export const baseOf = (state: unknown): string =>
  createHash('sha256').update(canonical(state)).digest('hex')

export type Proposal = Pick<
  ChangeSet,
  'kind' | 'subject' | 'before' | 'after' | 'base' | 'reason' | 'roles'
>

/** The change as its approvers will read it, with the hash that they sign. */
export const proposed = (proposal: Proposal, by: string, now: Temporal.Instant): ChangeSet => {
  const { kind, subject, before, after, base, reason, roles } = proposal
  const id = ChangeSetId.next()
  const expiresAt = now.add({ hours: LIFE_HOURS })
  const signed = { kind, subject, before, after, base, reason, roles, id, proposedBy: by }
  const hash = baseOf({
    ...signed,
    proposedAt: now.toString(),
    expiresAt: expiresAt.toString(),
  })
  return {
    ...signed,
    hash,
    proposedAt: now,
    expiresAt,
    status: 'proposed',
    approvals: [],
    decidedAt: null,
    outcome: null,
    rejectedBy: null,
  }
}

/** How many more people have to approve. */
export const stillNeeded = (change: ChangeSet): number => {
  const people = new Set(change.approvals.map((a) => `staff:${a.by}`))
  if (change.proposedBy.startsWith('staff:')) people.add(change.proposedBy)
  return Math.max(0, PEOPLE_OF_THE_BANK - people.size)
}

export const isExpired = (change: ChangeSet, now: Temporal.Instant): boolean =>
  change.status === 'proposed' && !isBefore(now, change.expiresAt)

/** A person approves. They are neither the proposer nor someone who approved before, and they mean this very text. */
export const approved = (
  change: ChangeSet,
  by: StaffId,
  hash: string,
  now: Temporal.Instant,
  method: 'passkey' | 'fresh-factor' | null = null,
): ChangeSet => {
  decidable(change, by, hash)
  const approval = { by, hash, at: now.toString(), method }
  return { ...change, approvals: [...change.approvals, approval] }
}

/** A person says no: one is enough. */
export const rejected = (
  change: ChangeSet,
  by: StaffId,
  hash: string,
  reason: string,
  now: Temporal.Instant,
): ChangeSet & { status: 'rejected' } => {
  decidable(change, by, hash)
  return { ...change, status: 'rejected', rejectedBy: by, outcome: reason, decidedAt: now }
}

const decidable = (change: ChangeSet, by: StaffId, hash: string) => {
  if (change.status !== 'proposed') throw changeClosed(`it is ${change.status}`)
  if (change.hash !== hash)
    throw hashDiffers('the hash is not the one of this change', {
      hint: 'Read the change again and decide about what it says now.',
    })
  if (change.proposedBy === `staff:${by}`) throw ownChange('you proposed it')
  if (change.approvals.some((a) => a.by === by)) throw ownChange('you have approved it already')
}

export const applied = (change: ChangeSet, now: Temporal.Instant) =>
  ({ ...change, status: 'applied', decidedAt: now }) as const

/** Nobody decided in time. */
export const expired = (change: ChangeSet, now: Temporal.Instant) =>
  ({ ...change, status: 'expired', decidedAt: now }) as const

/** What it would change is no longer what its approvers read. */
export const voided = (change: ChangeSet, why: string, now: Temporal.Instant) =>
  ({ ...change, status: 'void', outcome: why, decidedAt: now }) as const
