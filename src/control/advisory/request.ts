import { z } from 'zod'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { PartnerId } from '#control/partners/index.ts'

export const RequestId = idOf('request')
export type RequestId = z.output<typeof RequestId>

const When = z.instanceof(Temporal.Instant)

/** What partners want of the platform. Each partner has one vote, which may change until voting closes. */
export const Request = z.object({
  id: RequestId,
  partnerId: PartnerId,
  title: z.string(),
  body: z.string(),
  filedAt: When,
  closesAt: When,
  status: z.enum(['open', 'accepted', 'declined', 'delivered', 'withdrawn']),
  answer: z.string().nullable(),
  answeredAt: When.nullable(),
  votesFor: z.number(),
  votesAgainst: z.number(),
})
export type Request = z.output<typeof Request>

export const Choice = z.enum(['for', 'against'])
export type Choice = z.output<typeof Choice>
export const Answer = z.enum(['accepted', 'declined', 'delivered'])
export type Answer = z.output<typeof Answer>

/** How long partners may vote. */
export const VOTING_DAYS = 30
/** A partner with more than this many open requests waits with the next. */
export const REQUESTS_OPEN_MAX = 10

export const requestNotFound = problem('advisory/request-not-found', 404, 'No such request')
export const votingClosed = problem('advisory/voting-closed', 409, 'Voting is over')
export const requestStep = problem('advisory/request-step', 409, 'The request is not at this step')
export const requestsMany = problem(
  'advisory/too-many-requests',
  409,
  'The organisation has as many open requests as it may',
)

export const isVoting = (
  { status, closesAt }: Pick<Request, 'status' | 'closesAt'>,
  now: Temporal.Instant,
): boolean => status === 'open' && isBefore(now, closesAt)

/** open → accepted → delivered; open → declined, withdrawn. */
export const mayAnswer = ({ status }: Pick<Request, 'status'>, answer: Answer): void => {
  if (status === 'open' || (status === 'accepted' && answer === 'delivered')) return
  throw requestStep(`it is ${status}`)
}
