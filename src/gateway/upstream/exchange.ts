/** One question to an upstream and its answer, over a pool of connections that carry one question at a time (G64, G65). */
import type { Dispatcher } from 'undici'
import { CALL_HEADER, PLAYED_HEADER } from '#platform/caller.ts'
import { AnswerTooLarge, type HeardHeaders } from './answer-reader.ts'

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
  /** When to come back, where a 429 or a 503 says so. */
  readonly retryAfterSeconds?: number | undefined
  /** What it says of keeping it, where it says anything. */
  readonly keeping?: Keeping | undefined
  /** Whether one of ours played it to this partner alone. */
  readonly played?: boolean
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

/** What carries questions: connections with one question at a time. */
export interface Carrier {
  ask(request: UpstreamRequest, exchange: Exchange): void
  /** Lets those under way end. */
  close(): Promise<void>
}

/** Under way until its promise settles; `giveUp` ends it and its connection. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<UpstreamAnswer>
  readonly #callId: string | undefined
  readonly #echoed: boolean
  #resolve!: (answer: UpstreamAnswer) => void
  #reject!: (failure: ExchangeFailed) => void
  #end: (() => void) | undefined
  #sent = false
  #why: Failure | undefined
  /** Of an answer that comes in pieces. */
  #status = 0
  #headers: HeardHeaders = {}
  #first: Buffer | undefined
  #further: Buffer[] | undefined

  constructor(carrier: Carrier, request: UpstreamRequest) {
    this.#callId = request.headers[CALL_HEADER]
    this.#echoed = request.echoed
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    carrier.ask(request, this)
  }

  giveUp(why: 'late' | 'abandoned'): void {
    this.#abort(why, new Error(why))
  }

  /** There is a connection, and the first byte is about to leave. `end` ends both. */
  begun(end: () => void): void {
    this.#end = end
    if (this.#why) end()
    else this.#sent = true
  }

  answered(status: number, headers: HeardHeaders, body: Buffer): void {
    if (this.#isForeign(headers)) return
    // From now on its connection may be another question's.
    this.#end = undefined
    const { 'content-type': contentType } = headers
    this.#resolve({
      status,
      contentType: typeof contentType === 'string' ? contentType : null,
      encoded: headers['content-encoding'] !== undefined,
      body,
      retryAfterSeconds:
        status === 503 || status === 429 ? secondsIn(headers['retry-after']) : undefined,
      keeping: keepingIn(headers),
      played: this.#echoed && headers[PLAYED_HEADER] !== undefined,
    })
  }

  failed(cause: Error): void {
    this.#end = undefined
    const tooLarge =
      cause instanceof AnswerTooLarge ||
      Reflect.get(cause, 'code') === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'
    const why = !this.#sent ? 'unreachable' : tooLarge ? 'unusable' : 'broken'
    this.#reject(new ExchangeFailed(this.#why ?? why, this.#sent, cause))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.begun(() => controller.abort(new Error(this.#why)))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HeardHeaders,
  ): void {
    if (status < 200 || this.#isForeign(headers)) return
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#first) this.#first = chunk
    else if (this.#further) this.#further.push(chunk)
    else this.#further = [this.#first, chunk]
  }

  onResponseEnd(): void {
    const body = this.#further ? Buffer.concat(this.#further) : (this.#first ?? nothing)
    this.answered(this.#status, this.#headers, body)
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.failed(error)
  }

  #isForeign(headers: HeardHeaders): boolean {
    const echo = headers[CALL_HEADER]
    if (echo === this.#callId || (!this.#echoed && echo === undefined)) return false
    this.#abort('unusable', new ForeignAnswer('the answer does not carry this call’s id'))
    return true
  }

  #abort(why: Failure, because: Error): void {
    this.#why ??= why
    this.#reject(new ExchangeFailed(this.#why, this.#sent, because))
    this.#end?.()
  }
}

const nothing = Buffer.alloc(0)

const keepingIn = (headers: HeardHeaders): Keeping | undefined => {
  const { 'cache-control': cacheControl, age, vary } = headers
  if (cacheControl === undefined && age === undefined && vary === undefined) return undefined
  return { cacheControl: cacheControl?.toString(), age: age?.toString(), vary: vary?.toString() }
}

const secondsIn = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,6}$/.test(header) ? Number(header) : undefined
