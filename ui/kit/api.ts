/** Talk with the server behind this page: same origin, JSON, RFC 9457 problems, one header against forged requests. */

export interface FieldFault {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

/** An answer of no: what the server said of it, or what we know when it said nothing. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly hint: string | undefined
  readonly faults: readonly FieldFault[]
  /** What support asks for: the interaction id of the failed request. */
  readonly interactionId: string | undefined

  constructor(status: number, body: Partial<ProblemMembers>) {
    super(`${body.code ?? status}: ${body.detail ?? body.title ?? ''}`)
    this.status = status
    this.code = body.code ?? (status === 0 ? 'ui/unreachable' : 'ui/unexplained')
    this.title = body.title ?? ''
    this.detail = body.detail ?? ''
    this.hint = body.hint
    this.faults = body.errors ?? []
    this.interactionId = body.instance
  }
}

interface ProblemMembers {
  code: string
  title: string
  detail: string
  hint: string
  instance: string
  errors: FieldFault[]
}

/** Did the server say that nobody is signed in, or only by half? */
export const isSignedOut = (error: unknown) =>
  error instanceof Refusal &&
  (error.code === 'control/not-signed-in' || error.code === 'sign-in/factor-asked')

/** Has whoever asked no second factor, where one is needed for anything at all? */
export const lacksFactor = (error: unknown) =>
  error instanceof Refusal && error.code === 'sign-in/factor-missing'

/** Asks the reader for their second factor; answers whether they gave it. */
type Prover = () => Promise<boolean>
let prover: Prover | null = null
/** Who asks, while the page stands; returns what ends it. */
export const proveWith = (ask: Prover) => {
  prover = ask
  return () => {
    prover = null
  }
}

const problemIn = async (response: Response): Promise<Partial<ProblemMembers>> => {
  const instance = response.headers.get('x-fapi-interaction-id') ?? undefined
  const about = instance === undefined ? {} : { instance }
  if (!response.headers.get('content-type')?.includes('json')) return about
  const body: unknown = await response.json().catch(() => null)
  return body !== null && typeof body === 'object' ? { ...about, ...body } : about
}

/** What an answer says; one of 204 says nothing. `JSON.parse` gives what the caller was promised, unseen. */
const answerIn = async (response: Response) => {
  const text = await response.text()
  return JSON.parse(text === '' ? 'null' : text)
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * One request. The server parses what it sends by the same schemas that its OpenAPI document is made of,
 * so the answer is taken at its word here.
 */
export const request = async <Answer>(
  method: Method,
  path: string,
  body?: object,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  try {
    return await ask<Answer>(method, path, body, more)
  } catch (error) {
    const stale = error instanceof Refusal && error.code === 'sign-in/factor-stale'
    if (!stale || !prover || !(await prover())) throw error
    return ask<Answer>(method, path, body, more)
  }
}

const ask = async <Answer>(
  method: Method,
  path: string,
  body?: object,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const response = await fetch(path, {
    method,
    credentials: 'same-origin',
    headers: {
      accept: 'application/json',
      // Letters that the request causes are written in the language that is read here.
      'accept-language': document.documentElement.lang,
      ...(method !== 'GET' && { 'x-portico-csrf': '1' }),
      ...(body && { 'content-type': 'application/json' }),
      ...more,
    },
    ...(body && { body: JSON.stringify(body) }),
  }).catch(() => {
    throw new Refusal(0, {})
  })
  if (!response.ok) throw new Refusal(response.status, await problemIn(response))
  return answerIn(response)
}

/** A file that the server makes, with the name that it gives it. */
export const readFile = async (path: string): Promise<{ name: string; content: Blob }> => {
  const response = await fetch(path, {
    credentials: 'same-origin',
    headers: { 'accept-language': document.documentElement.lang },
  }).catch(() => {
    throw new Refusal(0, {})
  })
  if (!response.ok) throw new Refusal(response.status, await problemIn(response))
  const name = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1]
  return { name: name ?? 'portico', content: await response.blob() }
}

export const read = <Answer>(path: string) => request<Answer>('GET', path)
/** Reads personal data for a purpose, which is kept before anything is shown. */
export const readFor = <Answer>(
  path: string,
  { purpose, said }: { purpose: string; said: string },
) =>
  request<Answer>('GET', path, undefined, {
    'x-portico-purpose': purpose,
    'x-portico-purpose-said': encodeURIComponent(said),
  })
export const send = <Answer>(path: string, body: object = {}) => request<Answer>('POST', path, body)

/** Search parameters without those that are not set. */
export const query = (parameters: Record<string, string | number | undefined>): string => {
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== '')
  return set.length === 0
    ? ''
    : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`
}

interface Page<Item> {
  readonly data: readonly Item[]
  readonly next?: string | null
}

/** A list to its end, page by page; `cursor` is the parameter that the server pages by. */
export const readAll = async <Item>(
  path: string,
  parameters: Record<string, string | undefined>,
  cursor: 'after' | 'before',
): Promise<Item[]> => {
  const items: Item[] = []
  let next: string | undefined
  do {
    const page = await read<Page<Item>>(`${path}${query({ ...parameters, [cursor]: next })}`)
    items.push(...page.data)
    next = page.next ?? undefined
  } while (next !== undefined)
  return items
}
