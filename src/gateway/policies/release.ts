/** What leaves: the declared leaves that this call may see, built anew; refusals of the bank in our own words (G50–G55). */
import { z } from 'zod'
import { Problem } from '#kernel/problem.ts'
import type { Call, Gateway } from '../call.ts'
import { holdsCardNumber } from '../card-guard.ts'
import { JsonRefused, parseJson, textOf } from '../json.ts'
import { NotAsDeclared, type Projection } from '../projection.ts'
import { problem } from '#kernel/problem.ts'
import { coreProtected, type UpstreamAnswer, upstreamFailed } from '../upstream.ts'
import { notFound } from './consent.ts'
import { requestInvalid } from './validate.ts'

export const withheld = problem('gateway/answer-withheld', 502, 'The answer cannot be released')

const nothing: ReadonlySet<string> = new Set()
const jsonType = /^application\/json(?:; ?charset=utf-8)?$/i
const problemType = /^application\/problem\+json(?:; ?charset=utf-8)?$/i

export const release = (call: Call, gateway: Gateway): void => {
  const { upstream, operation } = call
  if (!upstream) throw withheld('there is none')
  if (upstream.status >= 400) throw refusalOf(call, upstream)
  const projection = operation.answers.get(upstream.status)
  if (projection === undefined)
    throw withholding(call, gateway, `status ${upstream.status} is not declared`)
  const body = projection === null ? '' : project(call, gateway, projection, upstream)
  if (projection === null && upstream.body.length > 0)
    throw withholding(call, gateway, 'a body is not declared')
  call.answer = {
    status: upstream.status,
    contentType: projection === null ? null : 'application/json',
    body,
    headers: call.headers,
    refusal: undefined,
    close: false,
  }
}

const project = (
  call: Call,
  gateway: Gateway,
  projection: Projection,
  upstream: UpstreamAnswer,
): string => {
  if (upstream.encoded || !jsonType.test(upstream.contentType ?? ''))
    throw withholding(call, gateway, 'it is not plain application/json')
  try {
    const { text, cardData } = projection.release(
      textOf(upstream.body),
      call.coverage?.permissions ?? nothing,
    )
    if (holdsCardNumber(text, cardData))
      throw withholding(call, gateway, 'it holds what reads as a card number')
    return text
  } catch (error) {
    if (error instanceof NotAsDeclared || error instanceof JsonRefused)
      throw withholding(call, gateway, error.message)
    throw error
  }
}

/** The partner learns that it is our fault; what it was stands in the log, for whoever is woken by it. */
const withholding = (call: Call, gateway: Gateway, why: string): Problem => {
  gateway.log.error(
    { callId: call.id, operation: call.operation.id, status: call.upstream?.status, why },
    'an answer was withheld',
  )
  return withheld('it is not what is declared, and was not let out')
}

const Code = z.string().regex(/^[a-z][a-z-]*\/[a-z][a-z-]*$/)
const PeerProblem = z.object({
  code: Code,
  title: z.string().max(200),
  detail: z.string().max(500),
  reasonCode: z
    .string()
    .regex(/^[A-Z0-9]{4}$/)
    .optional(),
  hint: z.string().max(500).optional(),
  gate: z.enum(['partner', 'bank', 'customer']).optional(),
  errors: z
    .array(
      z.object({
        pointer: z.string().max(200),
        code: z.string().max(60),
        detail: z.string().max(200),
      }),
    )
    .max(50)
    .optional(),
})

/** A refusal of the bank: only of a declared status, only the members that a problem has, only codes that are for partners. */
const refusalOf = (call: Call, upstream: UpstreamAnswer): Problem => {
  if (upstream.status === 503) return busy(call, upstream)
  const peer = peerProblem(upstream)
  if (!peer || !call.operation.refusals.has(upstream.status))
    return upstreamFailed('the bank gave an answer that is not declared')
  if (upstream.status === 404 && peer.code === 'gateway/not-found') return notFound()
  // How the platform's parts talk among themselves is not the partner's business; a body that a part refused is.
  if (peer.code === 'platform/request-invalid')
    return requestInvalid(peer.detail, peer.errors ? { errors: peer.errors } : {})
  if (/^(?:platform|bank)\//.test(peer.code) || upstream.status === 401)
    return upstreamFailed('the bank could not complete it')
  return passedOn(peer, upstream.status)
}

const busy = (call: Call, upstream: UpstreamAnswer): Problem => {
  const peer = peerProblem(upstream)
  const headers = { 'retry-after': '2' }
  if (!peer || /^(?:platform|bank|vault)\//.test(peer.code) || !call.operation.refusals.has(503))
    return coreProtected('the bank is not answering', { headers })
  return passedOn(peer, 503, headers)
}

const passedOn = (
  peer: z.output<typeof PeerProblem>,
  status: number,
  headers?: Record<string, string>,
): Problem => {
  const { code, title, detail, reasonCode, hint, gate, errors } = peer
  return new Problem({ code, status, title }, detail, {
    ...(reasonCode && { reasonCode }),
    ...(hint && { hint }),
    ...(gate && { gate }),
    ...(errors && { errors }),
    ...(headers && { headers }),
  })
}

const peerProblem = (upstream: UpstreamAnswer): z.output<typeof PeerProblem> | undefined => {
  if (upstream.encoded || !problemType.test(upstream.contentType ?? '')) return undefined
  try {
    if (holdsCardNumber(textOf(upstream.body))) return undefined
    return PeerProblem.safeParse(parseJson(upstream.body)).data
  } catch {
    return undefined
  }
}
