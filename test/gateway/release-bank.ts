/** What a bank may answer over its socket, with canaries wherever nobody was granted anything, and what must come of it. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { makeAnswer } from './release-answers.ts'
import { CANARY, CANARY_DIGITS, type Caller, type Dice, type Spec } from './release-fuzz.ts'

/** What the caller must hear. */
export type Verdict =
  /** A 200 that holds exactly this. */
  | { readonly is: 'released'; readonly body: unknown }
  /** A 200 without a canary, or `gateway/answer-withheld`. */
  | { readonly is: 'released or withheld' }
  | {
      readonly is: 'refused'
      readonly status: number
      readonly code: string
      readonly detail?: string
    }

export interface BankAnswer {
  readonly what: string
  readonly status: number
  readonly contentType: string | null
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Whole with its length, in pieces, or half of it before the connection breaks. */
  readonly sent: 'whole' | 'in pieces' | 'torn'
  /** Whether an interim answer comes first. */
  readonly hinted: boolean
  readonly verdict: Verdict
}

type Made = Pick<BankAnswer, 'what' | 'status' | 'contentType' | 'verdict'> &
  Partial<BankAnswer> & { readonly text?: string }

const JSON_TYPE = 'application/json'
const PROBLEM_TYPE = 'application/problem+json'

const withheld: Verdict = { is: 'refused', status: 502, code: 'gateway/answer-withheld' }
const failed: Verdict = { is: 'refused', status: 502, code: 'gateway/upstream-failed' }

/** A refusal in our shape, with more in it than a partner is told. */
const problemText = (members: Record<string, unknown>): string =>
  JSON.stringify({
    type: `https://${CANARY}.example/`,
    title: 'A no',
    status: Number(CANARY_DIGITS),
    detail: CANARY,
    instance: CANARY,
    decisionId: CANARY,
    [CANARY]: CANARY_DIGITS,
    debug: { sql: `select '${CANARY}'`, at: Number(CANARY_DIGITS) },
    ...members,
  })

const said = 'it does not go on'

/** Refusals whose words are for partners: these words leave, and nothing that stands beside them. */
const declaredRefusal = (dice: Dice): Made => {
  const status = dice.pick([409, 422, 429])
  const code = 'fuzz/refused'
  const errors = [{ pointer: '/a', code: 'wrong', detail: 'is wrong', value: CANARY }]
  return {
    what: 'a declared refusal',
    status,
    contentType: PROBLEM_TYPE,
    text: problemText({ code, detail: said, ...(dice.chance(0.5) && { errors }) }),
    verdict: { is: 'refused', status, code, detail: said },
  }
}

/** Refusals of which not a word is for partners. */
const hiddenRefusal = (dice: Dice): Made => {
  const refusal = (what: string, status: number, members: object, verdict = failed): Made => ({
    what,
    status,
    contentType: PROBLEM_TYPE,
    text: problemText({ code: 'fuzz/refused', ...members }),
    verdict,
  })
  switch (dice.below(11)) {
    case 0:
      return refusal('an undeclared refusal', dice.pick([400, 403, 410, 418]), {})
    case 1:
      return refusal('a failure', dice.pick([500, 502, 504]), {})
    case 2:
      return refusal('words among ourselves', 409, {
        code: dice.pick(['platform/bug', 'bank/away']),
      })
    case 3:
      return refusal('who is it', 401, {})
    case 4:
      return refusal(
        'not found',
        404,
        { code: 'gateway/not-found' },
        { is: 'refused', status: 404, code: 'gateway/not-found' },
      )
    case 5:
      return {
        ...refusal(
          'busy',
          503,
          { code: 'platform/busy' },
          { is: 'refused', status: 503, code: 'gateway/core-protected' },
        ),
        headers: { 'retry-after': '1' },
      }
    case 6:
      return refusal('a code that is none', 409, { code: `${CANARY}/refused` })
    case 7:
      return refusal('a detail that is no text', 409, { detail: { text: CANARY } })
    case 8:
      return { ...refusal('a card number', 409, { detail: `${CANARY} 4111 1111 1111 1111` }) }
    case 9:
      return {
        ...refusal('a member that stands twice', 409, {}),
        text: problemText({ code: 'fuzz/refused' }).replace('{', `{"detail":"${CANARY}",`),
      }
    default:
      return {
        ...refusal('a page', 409, {}),
        contentType: dice.pick(['text/html', JSON_TYPE, `${PROBLEM_TYPE}; charset=latin1`, null]),
      }
  }
}

