/** Calls of the bank's operations: typed by its documents, tried again where that is safe, counted once. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Prover } from './dpop.ts'
import { Refusal } from './refusal.ts'
import type { Tokens } from './tokens.ts'
import type { Answer, Transport } from './transport.ts'

/** What a call takes and gives, as a document says. `documents/` has one for every operation. */
export interface OperationTypes {
  readonly path: unknown
  readonly query: unknown
  readonly body: unknown
  readonly answer: unknown
}

/** What a program needs of an operation to call it. */
export interface OperationPlace {
  readonly method: string
  readonly path: string
  readonly scope: string
  /** A list whose `next` is never null: behind an empty page nothing has happened yet. */
  readonly feed?: true
}

export type Asked<T extends OperationTypes> = (T['path'] extends undefined
  ? object
  : { readonly path: T['path'] }) &
  (T['query'] extends undefined ? object : { readonly query?: T['query'] }) &
  (T['body'] extends undefined ? object : { readonly body: T['body'] })

export interface CallOptions {
  readonly tokens: Tokens
  /** Of a write; the same one is the same act. Keep your own where a restart must not do it twice. */
  readonly idempotencyKey?: string
  /** Day of the version that this call asks for. */
  readonly version?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

export interface Patience {
  /** Attempts of a call, the first one too. */
  readonly attempts: number
  /** A bank that asks to wait longer is not waited for: the refusal says how long. */
  readonly longestWaitMs: number
}

export interface Client<Ts extends { readonly [K in keyof Ts]: OperationTypes }> {
  call<K extends keyof Ts & string>(
    operation: K,
    asked: Asked<Ts[K]> & CallOptions,
  ): Promise<Ts[K]['answer']>
  /** What a list holds, one by one; the next page is asked for when it is needed. */
  each<K extends keyof Ts & string>(
    operation: K,
    asked: Asked<Ts[K]> & CallOptions,
  ): AsyncGenerator<ItemOf<Ts[K]['answer']>>
}

export type ItemOf<Page> = Page extends { readonly data: readonly (infer Item)[] } ? Item : never

interface ClientGiven {
  /** Without a slash at its end. */
  readonly gateway: string
  readonly operations: Readonly<Record<string, OperationPlace>>
  readonly transport: Transport
  readonly prover?: Prover | undefined
  /** Day of the version that calls ask for, where the application is not pinned to it. */
  readonly version?: string | undefined
  readonly patience?: Partial<Patience>
  readonly now?: () => number
  /** For tests: how it waits. */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>
}

const FIRST_WAIT_MS = 200
const BACKOFF_MAX_MS = 8_000

interface Plain extends CallOptions {
  readonly path?: unknown
  readonly query?: unknown
  readonly body?: unknown
}

export const openClient = <Ts extends { readonly [K in keyof Ts]: OperationTypes }>(
  given: ClientGiven,
): Client<Ts> => {
  const { transport, prover, now = Date.now } = given
  const { attempts = 4, longestWaitMs = 30_000 } = given.patience ?? {}
  const wait =
    given.wait ??
    (async (ms: number, signal?: AbortSignal) => {
      await sleep(ms, undefined, signal ? { signal } : {})
    })

  /** One attempt: with a fresh proof, and once more with the nonce or the token that the bank wants. */
  const attempt = async (
    { method, url, headers, body }: Prepared,
    { tokens, signal }: CallOptions,
  ): Promise<Answer> => {
    const send = async () => {
      const token = await tokens.get()
      const bound: Record<string, string> = prover
        ? { authorization: `DPoP ${token}`, dpop: prover.proof(method, url, token) }
        : { authorization: `Bearer ${token}` }
      const answer = await transport.send(url, {
        method,
        headers: { ...headers, ...bound },
        ...(body !== undefined && { body }),
        ...(signal && { signal }),
      })
      return { token, answer }
    }
    let { token, answer } = await send()
    if (prover?.takeNonce(url, answer)) ({ token, answer } = await send())
    if (
      answer.status !== 401 ||
      !/invalid_token/.test(answer.headers.get('www-authenticate') ?? '')
    )
      return answer
    tokens.forget(token)
    try {
      return (await send()).answer
    } catch (error) {
      // No other token is to be had: what the bank said of this one is the answer.
      if (error instanceof Refusal && error.code === 'invalid_grant') return answer
      throw error
    }
  }

  const call = async (operation: string, asked: Plain): Promise<unknown> => {
    const prepared = prepare(given, operation, asked)
    for (let tried = 1; ; tried++) {
      const result = await attempt(prepared, asked).catch((error: unknown) => {
        if (error instanceof Refusal || asked.signal?.aborted || tried >= attempts) throw error
        // The line broke, and nobody knows what was done: only what may be done twice is asked again.
        if (!prepared.repeatable) throw error
        return undefined
      })
      if (result && result.status < 400) return result.body
      const refusal = result && new Refusal(result.status, result.headers, result.body, now())
      if (refusal && (tried >= attempts || !mayAskAgain(refusal, prepared))) throw refusal
      const waitMs = refusal?.retryAfterMs ?? backoff(tried)
      if (refusal && waitMs > longestWaitMs) throw refusal
      await wait(waitMs, asked.signal)
    }
  }

  const each = async function* (operation: string, asked: Plain): AsyncGenerator<unknown> {
    let cursor: string | null = null
    const seen = new Set<string>()
    do {
      const query: Record<string, unknown> = { ...membersOf(asked.query) }
      if (cursor !== null) query['cursor'] = cursor
      const page = membersOf(await call(operation, { ...asked, query }))
      const { data, next } = page
      if (!Array.isArray(data)) throw new TypeError(`${operation} is not a list`)
      yield* data
      const isOver = given.operations[operation]?.feed === true && data.length === 0
      cursor = typeof next === 'string' && !isOver ? next : null
      if (cursor !== null && seen.has(cursor)) throw new TypeError(`${operation} goes in a circle`)
      if (cursor !== null) seen.add(cursor)
    } while (cursor !== null)
  }
  // The types are the documents': what goes over the wire is checked by the bank.
  return { call, each } as Client<Ts>
}

interface Prepared {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  /** Whether doing it again does it once: a read, or a write with its key. */
  readonly repeatable: boolean
}

const prepare = (
  { gateway, operations, version: pinned }: ClientGiven,
  operation: string,
  { path, query, body, idempotencyKey, version = pinned, headers = {} }: Plain,
): Prepared => {
  const place = operations[operation]
  if (!place) throw new TypeError(`no document describes ${operation}`)
  const values = membersOf(path)
  const filled = place.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (typeof value !== 'string' || value === '') throw new TypeError(`${operation} needs ${name}`)
    return encodeURIComponent(value)
  })
  const url = new URL(gateway + filled)
  for (const [name, value] of Object.entries(membersOf(query)))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null) url.searchParams.append(name, String(one))
  const reads = place.method === 'GET'
  const once = place.method === 'POST' ? (idempotencyKey ?? randomUUID()) : idempotencyKey
  return {
    method: place.method,
    url: url.href,
    headers: {
      accept: 'application/json',
      'x-fapi-interaction-id': randomUUID(),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(once !== undefined && { 'idempotency-key': once }),
      ...(version !== undefined && { 'api-version': version }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
    repeatable: reads || once !== undefined || place.method === 'PUT' || place.method === 'DELETE',
  }
}

const mayAskAgain = ({ status, retryable }: Refusal, { repeatable }: Prepared): boolean =>
  // 429 and 503 say that nothing was done; behind 502 and 504 it may have been.
  status === 429 ||
  status === 503 ||
  (repeatable && (status === 502 || status === 504 || retryable))

/** Longer each time, and by chance, so that not everybody comes back together. */
const backoff = (tried: number) =>
  Math.random() * Math.min(BACKOFF_MAX_MS, FIRST_WAIT_MS * 2 ** tried)

const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
