/**
 * The emergency: what was stopped has to go on at once, and nobody else can be reached. One person does it, everybody
 * hears it, and another person says afterwards whether it was right. It gives nobody anything that two people had not
 * agreed to before: it lets what they agreed to go on, or moves limits. Licences, prices, contracts, credentials and
 * roles are never among it.
 */
import { z } from 'zod'
import { Instant, isBefore } from '#kernel/time.ts'
import { problem } from '#kernel/problem.ts'
import type { Work } from '#journal/index.ts'
import { type Db, isUniqueViolation } from '#platform/db.ts'
import { sql } from '#platform/sql.ts'
import { findStaff, holdsRole, StaffId, staffRoleMissing } from '#control/staff/index.ts'
import {
  applied,
  type ChangeSet,
  ChangeSetId,
  changeClosed,
  changeExpired,
  changeNotFound,
  changeVoid,
  hashDiffers,
  isExpired,
} from './change-set.ts'
import type { Appliers } from './index.ts'
import * as store from './store.ts'

/** As the table's own trigger has it. */
const urgent: ReadonlySet<string> = new Set([
  'partners.reinstatement',
  'licences.reinstatement',
  'licences.thaw',
  'contracts.thaw',
  'catalogue.limits',
  'catalogue.upstream',
])
const REVIEW_HOURS = 24

export const Glass = z.object({
  changeId: ChangeSetId,
  brokenBy: StaffId,
  brokenAt: Instant,
  reason: z.string(),
  /** By then another person has said whether it was right. */
  reviewDue: Instant,
  reviewedBy: StaffId.nullable(),
  reviewedAt: Instant.nullable(),
  verdict: z.enum(['confirmed', 'contested']).nullable(),
  remark: z.string().nullable(),
})
export type Glass = z.output<typeof Glass>

export const notUrgent = problem(
  'approvals/not-urgent',
  403,
  'A change of this kind waits for a second person, whatever happens',
)
export const glassBroken = problem(
  'approvals/glass-broken',
  409,
  'What was done alone before is not reviewed yet',
)
export const noGlass = problem('approvals/no-glass', 404, 'Nobody did this change alone')
export const ownGlass = problem('approvals/own-glass', 403, 'Another person has to review it')

/** Puts a change in force as one person. It is told aloud, and waits for its review. */
export const breakGlass = async (
  work: Work,
  appliers: Appliers,
  { id, hash, reason }: { id: ChangeSetId; hash: string; reason: string },
): Promise<ChangeSet> => {
  const change = await store.lock(work, id)
  const applier = change && appliers.get(change.kind)
  if (!change || !applier) throw changeNotFound('no change has this id')
  if (!urgent.has(change.kind)) throw notUrgent(`${change.kind} is not a matter of minutes`)
  if (change.status !== 'proposed') throw changeClosed(`it is ${change.status}`)
  if (isExpired(change, work.now)) throw changeExpired('propose it again')
  if (change.hash !== hash) throw hashDiffers('the hash is not the one of this change')
  const by = await actingAs(work, change)
  if ((await applier.base(work, change)) !== change.base)
    throw changeVoid('its subject changed after it was proposed')
  const reviewDue = work.now.add({ hours: REVIEW_HOURS })
  try {
    await work.run`
      insert into approvals.glass (change_id, broken_by, broken_at, reason, review_due)
      values (${id}, ${by}, ${work.now}, ${reason}, ${reviewDue})
    `
  } catch (error) {
    if (isUniqueViolation(error)) throw glassBroken('review it first', { cause: error })
    throw error
  }
  const done = applied(change, work.now)
  await store.save(work, done)
  await applier.apply(work, done)
  const { kind, subject } = change
  await work.record('approvals.glass-broken', id, {
    kind,
    subject,
    hash,
    reviewDue: reviewDue.toString(),
  })
  return done
}

const actingAs = async (work: Work, change: ChangeSet): Promise<StaffId> => {
  const by = StaffId.parse(work.actor.replace(/^staff:/, ''))
  const staff = await findStaff(work, by)
  if (!staff || !holdsRole(staff, change.roles))
    throw staffRoleMissing(`it is decided by ${change.roles.join(' or ')}`)
  return by
}

/** Another person with the right role says whether it was right. What it did is undone by its own stop, not by this. */
export const reviewGlass = async (
  work: Work,
  id: ChangeSetId,
  { verdict, remark }: { verdict: 'confirmed' | 'contested'; remark: string },
): Promise<Glass> => {
  const glass = await work.maybe(GlassRow)`
    select ${columns} from approvals.glass where change_id = ${id} for update
  `
  const change = await store.find(work, id)
  if (!glass || !change) throw noGlass('it was approved by two, or is not in force')
  if (glass.reviewedAt) throw changeClosed('it is reviewed')
  const by = await actingAs(work, change)
  if (by === glass.brokenBy || change.proposedBy === `staff:${by}`)
    throw ownGlass('you proposed it, or did it')
  await work.run`
    update approvals.glass
       set reviewed_by = ${by}, reviewed_at = ${work.now}, verdict = ${verdict}, remark = ${remark}
     where change_id = ${id}
  `
  await work.record('approvals.glass-reviewed', id, { verdict, kind: change.kind })
  return { ...glass, reviewedBy: by, reviewedAt: work.now, verdict, remark }
}

const instant = z.instanceof(Temporal.Instant)
const GlassRow = Glass.extend({
  brokenAt: instant,
  reviewDue: instant,
  reviewedAt: instant.nullable(),
})

const columns = sql`
  change_id as "changeId", broken_by as "brokenBy", broken_at as "brokenAt", reason, review_due as "reviewDue",
  reviewed_by as "reviewedBy", reviewed_at as "reviewedAt", verdict, remark
`

/** What was done alone, the latest first. */
export const listGlass = (db: Db) => db.many(GlassRow)`
  select ${columns} from approvals.glass order by broken_at desc limit 200
`

/** Whether somebody should have looked by now. */
export const isOverdue = ({ reviewedAt, reviewDue }: Glass, now: Temporal.Instant): boolean =>
  reviewedAt === null && !isBefore(now, reviewDue)
