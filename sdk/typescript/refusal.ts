/** What the bank refused, in its own words: a problem of RFC 9457, or an error of OAuth. */

export interface FieldFault {
  /** RFC 6901. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  /** Such as `consents/revoked`; it never changes its meaning. */
  readonly code: string
  readonly detail: string
  /** What to do next, where the bank knows. */
  readonly hint: string | undefined
  /** Who can give what is missing: partner, bank or customer. */
  readonly gate: string | undefined
  readonly errors: readonly FieldFault[]
  /** For the bank's support. */
  readonly interactionId: string | undefined
  /** How long the bank asked to wait. */
  readonly retryAfterMs: number | undefined
  /** Whether the same call may work later. */
  readonly retryable: boolean

  constructor(status: number, headers: HeadersLike, body: unknown, nowMs = Date.now()) {
    const said = membersOf(body)
    const text = (name: string) => (typeof said[name] === 'string' ? said[name] : undefined)
    const code = text('code') ?? text('error') ?? `http/${status}`
    const detail = text('detail') ?? text('error_description') ?? 'the bank said nothing more'
    super(`${status} ${code}: ${detail}`)
    this.status = status
    this.code = code
    this.detail = detail
    this.hint = text('hint')
    this.gate = text('gate')
    this.errors = Array.isArray(said['errors']) ? said['errors'].filter(isFault) : []
    this.interactionId = headers.get('x-fapi-interaction-id') ?? undefined
    this.retryAfterMs = retryAfterOf(headers, nowMs)
    this.retryable = said['retryable'] === true || status === 429 || status === 503
  }
}

interface HeadersLike {
  get(name: string): string | null
}

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const isFault = (value: unknown): value is FieldFault => {
  const { pointer, code, detail } = membersOf(value)
  return [pointer, code, detail].every((member) => typeof member === 'string')
}

/** RFC 9110 §10.2.3: seconds, or a date. */
export const retryAfterOf = (headers: HeadersLike, nowMs: number): number | undefined => {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs)
}
