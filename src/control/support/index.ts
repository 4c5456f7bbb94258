/** The support desk: what partners ask, what the bank answers, and whether its first answer came as the contract promises. */
import type { Cell } from '#kernel/cell.ts'
import type { FieldError } from '#kernel/problem.ts'
import { reference, type Work } from '#journal/index.ts'
import type { Db } from '#platform/db.ts'
import { compiled, contractInForce, type Support, type Urgency } from '#control/contracts/index.ts'
import { listApplications, type PartnerId } from '#control/partners/index.ts'
import { findCall } from '#control/usage/index.ts'
import { announce } from '#control/webhooks/index.ts'
import { dueAt } from './due.ts'
import {
  answered,
  askedOn,
  closed,
  MESSAGES_MAX,
  OPEN_MAX,
  type Message,
  type Request,
  SupportId,
  supportLong,
  supportMany,
  supportNotFound,
  supportRefused,
} from './request.ts'
import * as store from './store.ts'
import { wordFaults } from './words.ts'

export { dueAt } from './due.ts'
export * from './request.ts'
export { answersDue, Figures, figuresOf, type PromisedAnswer } from './figures.ts'
export {
  find as findSupport,
  messages as supportMessages,
  requests as listSupport,
  waiting as waitingSupport,
} from './store.ts'

export interface Asked {
  readonly partnerId: PartnerId
  readonly cell: Cell
  readonly product: string | null
  readonly urgency: Urgency
  readonly subject: string
  readonly said: string
  readonly callId: string | null
}

/** What a partner may ask about in a cell: what its applications and its contract open. */
export const productsAsked = async (
  db: Db,
  { partnerId, cell, at }: { partnerId: PartnerId; cell: Cell; at: Temporal.Instant },
): Promise<string[]> => {
  const contract = cell === 'production' ? await contractInForce(db, partnerId, at) : undefined
  const applications = await listApplications(db, { partnerId, cell })
  const products = [...(contract?.products ?? []), ...applications.flatMap((a) => a.products)]
  return [...new Set(products)].toSorted()
}

/** What is promised in a cell at a moment; null: nothing is, as in the sandbox and before a contract rules. */
export const promiseOf = async (
  db: Db,
  { partnerId, cell, at }: { partnerId: PartnerId; cell: Cell; at: Temporal.Instant },
): Promise<{ contractId: string; support: Support } | null> => {
  if (cell === 'sandbox') return null
  // A partner has one agreement at a time: what rules for one of its products rules for all that it asks.
  const contract = await contractInForce(db, partnerId, at)
  const support = contract && compiled(contract.document).support
  return support ? { contractId: contract.id, support } : null
}

const askedFaults = async (db: Db, asked: Asked, at: Temporal.Instant): Promise<FieldError[]> => {
  const { partnerId, cell, product, callId, subject, said } = asked
  const errors = [...wordFaults('/subject', subject), ...wordFaults('/text', said)]
  if (product !== null && !(await productsAsked(db, { partnerId, cell, at })).includes(product))
    errors.push({ pointer: '/product', code: 'unknown', detail: 'none of your products' })
  const call = callId === null ? undefined : await findCall(db, { partnerId, callId })
  // A call of another organisation is as if it had never been.
  if (callId !== null && call?.cell !== cell)
    errors.push({ pointer: '/callId', code: 'unknown', detail: 'no call of yours in this cell' })
  return errors
}

/** Opens a request, with the time by which the contract that rules now promises its first answer. */
export const openSupport = async (work: Work, asked: Asked): Promise<Request> => {
  const { partnerId, cell, product, urgency, subject, callId } = asked
  const errors = await askedFaults(work, asked, work.now)
  if (errors.length > 0) throw refusal(errors)
  const open = await store.holdOpen(work, partnerId)
  if (open >= OPEN_MAX)
    throw supportMany(`${open} of its requests wait for an answer`, {
      hint: 'Write on in one of them, or close what no longer matters.',
    })
  const promise = await promiseOf(work, { partnerId, cell, at: work.now })
  const request: Request = {
    id: SupportId.next(),
    partnerId,
    cell,
    product,
    urgency,
    subject,
    callId,
    openedBy: work.actor,
    openedAt: work.now,
    contractId: promise?.contractId ?? null,
    dueAt: promise && dueAt(promise.support, urgency, work.now),
    status: 'open',
    waitsSince: work.now,
    firstAnsweredAt: null,
    firstAnsweredBy: null,
    releasedAt: null,
    closedAt: null,
  }
  const { id } = request
  await store.insert(work, request)
  await say(work, id, 'partner', asked.said)
  await work.record('support.opened', id, {
    partnerId,
    cell,
    product,
    urgency,
    contractId: request.contractId,
    dueAt: request.dueAt?.toString() ?? null,
    subject: await reference(work, id, subject),
    text: await reference(work, id, asked.said),
  })
  return request
}

