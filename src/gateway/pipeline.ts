/** What happens to every call, from top to bottom. The order is the bank's security policy (G17). */
import { uuidv7 } from '#kernel/id.ts'
import { Problem, problem, problemBody } from '#kernel/problem.ts'
import type { Answer, Arrival, Call, Gateway, Identity, Step } from './call.ts'
import { malformed, methodNotAllowed } from './edge/edge.ts'
import { authenticate } from './policies/authenticate.ts'
import { keep, recall } from './policies/cache.ts'
import { consent, linked } from './policies/consent.ts'
import { entitle } from './policies/entitle.ts'
import { forward } from './policies/forward.ts'
import { limit } from './policies/limit.ts'
import { protect } from './policies/protect.ts'
import { once, settleClaim } from './policies/once.ts'
import { intend, record, tell } from './policies/record.ts'
import { leaks, release, withholding } from './policies/release.ts'
import { signAnswer, signed } from './policies/sign.ts'
import { controlRefused, mayBePlayed, scenario } from './policies/scenario.ts'
import { validate } from './policies/validate.ts'
import { version } from './policies/version.ts'
import { parametersOf } from './documents/routes.ts'
import { overloaded, rankOf } from './edge/shedding.ts'
import { CLAIMS_KEYS_PATH } from './edge/claims-keys.ts'
import { KEYS_PATH } from './signatures.ts'
import type { Table } from './snapshots/table.ts'

/**
 * Cheap before dear, refuse before work; an unproven identity spends nobody's budget. Before them the edge admitted the
 * head (edge.ts) and the route was found, or the call ended there; behind them the call is recorded, then answered.
 */
export const order: readonly Step[] = [
  authenticate,
  entitle,
  limit,
  consent,
  version,
  validate,
  signed,
  linked,
  scenario,
  recall,
  protect,
  once,
  intend,
  forward,
  release,
]

export const notReady = problem('gateway/not-ready', 503, 'The gateway is not ready')
export const operationNotFound = problem('gateway/operation-not-found', 404, 'No such operation')
export const bug = problem('gateway/bug', 500, 'Something went wrong on our side')
export const bodyTooLarge = problem('gateway/body-too-large', 413, 'The body is too large')
export const requestTooSlow = problem(
  'gateway/request-too-slow',
  408,
  'The request took too long to arrive',
)

/**
 * Serves one call by the table of its arrival: a new snapshot in the meantime decides the next one. Only the bench, which
 * measures what each step costs, gives other `steps`.
 */
export const serve = async (
  gateway: Gateway,
  table: Table | undefined,
  arrival: Arrival,
  steps: readonly Step[] = order,
): Promise<Answer> => {
  if (arrival.head.path === KEYS_PATH && arrival.head.method === 'GET') return gateway.signer.keys
  if (arrival.head.path === CLAIMS_KEYS_PATH && arrival.head.method === 'GET') {
    const keys = await gateway.claimsKeys()
    if (keys) return keys
  }
  const call = route(table, arrival)
  if (call instanceof Problem) {
    gateway.seeing.refused(call.code)
    return refusal(call, arrival)
  }
  const rank = rankOf(
    call.operation.priority,
    arrival.head.headers['x-fapi-customer-ip-address'] !== undefined,
  )
  if (!gateway.shedding.enter(rank)) {
    const busy = tooBusy(rank)
    gateway.seeing.turnedAway(call.operation, busy.status, busy.code)
    return refusal(busy, arrival)
  }
  try {
    return await decided(call, gateway, steps)
  } finally {
    gateway.shedding.leave()
  }
}

/** The lower the class, the longer it stays away. */
const tooBusy = (rank: number): Problem =>
  overloaded('calls of this kind are refused for a moment', {
    headers: { 'retry-after': String(rank + 1) },
  })

