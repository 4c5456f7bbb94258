/** One request of a browser or a partner to our own pages and resources, and the ways to answer it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { z } from 'zod'
import type { Language } from '#kernel/format.ts'
import { problem, type Problem, problemBody } from '#kernel/problem.ts'
import { parseRequest, requestInvalid } from '#platform/request.ts'
import { BODY_BYTES_MAX, bodyTooLarge, contentSecurityPolicy } from './edge.ts'
import { LANGUAGE_COOKIE, languageOf } from './pages/index.ts'

export interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly path: string
  readonly query: URLSearchParams
  /** In every answer, log line and error page (`x-fapi-interaction-id`). */
  readonly instance: string
}

export const formForeign = problem(
  'authorization/form-foreign',
  403,
  'The form does not come from our page in this browser',
)
const formUnreadable = problem('authorization/form-unreadable', 415, 'The form cannot be read')

export const cookieOf = (req: IncomingMessage, name: string): string | undefined =>
  (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim().split('='))
    .find(([key]) => key === name)?.[1]

export const addCookie = (res: ServerResponse, cookie: string): void => {
  res.appendHeader('set-cookie', cookie)
}

const YEAR_SECONDS = 31_536_000

/** The language of a page; a choice by `?lang=` is remembered. */
export const languageFor = ({ req, res, query }: Exchange, uiLocales?: string): Language => {
  const chosen = query.get('lang')
  const language = languageOf({
    chosen,
    cookie: cookieOf(req, LANGUAGE_COOKIE),
    uiLocales,
    acceptLanguage: req.headers['accept-language'],
  })
  if (chosen === language)
    addCookie(
      res,
      `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=${YEAR_SECONDS}; Secure; HttpOnly; SameSite=Lax`,
    )
  return language
}

/** An HTML page. `leadsTo` are the origins that its form finally leads to. */
export const answerPage = (
  { res }: Exchange,
  status: number,
  document: string,
  leadsTo: readonly string[] = [],
): void => {
  res.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(leadsTo),
  })
  res.end(document)
}

/** After a form: look at the page anew, so that reloading it repeats nothing (303, RFC 9110 §15.4.4). */
export const answerSeeOther = ({ res }: Exchange, location: string): void => {
  res.writeHead(303, { location, 'content-length': '0' })
  res.end()
}

export const answerJson = ({ res }: Exchange, status: number, body: object): void => {
  res.writeHead(status, { 'content-type': 'application/json' })
  res.end(JSON.stringify(body))
}

export const answerProblem = ({ res, instance }: Exchange, failure: Problem): void => {
  res.writeHead(failure.status, {
    ...failure.particulars.headers,
    'content-type': 'application/problem+json',
    // What was not read of the body would be taken for the next request.
    ...(failure.status === bodyTooLarge.status && { connection: 'close' }),
  })
  res.end(JSON.stringify(problemBody(failure, instance)))
}

const mediaTypeOf = ({ headers }: IncomingMessage): string | undefined =>
  headers['content-type']?.split(';')[0]?.trim().toLowerCase()

const readBody = async (req: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of req) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > BODY_BYTES_MAX) throw bodyTooLarge(`more than ${BODY_BYTES_MAX} bytes`)
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The fields of a form; throws for what is no form, or too much of one. */
export const readForm = async ({ req }: Exchange): Promise<URLSearchParams> => {
  const type = mediaTypeOf(req)
  if (type !== 'application/x-www-form-urlencoded') throw formUnreadable(`it is ${type}`)
  return new URLSearchParams(await readBody(req))
}

/** A partner's JSON, in its shape; an empty body is an empty object. Throws with the place that is wrong. */
export const readJson = async <T extends z.ZodType>(
  { req }: Exchange,
  shape: T,
): Promise<z.output<T>> => {
  const text = await readBody(req)
  if (text !== '' && mediaTypeOf(req) !== 'application/json')
    throw requestInvalid(`the body is ${mediaTypeOf(req)}, not application/json`)
  return parseRequest(shape, parsedJson(text === '' ? '{}' : text))
}

const parsedJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw requestInvalid('the body is not JSON', { cause })
  }
}

/** What a form of ours must bring: it is bound to what the browser's cookie names. */
export const proofOf = (key: Uint8Array, bound: string): string =>
  createHmac('sha256', key).update(`form ${bound}`).digest('base64url')

/** Throws unless the form came from our own page (proof) and the browser does not say otherwise (Fetch Metadata). */
export const assertOwnForm = (
  { req }: Exchange,
  form: URLSearchParams,
  expected: { proof: string; origin: string },
): void => {
  const given = Buffer.from(form.get('proof') ?? '')
  const wanted = Buffer.from(expected.proof)
  const proven = given.length === wanted.length && timingSafeEqual(given, wanted)
  const { origin } = req.headers
  const site = req.headers['sec-fetch-site'] ?? 'same-origin'
  const fromElsewhere = origin !== undefined && origin !== expected.origin
  if (!proven || fromElsewhere || site !== 'same-origin')
    throw formForeign('open the page again and send its form')
}
