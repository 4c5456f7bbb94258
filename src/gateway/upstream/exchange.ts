/** One question to an upstream and its answer, over a pool of connections that carry one question at a time (G64, G65). */
import type { Dispatcher, Pool } from 'undici'
import { CALL_HEADER } from '#platform/caller.ts'

export interface UpstreamRequest {
  readonly method: string
  /** Path and query, as the edge admitted them. */
  readonly path: string
  /** With the call's id, which the upstream says back. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** Whether the upstream is one of ours, which says back the call's id with every answer. */
  readonly echoed: boolean
}

export interface UpstreamAnswer {
  readonly status: number
  readonly contentType: string | null
  /** Nobody asked for a coding; an answer in one cannot be read, and is withheld. */
  readonly encoded: boolean
  readonly body: Buffer
  /** When to come back, where a 503 says so. */
  readonly retryAfterSeconds?: number | undefined
  /** What it says of keeping it, where it says anything. */
  readonly keeping?: Keeping | undefined
}

/** Headers of RFC 9111, as they stand. */
export interface Keeping {
  readonly cacheControl: string | undefined
  readonly age: string | undefined
  readonly vary: string | undefined
}

/**
 * `unreachable`: no connection, nothing was sent. `late`: the call's time is over. `broken`: the connection ended before
 * the answer did. `unusable`: the answer is too large, or another call's. `abandoned`: the caller hung up.
 */
export type Failure = 'unreachable' | 'late' | 'broken' | 'unusable' | 'abandoned'

/** An exchange without an answer. `sent` is false only where not one byte left us. */
export class ExchangeFailed extends Error {
  override readonly name = 'ExchangeFailed'
  readonly why: Failure
  readonly sent: boolean
  constructor(why: Failure, sent: boolean, cause: unknown) {
    super(`no answer from upstream: ${why}`, { cause })
    this.why = why
    this.sent = sent
  }
}

/** The answer carries another call's id: the connection's questions and answers no longer match. */
export class ForeignAnswer extends Error {
  override readonly name = 'ForeignAnswer'
}

/** Under way until its promise settles; `giveUp` ends it and its connection. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<UpstreamAnswer>
  readonly #callId: string | undefined
  readonly #echoed: boolean
  #resolve!: (answer: UpstreamAnswer) => void
  #reject!: (failure: ExchangeFailed) => void
  #controller: Dispatcher.DispatchController | undefined
  #sent = false
  #why: Failure | undefined
  #status = 0
  #contentType: string | null = null
  #encoded = false
  #retryAfterSeconds: number | undefined
  #keeping: Keeping | undefined
  #first: Buffer | undefined
  #further: Buffer[] | undefined

  constructor(pool: Pool, request: UpstreamRequest) {
    this.#callId = request.headers[CALL_HEADER]
    this.#echoed = request.echoed
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    pool.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body: request.body,
        // The call's own deadline ends what hangs or drips, by the millisecond; two more timers would only cost.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    )
  }

  giveUp(why: 'late' | 'abandoned'): void {
    this.#end(why, new Error(why))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#why) controller.abort(new Error(this.#why))
    else this.#sent = true
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) return
    const echo = headers[CALL_HEADER]
    if (echo !== this.#callId && (this.#echoed || echo !== undefined))
      return this.#end('unusable', new ForeignAnswer('the answer does not carry this call’s id'))
    this.#status = status
    const contentType = headers['content-type']
    this.#contentType = typeof contentType === 'string' ? contentType : null
    this.#encoded = headers['content-encoding'] !== undefined
    this.#keeping = keepingIn(headers)
    if (status === 503) this.#retryAfterSeconds = secondsIn(headers['retry-after'])
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#first) this.#first = chunk
    else if (this.#further) this.#further.push(chunk)
    else this.#further = [this.#first, chunk]
  }

  onResponseEnd(): void {
    this.#resolve({
      status: this.#status,
      contentType: this.#contentType,
      encoded: this.#encoded,
      body: this.#further ? Buffer.concat(this.#further) : (this.#first ?? nothing),
      retryAfterSeconds: this.#retryAfterSeconds,
      keeping: this.#keeping,
    })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    const code = Reflect.get(error, 'code')
    const why = !this.#sent
      ? 'unreachable'
      : code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
        ? 'unusable'
        : 'broken'
    this.#reject(new ExchangeFailed(this.#why ?? why, this.#sent, error))
  }

  #end(why: Failure, because: Error): void {
    this.#why ??= why
    this.#controller?.abort(because)
    this.#reject(new ExchangeFailed(this.#why, this.#sent, because))
  }
}

const nothing = Buffer.alloc(0)

const keepingIn = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
): Keeping | undefined => {
  const { 'cache-control': cacheControl, age, vary } = headers
  if (cacheControl === undefined && age === undefined && vary === undefined) return undefined
  return { cacheControl: cacheControl?.toString(), age: age?.toString(), vary: vary?.toString() }
}

const secondsIn = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined
