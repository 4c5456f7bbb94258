/** What a partner asks the bank, and the ways between its states. Pure. */
import { z } from 'zod'
import { Cell } from '#kernel/cell.ts'
import { idOf } from '#kernel/id.ts'
import { problem } from '#kernel/problem.ts'
import { isBefore } from '#kernel/time.ts'
import { urgencies } from '#control/contracts/index.ts'
import { PartnerId } from '#control/partners/index.ts'

export const SupportId = idOf('support')
export type SupportId = z.output<typeof SupportId>

const When = z.instanceof(Temporal.Instant)

export const Status = z.enum(['open', 'answered', 'closed'])
export const Urgent = z.enum(urgencies)

export const Request = z.object({
  id: SupportId,
  partnerId: PartnerId,
  cell: Cell,
  product: z.string().nullable(),
  urgency: Urgent,
  subject: z.string(),
  callId: z.string().nullable(),
  openedBy: z.string(),
  openedAt: When,
  /** The contract that promised the first answer, and until when; null: nothing was promised. */
  contractId: z.string().nullable(),
  dueAt: When.nullable(),
  /** `open`: the bank is to speak. `answered`: it has. */
  status: Status,
  waitsSince: When,
  firstAnsweredAt: When.nullable(),
  firstAnsweredBy: z.string().nullable(),
  /** The partner closed it before the answer was due: the promise is let go, and counts neither way. */
  releasedAt: When.nullable(),
  closedAt: When.nullable(),
})
export type Request = z.output<typeof Request>

export const Side = z.enum(['partner', 'bank'])

export const Message = z.object({
  n: z.int(),
  side: Side,
  by: z.string(),
  said: z.string(),
  at: When,
})
export type Message = z.output<typeof Message>

/** A closed request is opened again within so many days; later, another one is asked. */
export const REOPEN_DAYS = 30
/** So soon the bank wants to answer where no contract promises it; nobody is owed anything by it. */
export const ANSWER_HOURS = 48
/** A partner with this many open requests waits with the next. */
export const OPEN_MAX = 50
/** What needs more than this is better asked anew. */
export const MESSAGES_MAX = 200

export const Subject = z.string().trim().min(3).max(200)
export const Said = z.string().trim().min(3).max(4_000)

export const supportNotFound = problem('support/not-found', 404, 'No such support request')
export const supportClosed = problem('support/closed', 409, 'The support request is closed')
export const supportStep = problem(
  'support/wrong-step',
  409,
  'The support request is not at this step',
)
export const supportMany = problem(
  'support/too-many-open',
  409,
  'The organisation has as many open support requests as it may',
)
export const supportLong = problem(
  'support/too-many-messages',
  409,
  'The support request has as many messages as it may',
)
export const supportRefused = problem(
  'support/refused',
  422,
  'The support request cannot be asked like this',
)

/**
 * The partner writes. What is answered or was closed waits for the bank again; no second clock starts: the contract promises
 * when somebody answers for the first time, and a partner that asks on must not be able to make one answer miss it twice.
 */
export const askedOn = (request: Request, now: Temporal.Instant): Request => {
  const { status, closedAt } = request
  if (closedAt && isBefore(closedAt.add({ hours: REOPEN_DAYS * 24 }), now))
    throw supportClosed(`it was closed at ${closedAt.toString()}`, {
      hint: `For ${REOPEN_DAYS} days a message opens it again; now open another request.`,
    })
  return status === 'open'
    ? request
    : { ...request, status: 'open', closedAt: null, waitsSince: now }
}

/** The bank writes. Only the first time stops the clock; whoever holds the request first is the first. */
export const answered = (request: Request, by: string, now: Temporal.Instant): Request => {
  if (request.status === 'closed')
    throw supportClosed('nobody waits for an answer', {
      hint: 'The partner opens it again by a message.',
    })
  return {
    ...request,
    status: 'answered',
    firstAnsweredAt: request.firstAnsweredAt ?? now,
    firstAnsweredBy: request.firstAnsweredBy ?? by,
  }
}

/** The partner closes what it asked whenever it wants; the bank only what it has answered. */
export const closed = (
  request: Request,
  side: z.output<typeof Side>,
  now: Temporal.Instant,
): Request => {
  if (request.status === 'closed') throw supportClosed('it is closed already')
  if (side === 'bank' && request.status === 'open')
    throw supportStep('the partner waits for an answer', { hint: 'Answer it, then close it.' })
  return {
    ...request,
    status: 'closed',
    closedAt: now,
    releasedAt: request.releasedAt ?? (isRunning(request) && !isOverdue(request, now) ? now : null),
  }
}

/** Whether the promised answer is still to come. */
export const isRunning = ({
  dueAt,
  firstAnsweredAt,
  releasedAt,
}: Pick<Request, 'dueAt' | 'firstAnsweredAt' | 'releasedAt'>): boolean =>
  dueAt !== null && firstAnsweredAt === null && releasedAt === null

/** Whether the promised answer is missing although its time is over. The last instant still keeps the promise. */
export const isOverdue = (
  request: Pick<Request, 'dueAt' | 'firstAnsweredAt' | 'releasedAt'>,
  now: Temporal.Instant,
): boolean => request.dueAt !== null && isRunning(request) && isBefore(request.dueAt, now)

/** How the promise ended: `open` while the answer is still in time; null where nothing was promised, or it was let go. */
export const keptOf = (
  request: Pick<Request, 'dueAt' | 'firstAnsweredAt' | 'releasedAt'>,
  now: Temporal.Instant,
): 'kept' | 'missed' | 'open' | null => {
  const { dueAt, firstAnsweredAt, releasedAt } = request
  if (dueAt === null || releasedAt !== null) return null
  if (firstAnsweredAt !== null) return isBefore(dueAt, firstAnsweredAt) ? 'missed' : 'kept'
  return isOverdue(request, now) ? 'missed' : 'open'
}

/** By when the bank is to speak next: by the contract for the first answer, by its own wish for all others. */
export const answerBy = (request: Request): Temporal.Instant =>
  request.dueAt !== null && isRunning(request)
    ? request.dueAt
    : request.waitsSince.add({ hours: ANSWER_HOURS })