/** Answers of the right content in the wrong form. */
const oddAnswer = (dice: Dice, text: string): Made => {
  const odd = (what: string, more: Partial<Made>): Made => ({
    what,
    status: 200,
    contentType: JSON_TYPE,
    text,
    verdict: withheld,
    ...more,
  })
  switch (dice.below(7)) {
    case 0:
      return odd('a page', {
        contentType: dice.pick(['text/html', 'text/plain', 'application/octet-stream']),
        text: `<p>${CANARY} ${CANARY_DIGITS}</p>`,
      })
    case 1:
      return odd('another media type', {
        contentType: dice.pick([PROBLEM_TYPE, `${JSON_TYPE}; charset=latin1`, 'text/json', null]),
      })
    case 2:
      return odd('a coding that nobody asked for', {
        headers: { 'content-encoding': dice.pick(['gzip', 'identity', CANARY]) },
        body: gzipSync(text),
      })
    case 3:
      return odd('an undeclared status', { status: dice.pick([201, 202, 203, 206]) })
    case 4:
      return odd('another address', {
        status: dice.pick([301, 302, 303, 307]),
        headers: { location: `https://${CANARY}.example/${CANARY_DIGITS}` },
      })
    case 5:
      return odd('no UTF-8', {
        body: Buffer.concat([
          Buffer.from(`{"zz":"${CANARY}`),
          Buffer.from([0xc3, 0x28, 0x22, 0x7d]),
        ]),
      })
    default:
      // A half of nothing would be all of it.
      return odd('half of one', { text: `${text}{}`, sent: 'torn', verdict: failed })
  }
}

const document = (dice: Dice, spec: Spec, caller: Caller): Made => {
  const { text, expected, broken } = makeAnswer(dice, spec, caller)
  return {
    what: broken ? 'a broken document' : 'a document',
    status: 200,
    contentType: dice.pick([JSON_TYPE, JSON_TYPE, `${JSON_TYPE}; charset=utf-8`]),
    text,
    verdict: broken ? { is: 'released or withheld' } : { is: 'released', body: expected },
  }
}

/** Headers of a core that tells too much. Those that the gateway reads are among them. */
const talkative = [
  'x-core',
  'etag',
  'server',
  'link',
  'via',
  'warning',
  'www-authenticate',
  'content-disposition',
  'x-jws-signature',
  'dpop-nonce',
  'api-version',
  'ratelimit',
  'idempotency-replayed',
  'x-fapi-interaction-id',
  'portico-environment',
  'cache-control',
  'age',
  'vary',
  'retry-after',
  'last-modified',
  'refresh',
  'access-control-allow-origin',
  `x-${CANARY}`,
]

const headersFor = (dice: Dice): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = {}
  for (let n = dice.below(4); n > 0; n--)
    headers[dice.pick(talkative)] = dice.pick([CANARY, `${CANARY_DIGITS}x`, `private="${CANARY}"`])
  if (dice.chance(0.3))
    headers['set-cookie'] = [`session=${CANARY}; Path=/`, `${CANARY}=${CANARY_DIGITS}`]
  return headers
}

/** One answer of the bank for a caller who sees this much of it. */
export const makeBankAnswer = (dice: Dice, spec: Spec, caller: Caller): BankAnswer => {
  const plain = document(dice, spec, caller)
  const kind = dice.below(100)
  const made =
    kind < 82
      ? plain
      : kind < 87
        ? declaredRefusal(dice)
        : kind < 93
          ? hiddenRefusal(dice)
          : oddAnswer(dice, plain.text ?? '')
  const { text = '', headers, ...rest } = made
  return {
    body: Buffer.from(text),
    sent: dice.chance(0.3) ? 'in pieces' : 'whole',
    hinted: dice.chance(0.03),
    ...rest,
    headers: { ...headersFor(dice), ...headers },
  }
}

/** Says it. */
export const sayAnswer = (answer: BankAnswer, response: ServerResponse): void => {
  const { status, contentType, body, headers, sent } = answer
  if (answer.hinted)
    response.writeEarlyHints({ link: `<https://${CANARY}.example>; rel=preload`, 'x-core': CANARY })
  response.writeHead(status, CANARY, {
    ...headers,
    ...(contentType !== null && { 'content-type': contentType }),
    ...(sent !== 'in pieces' && { 'content-length': String(body.length) }),
  })
  const half = body.length >> 1
  if (sent === 'torn') return void response.write(body.subarray(0, half), () => response.destroy())
  if (sent === 'in pieces') response.write(body.subarray(0, half))
  response.end(sent === 'in pieces' ? body.subarray(half) : body)
}
