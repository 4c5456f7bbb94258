/** One wrong place in the request: `pointer` is RFC 6901, `code` a word, `detail` a sentence. */
export interface FieldError {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** Who can give what is missing. */
export type Giver = 'partner' | 'bank' | 'customer'

interface Kind {
  readonly code: string
  readonly status: number
  readonly title: string
}

/** What a failure may say beyond its sentence. All of it is written for the caller. */
export interface Particulars extends ErrorOptions {
  /** What to do next, one sentence. */
  readonly hint?: string
  readonly errors?: readonly FieldError[]
  readonly gate?: Giver
  /** ISO 20022 external status reason, such as AM04, where one exists. */
  readonly reasonCode?: string
  /** Answer headers: Retry-After, WWW-Authenticate, Allow. */
  readonly headers?: Readonly<Record<string, string>>
  /** Where a standard names the type (RFC 9457 §3.1.1); `code` stays ours. */
  readonly type?: string
  /** Members that the type defines. */
  readonly members?: Readonly<Record<string, unknown>>
}

/** A failure that the caller can act on. `detail` is written for them; `cause` never leaves the house. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly particulars: Particulars

  constructor(kind: Kind, detail: string, particulars: Particulars = {}) {
    super(
      `${kind.code}: ${detail}`,
      particulars.cause === undefined ? {} : { cause: particulars.cause },
    )
    this.code = kind.code
    this.status = kind.status
    this.title = kind.title
    this.detail = detail
    this.particulars = particulars
  }
}

export type MakesProblem = ((detail: string, particulars?: Particulars) => Problem) & Kind

/** Every kind of problem that the loaded rooms can raise, by code: the reference page is made of it. */
export const problemKinds = new Map<string, Kind>()

/** Names a kind of failure once (`room/reason`, HTTP status, title); what it returns makes the failures. */
export const problem = (code: string, status: number, title: string): MakesProblem => {
  const kind: Kind = { code, status, title }
  problemKinds.set(code, kind)
  return Object.assign(
    (detail: string, particulars?: Particulars) => new Problem(kind, detail, particulars),
    kind,
  )
}

/** RFC 9457 members, as they go over the wire. `instance` is the interaction id. */
export const problemBody = (failure: Problem, instance: string) => {
  const { hint, errors, gate, reasonCode, type, members } = failure.particulars
  return {
    ...members,
    type: type ?? `https://portico.example/problems/${failure.code}`,
    title: failure.title,
    status: failure.status,
    detail: failure.detail,
    instance,
    code: failure.code,
    retryable: failure.status === 429 || failure.status === 503,
    ...(reasonCode && { reasonCode }),
    ...(gate && { gate }),
    ...(hint && { hint }),
    ...(errors && { errors }),
  }
}
export type ProblemBody = ReturnType<typeof problemBody>
