/** What leaves: the declared leaves that this call may see, built anew; refusals of the bank in our own words (G50–G55). */
import { hash } from 'node:crypto'
import { z } from 'zod'
import { Problem, problem } from '#kernel/problem.ts'
import { callerLate, callerUnproven } from '#platform/caller.ts'
import { holdsCardNumber } from '#platform/card-guard.ts'
import { holdsSecret } from '#platform/secret-guard.ts'
import { type Answer, type Call, type Gateway, identityOf } from '../call.ts'
import { type DeclaredFiles, verdictOnFile } from '../release/file-answer.ts'
import { JsonRefused, parseJson, textOf } from '../documents/json.ts'
import type { Finding } from '../seeing/index.ts'
import { type Held, NotAsDeclared, type Projection } from '../release/projection.ts'
import {
  coreProtected,
  deadlinePassed,
  type UpstreamAnswer,
  upstreamFailed,
} from '../upstream/upstream.ts'
import { senderUnproven } from './authenticate.ts'
import { notFound } from './consent.ts'
import { requestInvalid } from './validate.ts'

export const withheld = problem('gateway/answer-withheld', 502, 'The answer cannot be released')

declare global {
  interface JSON {
    /** ECMA-262: a value whose text is written as it stands. */
    rawJSON(text: string): unknown
  }
}

const nothing: ReadonlySet<string> = new Set()
const jsonType = /^application\/json(?:; ?charset=utf-8)?$/i
const problemType = /^application\/problem\+json(?:; ?charset=utf-8)?$/i

export const release = (call: Call, gateway: Gateway): void => {
  const { upstream, operation } = call
  if (!upstream) throw withheld('there is none')
  if (upstream.status >= 400) {
    const refusal = refusalOf(call, gateway, upstream)
    throw call.older ? call.older.lowerRefusal(refusal) : refusal
  }
  const files = operation.files.get(upstream.status)
  if (files) {
    call.answer = fileOf(call, gateway, files, upstream)
    return
  }
  const projection = operation.answers.get(upstream.status)
  if (projection === undefined)
    throw withholding(call, gateway, `status ${upstream.status} is not declared`)
  if (projection === null && upstream.body.length > 0)
    throw withholding(call, gateway, 'a body is not declared')
  call.answer = validated(call, {
    status: upstream.status,
    contentType: projection === null ? null : 'application/json',
    body: projection === null ? '' : project(call, gateway, projection, upstream),
    headers: call.headers,
    refusal: undefined,
    close: false,
  })
}

const project = (
  call: Call,
  gateway: Gateway,
  projection: Projection,
  upstream: UpstreamAnswer,
): string => {
  if (upstream.encoded || !jsonType.test(upstream.contentType ?? ''))
    throw withholding(call, gateway, 'it is not plain application/json')
  const { partner } = identityOf(call).application
  try {
    const { text, unguarded, counts } = projection.release(
      textOf(upstream.body),
      heldBy(call),
      (prefix, value) => gateway.pseudonym(prefix, partner.id, value),
      partner.withheld.get(call.operation.id),
    )
    if (holdsCardNumber(text, unguarded))
      throw withholding(call, gateway, 'it holds what reads as a card number', 'card-number')
    if (holdsSecret(text, unguarded))
      throw withholding(call, gateway, 'it holds what reads as a secret', 'secret')
    gateway.fields.count(partner.id, call.operation.id, projection.fields, counts, call.atMs)
    if (call.older) return broughtBack(call, gateway, text, unguarded)
    if (call.sighting)
      gateway.sightings.released(call.sighting, upstream.status, projection.fields, counts)
    return text
  } catch (error) {
    if (error instanceof NotAsDeclared || error instanceof JsonRefused)
      throw withholding(call, gateway, error.message)
    throw error
  }
}

/** After the projection, so that no change of a version can bring back what was not released; and looked through again. */
const broughtBack = (
  call: Call,
  gateway: Gateway,
  text: string,
  unguarded: readonly number[],
): string => {
  const answer = exactly(text)
  const { older, sighting, upstream } = call
  const read = older?.lowerAnswer ? older.lowerAnswer(answer) : answer
  sighting?.form.got(upstream?.status ?? 0, read, sighting)
  if (!older?.lowerAnswer) return text
  const lowered = JSON.stringify(read)
  // Where something may leave on purpose, its place is known in today's form alone, and there it was looked through.
  if (unguarded.length === 0 && (holdsCardNumber(lowered) || holdsSecret(lowered)))
    throw withholding(
      call,
      gateway,
      'what an older version makes of it reads as a secret',
      'secret',
    )
  return lowered
}

