import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { PartnerId, PersonId } from '#control/partners/index.ts'
import { StaffId, StaffRole } from '#control/staff/index.ts'
import { RequestId } from './request.ts'

export const MemberId = idOf('member')
export type MemberId = z.output<typeof MemberId>
export const MeetingId = idOf('meeting')
export type MeetingId = z.output<typeof MeetingId>
export const DecisionId = idOf('decision')
export const ActionId = idOf('action')
export type ActionId = z.output<typeof ActionId>

const When = z.instanceof(Temporal.Instant)

/** A person of a partner who sits on the board. */
export const Member = z.object({
  id: MemberId,
  partnerId: PartnerId,
  personId: PersonId,
  since: When,
  until: When.nullable(),
})
export type Member = z.output<typeof Member>

/** Three months of the bank's calendar: `2026-Q4`. */
export const Quarter = z.string().regex(/^20\d{2}-Q[1-4]$/, 'is a quarter such as 2026-Q4')

export const AgendaItem = z.strictObject({
  title: z.string().trim().min(1).max(200),
  /** Of partners' requests, the one that it is about. */
  requestId: RequestId.nullable().default(null),
})

export const Meeting = z.object({
  id: MeetingId,
  quarter: Quarter,
  heldOn: z.instanceof(Temporal.PlainDate),
  chair: StaffId,
  /** `published`: two people stand behind its minutes. */
  status: z.enum(['planned', 'held', 'published']),
  agenda: z.array(AgendaItem),
  packSha256: z.string().nullable(),
  packMadeAt: When.nullable(),
  minutes: z.string().nullable(),
  publishedAt: When.nullable(),
})
export type Meeting = z.output<typeof Meeting>

export const Decision = z.object({
  id: DecisionId,
  meetingId: MeetingId,
  requestId: RequestId.nullable(),
  said: z.string(),
  by: z.string(),
  at: When,
})
export type Decision = z.output<typeof Decision>

/** The teams that work items and actions belong to. */
export const Team = StaffRole.extract([
  'api-product',
  'api-engineering',
  'developer-relations',
  'partner-success',
  'compliance',
  'finance',
])
export type Team = z.output<typeof Team>

export const Action = z.object({
  id: ActionId,
  meetingId: MeetingId,
  said: z.string(),
  owner: Team,
  dueOn: z.instanceof(Temporal.PlainDate),
  addedAt: When,
  outcome: z.string().nullable(),
  doneAt: When.nullable(),
})
export type Action = z.output<typeof Action>

export const meetingNotFound = problem('advisory/meeting-not-found', 404, 'No such meeting')
export const quarterTaken = problem(
  'advisory/quarter-taken',
  409,
  'The board meets about this quarter already',
)
export const meetingStep = problem('advisory/wrong-step', 409, 'The meeting is not at this step')
export const chairUnfit = problem(
  'advisory/chair-unfit',
  422,
  'The chair is a person of the bank who works here',
)
export const seatTaken = problem('advisory/seat-taken', 409, 'This person sits on the board')
export const seatUnfit = problem(
  'advisory/seat-unfit',
  422,
  'A seat is for a person who works for an active partner',
)
export const memberNotFound = problem('advisory/member-not-found', 404, 'No such member')
export const notOnBoard = problem(
  'advisory/not-on-board',
  403,
  'This is for members of the advisory board',
)
export const actionNotFound = problem('advisory/action-not-found', 404, 'No such open action')

/** First day of a quarter, and the day after its last. */
export const daysOf = (quarter: string): { start: Temporal.PlainDate; end: Temporal.PlainDate } => {
  const [year, n] = quarter.split('-Q').map(Number)
  const start = new Temporal.PlainDate(year ?? 0, ((n ?? 1) - 1) * 3 + 1, 1)
  return { start, end: start.add({ months: 3 }) }
}

/** The quarter that is under way. */
export const quarterOf = (now: Temporal.Instant, zone: string): string => {
  const { year, month } = now.toZonedDateTimeISO(zone)
  return `${year}-Q${Math.ceil(month / 3)}`
}

/** planned → held → published. Nothing goes back. */
export const held = (meeting: Meeting): Meeting => {
  if (meeting.status !== 'planned') throw meetingStep(`it is ${meeting.status}`)
  if (!meeting.packSha256)
    throw meetingStep('the board has no pack yet', {
      hint: 'Make the pack of the quarter first: what the board saw stays as it was.',
    })
  return { ...meeting, status: 'held' }
}

export const mayChange = (meeting: Meeting, ...steps: readonly Meeting['status'][]): void => {
  if (!steps.includes(meeting.status)) throw meetingStep(`it is ${meeting.status}`)
}
