/** The partner advisory board: who sits on it, what partners ask for, what it met about and what came of it. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { isUniqueViolation } from '#platform/db.ts'
import { type Applier, baseOf, type ChangeSet, proposeChange } from '#control/approvals/index.ts'
import { findPartner, findPerson, type PersonId } from '#control/partners/index.ts'
import { findStaff, type StaffId } from '#control/staff/index.ts'
import { announce } from '#control/webhooks/index.ts'
import {
  type Action,
  ActionId,
  actionNotFound,
  chairUnfit,
  type Decision,
  DecisionId,
  held,
  mayChange,
  type Meeting,
  MeetingId,
  meetingNotFound,
  meetingStep,
  type Member,
  MemberId,
  memberNotFound,
  quarterTaken,
  seatTaken,
  seatUnfit,
} from './meeting.ts'
import { digestOf, type Pack } from './pack.ts'
import * as store from './store.ts'

export * from './meeting.ts'
export { Pack, packText } from './pack.ts'
export { gatherPack } from './gathering.ts'
export { packPdf } from './paper.ts'
export * from './request.ts'
export { answerRequest, fileRequest, vote, withdrawRequest } from './requests.ts'
export {
  actions as listActions,
  decisions as listDecisions,
  findMeeting,
  findRequest,
  meetings as listMeetings,
  members as listMembers,
  packOf,
  requests as listRequests,
  seatOf,
  votesOf,
} from './store.ts'

const MINUTES = 'advisory.minutes'

/** Gives a person of a partner a seat. */
export const seatMember = async (work: Work, personId: PersonId): Promise<Member> => {
  const person = await findPerson(work, personId)
  const partner = person && (await findPartner(work, person.partnerId))
  if (person?.status !== 'active' || partner?.status !== 'active')
    throw seatUnfit('there is no such person at an active partner')
  const { partnerId } = person
  const member = { id: MemberId.next(), partnerId, personId, since: work.now, until: null }
  try {
    await store.insertMember(work, member, work.actor)
  } catch (error) {
    if (isUniqueViolation(error, 'member_one_seat'))
      throw seatTaken('one person has one seat', { cause: error })
    throw error
  }
  await work.record('advisory.member-seated', member.id, { partnerId, personId })
  return member
}

export const endSeat = async (work: Work, id: MemberId): Promise<Member> => {
  const member = await store.lockMember(work, id)
  if (!member || member.until) throw memberNotFound('nobody sits on the board by this id')
  await store.endMember(work, id, work.now)
  await work.record('advisory.member-left', id, { partnerId: member.partnerId })
  return { ...member, until: work.now }
}

export type Plan = Pick<Meeting, 'quarter' | 'heldOn' | 'chair' | 'agenda'>

const checkChair = async (db: Db, chair: StaffId) => {
  const staff = await findStaff(db, chair)
  if (staff?.status !== 'active' || staff.roles.every((role) => role === 'auditor'))
    throw chairUnfit('nobody who works here has this id')
}

/** Plans the meeting about a quarter. */
export const planMeeting = async (work: Work, plan: Plan): Promise<Meeting> => {
  await checkChair(work, plan.chair)
  const meeting: Meeting = {
    ...plan,
    id: MeetingId.next(),
    status: 'planned',
    packSha256: null,
    packMadeAt: null,
    minutes: null,
    publishedAt: null,
  }
  try {
    await store.insertMeeting(work, meeting, work.now)
  } catch (error) {
    if (isUniqueViolation(error, 'meeting_quarter_key'))
      throw quarterTaken(plan.quarter, { cause: error })
    throw error
  }
  const { id, quarter, heldOn, chair } = meeting
  await work.record('advisory.meeting-planned', id, { quarter, heldOn: heldOn.toString(), chair })
  return meeting
}

/** Other day, chair or agenda, as long as the board has not met. */
export const replanMeeting = async (
  work: Work,
  id: MeetingId,
  plan: Omit<Plan, 'quarter'>,
): Promise<Meeting> => {
  await checkChair(work, plan.chair)
  const meeting = await known(work, id)
  mayChange(meeting, 'planned')
  const after = { ...meeting, ...plan }
  await store.saveMeeting(work, after)
  await work.record('advisory.meeting-replanned', id, {
    heldOn: after.heldOn.toString(),
    chair: after.chair,
    items: after.agenda.length,
  })
  return after
}

/** Lays a pack before the board. Until it has met, a newer one takes its place; from then on it stays. */
export const layPack = async (work: Work, id: MeetingId, pack: Pack): Promise<Meeting> => {
  const meeting = await known(work, id)
  mayChange(meeting, 'planned')
  const sha256 = digestOf(pack)
  await store.savePack(work, id, { pack, sha256, at: work.now })
  await work.record('advisory.pack-made', id, { sha256 })
  return { ...meeting, packSha256: sha256, packMadeAt: work.now }
}