/** Numbers that a double would change are kept as they are written. */
const exactly = (text: string): unknown =>
  JSON.parse(text, (_name, value: unknown, { source }: { source?: string } = {}) =>
    typeof value === 'number' && source !== undefined && String(value) !== source
      ? JSON.rawJSON(source)
      : value,
  )

/** A file as it is, to be kept and not to be shown in the place of a page. */
const fileOf = (
  call: Call,
  gateway: Gateway,
  files: DeclaredFiles,
  upstream: UpstreamAnswer,
): Answer => {
  const { partner } = identityOf(call).application
  if (partner.withheld.has(call.operation.id))
    throw withholding(call, gateway, 'the contract withholds a part of it, and a file leaves whole')
  const verdict = verdictOnFile(files, upstream, call.coverage?.permissions ?? nothing)
  if (!verdict.released) throw withholding(call, gateway, verdict.why, verdict.finding)
  return {
    status: upstream.status,
    contentType: verdict.contentType,
    body: upstream.body,
    headers: [...call.headers, 'content-disposition', 'attachment'],
    refusal: undefined,
    close: false,
  }
}

/** What decides over a field, beside what the contract leaves out: whether the call comes this far it has decided before. */
const heldBy = (call: Call): Held => ({
  consent: call.coverage?.permissions ?? nothing,
  scope: identityOf(call).token.scopes,
  licence: call.permission,
  purpose: purposeOf(call.coverage?.detail['purpose']),
})

/** The code of a consent's purpose; a purpose in words of somebody's own is none that a rule could name. */
const purposeOf = (purpose: unknown): string | undefined => {
  if (typeof purpose !== 'object' || purpose === null) return undefined
  const code: unknown = Reflect.get(purpose, 'code')
  return typeof code === 'string' ? code : undefined
}

/**
 * Where the document says so, an answer carries a validator over its projected bytes: one over what is hidden would tell
 * of its change. RFC 9110 §13.1.2; `If-None-Match` compares weakly, so that a prefix of W/ says nothing.
 */
