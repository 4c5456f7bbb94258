/** What people of partners and of the bank read of the board. */
import { z } from 'zod'
import { Instant, PlainDate } from '#kernel/time.ts'
import type { Db } from '#platform/db.ts'
import {
  findPartner,
  findPerson,
  maskedName,
  listPartners,
  PartnerId,
} from '#control/partners/index.ts'
import { findStaff } from '#control/staff/index.ts'
import { Action, AgendaItem, Decision, Meeting, type MeetingId, Member, Team } from './meeting.ts'
import { Pack } from './pack.ts'
import { Choice, isVoting, Request } from './request.ts'
import * as store from './store.ts'

export const MemberView = Member.extend({
  since: Instant,
  until: Instant.nullable(),
  name: z.string(),
  organisation: z.string(),
})
export type MemberView = z.output<typeof MemberView>

export const MeetingView = Meeting.extend({
  heldOn: PlainDate,
  packMadeAt: Instant.nullable(),
  publishedAt: Instant.nullable(),
  chairName: z.string(),
})
export type MeetingView = z.output<typeof MeetingView>

export const DecisionView = Decision.omit({ by: true }).extend({ at: Instant })
export const ActionView = Action.extend({
  owner: Team,
  dueOn: PlainDate,
  addedAt: Instant,
  doneAt: Instant.nullable(),
})
export type ActionView = z.output<typeof ActionView>

export const WholeMeeting = z.object({
  meeting: MeetingView,
  pack: Pack.nullable(),
  decisions: z.array(DecisionView),
  actions: z.array(ActionView),
})
export type WholeMeeting = z.output<typeof WholeMeeting>

export const RequestView = Request.omit({ partnerId: true }).extend({
  filedAt: Instant,
  closesAt: Instant,
  answeredAt: Instant.nullable(),
  voting: z.boolean().describe('Whether votes are still taken'),
  partnerId: PartnerId.nullable().describe('Who filed it; null where that is not yours to know'),
  organisation: z.string().nullable(),
})
export type RequestView = z.output<typeof RequestView>

export const OwnRequestView = RequestView.extend({
  own: z.boolean(),
  vote: Choice.nullable().describe('What your organisation voted'),
})
export type OwnRequestView = z.output<typeof OwnRequestView>

export const AgendaView = z.array(AgendaItem)

export const memberViews = async (db: Db): Promise<MemberView[]> => {
  const views: MemberView[] = []
  for (const member of await store.members(db)) {
    const person = await findPerson(db, member.personId)
    const partner = await findPartner(db, member.partnerId)
    views.push({
      ...member,
      name: person?.name ?? '',
      organisation: partner?.organisation ?? '',
    })
  }
  return views
}

/** As people of the bank see them, who said no purpose: the names stand masked, and with the partner's people in full. */
export const maskedMembers = async (db: Db): Promise<MemberView[]> =>
  (await memberViews(db)).map((member) => ({ ...member, name: maskedName(member.name) }))

export const meetingView = async (db: Db, meeting: Meeting): Promise<MeetingView> => ({
  ...meeting,
  chairName: (await findStaff(db, meeting.chair))?.name ?? '',
})

/** A meeting with all that belongs to it, as staff read it. */
export const wholeMeeting = async (db: Db, id: MeetingId): Promise<WholeMeeting | undefined> => {
  const meeting = await store.findMeeting(db, id)
  return (
    meeting && {
      meeting: await meetingView(db, meeting),
      pack: (await store.packOf(db, id)) ?? null,
      decisions: await store.decisions(db, id),
      actions: await store.actions(db, { meetingId: id }),
    }
  )
}

/** As members read it: what is said of it counts from its publication. */
export const asMember = (whole: WholeMeeting): WholeMeeting =>
  whole.meeting.status === 'published'
    ? whole
    : { ...whole, meeting: { ...whole.meeting, minutes: null }, decisions: [], actions: [] }

export const requestView = (
  { partnerId, ...request }: Request,
  now: Temporal.Instant,
  organisation: string | null,
): RequestView => ({
  ...request,
  voting: isVoting(request, now),
  partnerId: organisation === null ? null : partnerId,
  organisation,
})

export const organisations = async (db: Db): Promise<ReadonlyMap<string, string>> =>
  new Map((await listPartners(db)).map((p) => [p.id, p.organisation]))