/** The board has met. */
export const holdMeeting = async (work: Work, id: MeetingId): Promise<Meeting> => {
  const after = held(await known(work, id))
  await store.saveMeeting(work, after)
  await work.record('advisory.meeting-held', id, { packSha256: after.packSha256 })
  return after
}

export const writeMinutes = async (
  work: Work,
  id: MeetingId,
  minutes: string,
): Promise<Meeting> => {
  const meeting = await known(work, id)
  mayChange(meeting, 'held')
  const after = { ...meeting, minutes }
  await store.saveMeeting(work, after)
  const sha256 = createHash('sha256').update(minutes).digest('hex')
  await work.record('advisory.minutes-written', id, { sha256 })
  return after
}

export const takeDecision = async (
  work: Work,
  meetingId: MeetingId,
  { said, requestId }: Pick<Decision, 'said' | 'requestId'>,
): Promise<Decision> => {
  mayChange(await known(work, meetingId), 'held')
  const decision = {
    id: DecisionId.next(),
    meetingId,
    requestId,
    said,
    by: work.actor,
    at: work.now,
  }
  await store.insertDecision(work, decision)
  await work.record('advisory.decision-taken', decision.id, { meetingId, requestId })
  return decision
}

export const addAction = async (
  work: Work,
  meetingId: MeetingId,
  asked: Pick<Action, 'said' | 'owner' | 'dueOn'>,
): Promise<Action> => {
  mayChange(await known(work, meetingId), 'held')
  const id = ActionId.next()
  const action = { ...asked, id, meetingId, addedAt: work.now, outcome: null, doneAt: null }
  await store.insertAction(work, action, work.actor)
  const { owner, dueOn } = action
  await work.record('advisory.action-added', id, { meetingId, owner, dueOn: dueOn.toString() })
  return action
}

/** Says what came of an action. */
export const finishAction = async (work: Work, id: ActionId, outcome: string): Promise<Action> => {
  const action = await store.lockAction(work, id)
  if (!action || action.doneAt) throw actionNotFound('no open action has this id')
  await store.finishAction(work, id, { outcome, by: work.actor, at: work.now })
  await work.record('advisory.action-done', id, { meetingId: action.meetingId })
  return { ...action, outcome, doneAt: work.now }
}

/** What members will read, whole. */
const publicationOf = async (db: Db, meeting: Meeting) => ({
  quarter: meeting.quarter,
  heldOn: meeting.heldOn.toString(),
  packSha256: meeting.packSha256,
  minutes: meeting.minutes,
  decisions: (await store.decisions(db, meeting.id)).map((d) => d.said),
  actions: (await store.actions(db, { meetingId: meeting.id })).map(({ said, owner, dueOn }) => ({
    said,
    owner,
    dueOn: dueOn.toString(),
  })),
})

/** Proposes to publish the minutes with their decisions and actions; another person reads the same text and agrees. */
export const proposeMinutes = async (work: Work, id: MeetingId): Promise<ChangeSet> => {
  const meeting = await known(work, id)
  mayChange(meeting, 'held')
  if (!meeting.minutes) throw meetingStep('it has no minutes yet')
  const after = await publicationOf(work, meeting)
  return proposeChange(work, {
    kind: MINUTES,
    subject: id,
    before: null,
    after,
    base: baseOf(after),
    reason: `minutes of ${meeting.quarter}`,
    roles: ['head-of-platform', 'developer-relations', 'partner-success', 'api-product'],
  })
}

export const appliers: Readonly<Record<string, Applier>> = {
  [MINUTES]: {
    base: async (work, { subject }) =>
      baseOf(await publicationOf(work, await known(work, MeetingId.parse(subject)))),
    apply: async (work, { id: changeId, subject, after }) => {
      const meeting = await known(work, MeetingId.parse(subject))
      mayChange(meeting, 'held')
      await store.publish(work, meeting.id, { changeId, at: work.now })
      await work.record('advisory.minutes-published', meeting.id, { sha256: baseOf(after) })
      const { quarter } = Published.parse(after)
      const partners = new Set((await store.members(work)).map((m) => m.partnerId))
      for (const partnerId of partners)
        await announce(work, {
          partnerId,
          kind: 'advisory-minutes',
          subject: meeting.id,
          key: `advisory-minutes ${meeting.id}`,
          title: `Minutes of the advisory board, ${quarter}`,
          body: 'The minutes, decisions and actions are in the portal, on the page of the advisory board.',
          happensAt: null,
          acknowledge: false,
        })
    },
  },
}
const Published = z.looseObject({ quarter: z.string() })

const known = async (work: Work, id: MeetingId): Promise<Meeting> => {
  const meeting = await store.lockMeeting(work, id)
  if (!meeting) throw meetingNotFound('no meeting has this id')
  return meeting
}