const validated = (call: Call, answer: Answer): Answer => {
  const { cache } = call.operation
  if (cache === null || answer.status !== 200) return answer
  const etag = `"${hash('sha256', answer.body, 'base64url')}"`
  const headers = [...answer.headers, 'etag', etag, 'vary', 'api-version']
  const cacheControl = cache.maxAgeS === 0 ? null : `private, max-age=${cache.maxAgeS}`
  if (call.keptS !== undefined) headers.push('age', String(call.keptS))
  const asked = call.head.headers['if-none-match']
  const known = asked
    ?.split(',')
    .some((one) => [etag, '*'].includes(one.trim().replace(/^W\//, '')))
  return known
    ? { ...answer, status: 304, contentType: null, body: '', headers, cacheControl }
    : { ...answer, headers, cacheControl }
}

/** The partner learns that it is our fault; what it was stands in the log, for whoever is woken by it, without the value. */
export const withholding = (
  call: Call,
  gateway: Gateway,
  why: string,
  finding: Finding = 'undeclared',
): Problem => {
  gateway.seeing.withheld(finding)
  gateway.log.error(
    { callId: call.id, operation: call.operation.id, status: call.upstream?.status, why },
    'an answer was withheld',
  )
  return withheld('it is not what is declared, and was not let out')
}

/** Signatures are tokens by their nature. */
const signing = new Set(['x-jws-signature', 'dpop-nonce'])

/** The last look at what leaves beside a released body: the headers, and a refusal with all that it quotes (S44, S45). */
export const leaks = ({ headers, refusal, body }: Answer): boolean => {
  if (refusal !== undefined && holdsAny(String(body))) return true
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const value = headers[i + 1] ?? ''
    if (holdsCardNumber(value) || (!signing.has(headers[i] ?? '') && holdsSecret(value)))
      return true
  }
  return false
}

const holdsAny = (text: string): boolean => holdsCardNumber(text) || holdsSecret(text)

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
const refusalOf = (call: Call, gateway: Gateway, upstream: UpstreamAnswer): Problem => {
  if (call.operation.registered) return refusalOfRegistered(call, upstream)
  if (upstream.status === 503) return busy(call, upstream)
  const peer = peerProblem(upstream)
  if (peer?.code === callerLate.code)
    return deadlinePassed('its turn came too late; nothing was done', { cause: said(peer) })
  if (peer?.code === callerUnproven.code) {
    gateway.seeing.withheld('caller-unproven')
    gateway.log.error(
      { callId: call.id, operation: call.operation.id, why: peer.detail },
      'a part behind the gateway does not believe that the gateway calls',
    )
    return upstreamFailed('the bank could not complete it', { cause: said(peer) })
  }
  if (!peer || !call.operation.refusals.has(upstream.status))
    return upstreamFailed('the bank gave an answer that is not declared', {
      cause: peer ? said(peer) : new Error(`${upstream.status} without a problem`),
    })
  if (upstream.status === 404 && peer.code === 'gateway/not-found') return missing(call)
  // How the platform's parts talk among themselves is not the partner's business; a body or a cursor that a part refused is.
  if (peer.code === 'platform/request-invalid')
    return requestInvalid(peer.detail, peer.errors ? { errors: peer.errors } : {})
  const amongUs = /^(?:platform|bank)\//.test(peer.code) && peer.code !== 'bank/cursor-invalid'
  // Where nobody is real the bank plays the entrance too: a certificate that has run out, in the entrance's own words.
  if (upstream.status === 401 && peer.code === senderUnproven.code)
    return passedOn(peer, 401, { 'www-authenticate': 'DPoP error="invalid_token"' })
  if (amongUs || upstream.status === 401)
    return upstreamFailed('the bank could not complete it', { cause: said(peer) })
  // What is used up comes back at a time, and whoever counts it knows when (RFC 6585 §4).
  if (upstream.status === 429)
    return passedOn(peer, 429, { 'retry-after': String(upstream.retryAfterSeconds ?? 2) })
  return passedOn(peer, upstream.status)
}

/** For our own log: partners never read it. */
const said = ({ code, detail }: z.output<typeof PeerProblem>) => new Error(`${code}: ${detail}`)

export const upstreamRefused = problem('gateway/upstream-refused', 422, 'The request was refused')

/**
 * A refusal of a registered system: its status, where the document declares it, in our own words. Its body is described
 * nowhere, so nothing of it leaves (G55).
 */
const refusalOfRegistered = (call: Call, upstream: UpstreamAnswer): Problem => {
  const { status, retryAfterSeconds = 2 } = upstream
  if (status === 429 || status === 503)
    return coreProtected('the system behind this operation has no room', {
      headers: { 'retry-after': String(retryAfterSeconds) },
    })
  if (!call.operation.refusals.has(status))
    return upstreamFailed('the bank gave an answer that is not declared')
  switch (status) {
    case 404:
      return missing(call)
    case 400:
    case 409:
    case 412:
    case 422:
      return new Problem(
        { code: upstreamRefused.code, status, title: upstreamRefused.title },
        'the system behind it did not accept it',
      )
    // Whether we are known there, and by what, is between the bank and its system.
    default:
      return upstreamFailed('the bank could not complete it')
  }
}

const toldByVersion = new Set(['api-version', 'deprecation', 'sunset', 'link'])

/** As `consent` says it of what is not in the consent: there no version has been chosen yet, so none is told here (G57). */
const missing = ({ headers }: Call): Problem => {
  for (let at = headers.length - 2; at >= 0; at -= 2)
    if (toldByVersion.has(headers[at] ?? '')) headers.splice(at, 2)
  return notFound()
}

const busy = (call: Call, upstream: UpstreamAnswer): Problem => {
  const peer = peerProblem(upstream)
  const headers = { 'retry-after': String(upstream.retryAfterSeconds ?? 2) }
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
    if (holdsAny(textOf(upstream.body))) return undefined
    return PeerProblem.safeParse(parseJson(upstream.body)).data
  } catch {
    return undefined
  }
}