/** The partner writes in a request of its own; what was answered or closed waits for the bank again. */
export const askOn = async (
  work: Work,
  own: { readonly id: SupportId; readonly partnerId: PartnerId },
  said: string,
): Promise<Request> => {
  const request = await known(work, own.id, own.partnerId)
  const after = askedOn(request, work.now)
  await sayable(work, own.id, said)
  await store.save(work, after)
  const { n } = await say(work, own.id, 'partner', said)
  const facts = { partnerId: own.partnerId, n, text: await reference(work, own.id, said) }
  if (request.status === 'closed') await work.record('support.reopened', own.id, facts)
  else await work.record('support.asked-on', own.id, facts)
  return after
}

/** Somebody of the bank answers. The first of them stops the clock; what the house sends by itself never does. */
export const answerSupport = async (work: Work, id: SupportId, said: string): Promise<Request> => {
  const request = await known(work, id)
  const after = answered(request, work.actor, work.now)
  await sayable(work, id, said)
  await store.save(work, after)
  const { n } = await say(work, id, 'bank', said)
  const { partnerId, subject } = request
  await work.record('support.answered', id, {
    partnerId,
    n,
    first: request.firstAnsweredAt === null,
    dueAt: request.dueAt?.toString() ?? null,
    text: await reference(work, id, said),
  })
  await announce(work, {
    partnerId,
    kind: 'support-answered',
    subject: id,
    key: `support ${id} ${n}`,
    title: `The bank answered: ${subject}`,
    // A mail is read on the way: what was said stands in the portal.
    body: 'Somebody of the bank answered your support request. Read it in the portal, at “Support”.',
    happensAt: null,
    acknowledge: false,
  })
  return after
}

/** Closes a request: the partner its own, or the bank one that it has answered. */
export const closeSupport = async (
  work: Work,
  id: SupportId,
  partnerId?: PartnerId,
): Promise<Request> => {
  const request = await known(work, id, partnerId)
  const side = partnerId === undefined ? 'bank' : 'partner'
  const after = closed(request, side, work.now)
  await store.save(work, after)
  await work.record('support.closed', id, {
    partnerId: request.partnerId,
    side,
    released: after.releasedAt !== null,
  })
  return after
}

const refusal = (errors: readonly FieldError[]) =>
  supportRefused(`${errors.length} place(s) are wrong`, {
    errors,
    ...(errors.some(({ code }) => code === 'personal-data' || code === 'secret') && {
      hint: 'Leave out numbers of people, cards and accounts, keys and tokens: the id of a call says which one it was.',
    }),
  })

/** Throws what must not be kept, and where the conversation is as long as it may be. */
const sayable = async (work: Work, id: SupportId, said: string): Promise<void> => {
  const errors = wordFaults('/text', said)
  if (errors.length > 0) throw refusal(errors)
  const before = await store.messages(work, id)
  if (before.length >= MESSAGES_MAX)
    throw supportLong(`it has ${before.length}`, { hint: 'Open another request.' })
}

const say = (work: Work, id: SupportId, side: Message['side'], said: string): Promise<Message> =>
  store.addMessage(work, id, { side, by: work.actor, said, at: work.now })

/** Held until the transaction ends. One of another organisation is as if it were not there. */
const known = async (work: Work, id: SupportId, partnerId?: PartnerId): Promise<Request> => {
  const request = await store.lock(work, id)
  if (!request || (partnerId !== undefined && request.partnerId !== partnerId))
    throw supportNotFound('no support request has this id')
  return request
}