const decided = async (call: Call, gateway: Gateway, steps: readonly Step[]): Promise<Answer> => {
  try {
    for (const step of steps) {
      const under = step(call, gateway)
      if (under) await under
    }
  } catch (error) {
    call.answer = refusal(problemOf(error, call, gateway), call, call.headers)
  }
  try {
    if (call.answer && leaks(call.answer))
      call.answer = refusal(
        withholding(call, gateway, 'a header or refusal holds a secret', 'secret'),
        call,
      )
    keep(call)
    await settleClaim(call, gateway)
    if (call.identity) {
      const signing = signAnswer(call, gateway)
      if (signing) await signing
    }
  } catch (error) {
    call.answer = refusal(problemOf(error, call, gateway), call)
  } finally {
    left(call, gateway)
  }
  if (!call.sent && !call.replayed && call.keptS === undefined) {
    call.admission?.giveBack()
    call.access?.giveBack()
  } else if (call.replayed || call.answer?.refusal) call.admission?.spendNothing()
  await record(call, gateway)
  tell(call, gateway)
  return call.answer ?? refusal(bug('no step answered'), call)
}

/** Whatever became of the call: nobody waits for it, and what it held is free. */
const left = ({ fetch, admission, seat }: Call, { upstreams }: Gateway): void => {
  fetch?.fail()
  admission?.leave()
  if (seat) upstreams.leave(seat)
}

const route = (table: Table | undefined, arrival: Arrival): Call | Problem => {
  if (!table) return notReady('it holds no snapshot yet', { headers: { 'retry-after': '1' } })
  const { head } = arrival
  if (!mayBePlayed(head, table))
    return controlRefused('Sandbox-Scenario is a word of the sandbox', {
      gate: 'partner',
      hint: 'Send it to the sandbox, or leave it out.',
    })
  const found = table.routes.find(head.path)
  if (!found) return operationNotFound('the products have no such address')
  const operation = found.operations.get(head.method)
  if (!operation)
    return methodNotAllowed('this address has no such method', {
      headers: { allow: [...found.operations.keys()].join(', ') },
    })
  if (operation.body === null && head.body !== 0)
    return malformed('this operation takes no body', { gate: 'partner' })
  return {
    ...arrival,
    table,
    operation,
    parameters: parametersOf(operation, found.values),
    headers: [],
    identity: undefined,
    permission: undefined,
    admission: undefined,
    coverage: undefined,
    access: undefined,
    unrecorded: false,
    version: undefined,
    sighting: undefined,
    older: undefined,
    written: undefined,
    scenario: undefined,
    body: nothing,
    json: undefined,
    seat: undefined,
    claim: undefined,
    sent: false,
    upstream: undefined,
    fetch: undefined,
    keptS: undefined,
    upstreamMs: null,
    replayed: false,
    answer: undefined,
  }
}

const nothing = Buffer.alloc(0)

const problemOf = (error: unknown, call: Call, gateway: Gateway): Problem => {
  if (error instanceof Problem) return error
  gateway.log.error(
    { callId: call.id, operation: call.operation.id, cause: error },
    'a call met a bug',
  )
  return bug('the request could not be completed; quote the instance', { cause: error })
}

/** After these nothing on the connection can be trusted to be a request of its own (G7). */
const ending = new Set([malformed.code, bodyTooLarge.code, requestTooSlow.code])

/** A problem on its way out: RFC 9457, with the ids by which it is found again. */
export const refusal = (
  failure: Problem,
  arrival: { id: string; interactionId: string; identity?: Identity | undefined },
  headers: readonly string[] = [],
): Answer => ({
  status: failure.status,
  contentType: 'application/problem+json',
  body: JSON.stringify({ ...problemBody(failure, arrival.interactionId), decisionId: arrival.id }),
  headers: [...headers, ...Object.entries(failure.particulars.headers ?? {}).flat()],
  refusal: failure,
  close: ending.has(failure.code),
  proven: arrival.identity !== undefined,
})

/** A fresh call id and what the caller calls the interaction: its own UUID where it sent one. */
export const identify = (sent: string | undefined): { id: string; interactionId: string } => {
  const id = uuidv7()
  if (sent !== undefined && /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/.test(sent))
    return { id, interactionId: sent }
  return {
    id,
    interactionId: `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`,
  }
}
