/** What partners ask for, and how they vote on it. */
import type { Work } from '#journal/index.ts'
import type { PartnerId } from '#control/partners/index.ts'
import {
  type Answer,
  type Choice,
  isVoting,
  mayAnswer,
  type Request,
  RequestId,
  requestNotFound,
  requestStep,
  REQUESTS_OPEN_MAX,
  requestsMany,
  VOTING_DAYS,
  votingClosed,
} from './request.ts'
import * as store from './store.ts'

/** Files a request. Whoever files it has voted for it. */
export const fileRequest = async (
  work: Work,
  partnerId: PartnerId,
  { title, body }: Pick<Request, 'title' | 'body'>,
): Promise<Request> => {
  const open = await store.requests(work, { partnerId, status: 'open' })
  if (open.length >= REQUESTS_OPEN_MAX)
    throw requestsMany(`${open.length} of its requests wait for an answer`)
  const request: Request = {
    id: RequestId.next(),
    partnerId,
    title,
    body,
    filedAt: work.now,
    closesAt: work.now.add({ hours: VOTING_DAYS * 24 }),
    status: 'open',
    answer: null,
    answeredAt: null,
    votesFor: 1,
    votesAgainst: 0,
  }
  const { id: requestId } = request
  await store.insertRequest(work, request, work.actor)
  const own = { requestId, partnerId, choice: 'for' as const, by: work.actor, at: work.now }
  await store.castVote(work, own)
  await work.record('advisory.request-filed', requestId, {
    partnerId,
    closesAt: request.closesAt.toString(),
  })
  return request
}

/** A partner's one vote; it may change until voting closes. */
export const vote = async (
  work: Work,
  { id, partnerId, choice }: { id: RequestId; partnerId: PartnerId; choice: Choice },
): Promise<Request> => {
  const request = await known(work, id)
  if (!isVoting(request, work.now))
    throw votingClosed(
      request.status === 'open'
        ? `it closed at ${request.closesAt.toString()}`
        : `it is ${request.status}`,
    )
  await store.castVote(work, { requestId: id, partnerId, choice, by: work.actor, at: work.now })
  await work.record('advisory.vote-cast', id, { partnerId, choice })
  return (await store.findRequest(work, id)) ?? request
}

export const withdrawRequest = async (
  work: Work,
  { id, partnerId }: { id: RequestId; partnerId: PartnerId },
): Promise<Request> => {
  const request = await known(work, id)
  // One of another organisation is not theirs to name.
  if (request.partnerId !== partnerId) throw requestNotFound('none of yours has this id')
  if (request.status !== 'open') throw requestStep(`it is ${request.status}`)
  const after: Request = { ...request, status: 'withdrawn' }
  await store.saveStatus(work, after, null)
  await work.record('advisory.request-withdrawn', id, { partnerId })
  return after
}

/** The bank's answer, with its reason. */
export const answerRequest = async (
  work: Work,
  id: RequestId,
  { status, answer }: { status: Answer; answer: string },
): Promise<Request> => {
  const request = await known(work, id)
  mayAnswer(request, status)
  const after: Request = { ...request, status, answer, answeredAt: work.now }
  await store.saveStatus(work, after, work.actor)
  await work.record('advisory.request-answered', id, { partnerId: request.partnerId, status })
  return after
}

const known = async (work: Work, id: RequestId): Promise<Request> => {
  const request = await store.lockRequest(work, id)
  if (!request || request.status === 'withdrawn') throw requestNotFound('no request has this id')
  return request
}
