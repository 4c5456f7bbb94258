/** What is asked, against the operation's schema: media type, body, parameters. What is not checked is refused (G12, G13). */
import { problem } from '#kernel/problem.ts'
import { type Call, type Gateway, identityOf } from '../call.ts'
import type { Older } from '../documents/older.ts'
import { holdsCardNumber } from '#platform/card-guard.ts'
import { JsonRefused, type JsonReason, parseJson } from '../documents/json.ts'

export const requestInvalid = problem(
  'gateway/request-invalid',
  400,
  'The request does not fit its description',
)
export const mediaTypeUnsupported = problem(
  'gateway/media-type-unsupported',
  415,
  'The media type is not taken',
)
export const cardNumberRefused = problem(
  'gateway/card-number-refused',
  400,
  'Card numbers are not taken here',
)

/** RFC 8259 defines no parameters; UTF-8 is what it demands anyway. */
const jsonTypes = new Set([
  'application/json',
  'application/json; charset=utf-8',
  'application/json;charset=utf-8',
])

const reasons: Readonly<Record<JsonReason, string>> = {
  'not-utf8': 'the body is not UTF-8',
  malformed: 'the body is not JSON',
  'too-deep': 'the body is nested too deeply',
  'duplicate-name': 'a member stands twice in one object',
  'reserved-name': 'a member has a name that is not taken',
  'number-inexact': 'a number has more digits than can be kept exactly; write amounts as text',
}

export const validate = (call: Call, gateway: Gateway): void | Promise<void> => {
  const { head } = call
  // A partner's mistakes are told in its own version's words, so that version is asked first.
  const { parameters, body, form } = call.older ?? call.operation
  call.sighting = gateway.sightings.of(form, callerOf(call))
  refuseCardNumberIn(head.path, head.query)
  const errors = parameters(call.parameters, head.query, headersOf(head))
  if (errors.length > 0)
    throw requestInvalid(`${errors.length} parameter(s) are wrong`, { errors, gate: 'partner' })
  if (body !== null) {
    const { older } = call
    return readBody(call, body).then(() => {
      see(call)
      if (older) bringForward(call, older)
    })
  }
  if (head.body !== 0) throw requestInvalid('this operation takes no body', { gate: 'partner' })
  if (head.headers['content-type'] !== undefined)
    throw mediaTypeUnsupported('this operation takes no body')
  see(call)
  if (call.older) bringForward(call, call.older)
}

/** As it was sent, and only where it fits: what is refused anyway can break no more. */
const see = ({ sighting, head, json }: Call): void =>
  sighting?.form.asked({ query: head.query, header: headersOf(head), json }, sighting)

const callerOf = (call: Call) => {
  const { id, version = '' } = call
  return { id, version, applicationId: identityOf(call).application.id }
}

const headersOf =
  ({ headers }: Call['head']) =>
  (name: string): string | undefined =>
    Reflect.get(headers, name)

export const broughtWrong = problem(
  'gateway/version-unserved',
  500,
  'The version of this request could not be served',
)

/** From here on the request reads as the newest version writes it. What came is kept: it is what was signed, and is repeated. */
const bringForward = (call: Call, { raiseQuery, raiseBody }: Older): void => {
  const { operation, head, body } = call
  const query = raiseQuery(head.query)
  const isSame = query === head.query && (raiseBody === null || body.length === 0)
  if (isSame) return
  call.written = { query: head.query, body }
  if (query !== head.query) call.head = { ...head, query }
  if (raiseBody !== null && body.length > 0) {
    call.json = raiseBody(call.json)
    call.body = Buffer.from(JSON.stringify(call.json))
  }
  const errors = [
    ...operation.parameters(call.parameters, query, headersOf(head)),
    ...(call.body.length > 0 && operation.body ? operation.body.check(call.json) : []),
  ]
  // It fitted its own version: that it does not fit today's is our mistake, and not the partner's.
  if (errors.length > 0)
    throw broughtWrong('it is right, and the bank cannot take it; quote the instance', {
      cause: new Error(
        `${operation.id} of ${call.version}: ${errors.map((e) => `${e.pointer} ${e.code}`).join(', ')}`,
      ),
    })
}

/** S45: addresses stand in logs and caches of everybody on the way, so a card number in one goes no further. */
const refuseCardNumberIn = (path: string, query: string): void => {
  if (holdsCardNumber(unescaped(query === '' ? path : `${path}?${query}`)))
    throw cardNumberRefused('the address holds what reads as a card number', {
      gate: 'partner',
      hint: 'Name a card by its cardId.',
    })
}

const unescaped = (text: string): string => {
  if (!text.includes('%') && !text.includes('+')) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

const readBody = async (
  call: Call,
  body: NonNullable<Call['operation']['body']>,
): Promise<void> => {
  const { headers } = call.head
  if (call.head.body === 0) {
    if (body.required) throw requestInvalid('the body is missing', { gate: 'partner' })
    return
  }
  if (!jsonTypes.has(headers['content-type']?.toLowerCase() ?? ''))
    throw mediaTypeUnsupported('it must be application/json', {
      gate: 'partner',
      headers: { accept: 'application/json' },
    })
  call.body = await call.readBody(body.bytesMax)
  call.json = parsed(call.body)
  const errors = body.check(call.json)
  if (errors.length > 0)
    throw requestInvalid(`${errors.length} field(s) are wrong`, { errors, gate: 'partner' })
  if (holdsCardNumber(call.body.toString('utf8')))
    throw cardNumberRefused('the body holds what reads as a card number', {
      gate: 'partner',
      hint: 'Name a card by its cardId.',
    })
}

const parsed = (bytes: Buffer): unknown => {
  try {
    return parseJson(bytes)
  } catch (error) {
    if (!(error instanceof JsonRefused)) throw error
    throw requestInvalid(reasons[error.reason], {
      gate: 'partner',
      errors: [{ pointer: '', code: error.reason, detail: `at character ${error.at}` }],
    })
  }
}
