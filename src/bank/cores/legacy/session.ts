/** One signed-on session with the core: a line of bytes, on which one request is under way at a time. */
import { type Socket, connect } from 'node:net'
import { assert } from '#kernel/assert.ts'
import type { Secret } from '#platform/secret.ts'
import { coreRefused } from '../core.ts'
import { garbled, pack, unpack } from './codec.ts'
import { operations, otvet, unasked, zapros } from './layouts.ts'
import { meanings, replyHeader, requestHeader, signOnRequest } from './mapping.ts'

export interface Asked {
  readonly operation: string
  readonly line: Buffer
}

export interface Answer {
  readonly status: string
  readonly more: boolean
  readonly lines: readonly Buffer[]
}

export interface Session {
  readonly alive: boolean
  /** Throws `AnswerLost` or `coreGarbled`; after either the session is dead. */
  exchange(asked: Asked): Promise<Answer>
  end(): void
}

/** The request left and no answer came: the core may have done it, or not. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost'
  /** The session fell; otherwise the core took too long. */
  readonly dropped: boolean
  constructor(because: string, dropped: boolean) {
    super(because)
    this.dropped = dropped
  }
}

/** Nothing was sent: there is no session to send it on. */
export class NoSession extends Error {
  override readonly name = 'NoSession'
  /** All of the core's sessions are taken, by whomever. */
  readonly full: boolean
  constructor(because: string, full: boolean, options?: ErrorOptions) {
    super(because, options)
    this.full = full
  }
}

export interface Line {
  readonly host: string
  readonly port: number
  readonly connectMs: number
  readonly answerMs: number
  readonly signOn: { readonly operator: string; readonly password: Secret<string> }
  readonly today: () => Temporal.PlainDate
}

const recordsMax = 100
const lineMax = 512
const numberMax = 99_999_999

/** Connects and signs on. `onEnd` is called once, when a session that was open dies. */
export const openSession = async (line: Line, onEnd: () => void): Promise<Session> => {
  const socket = await connected(line)
  const session = overSocket(socket, line, onEnd)
  const { code, request, reply } = operations.signOn
  const today = line.today()
  const { operator, password } = line.signOn
  const opening = pack(request, signOnRequest(operator, password.reveal(), today), today)
  try {
    const answer = await session.exchange({ operation: code, line: opening })
    const meaning = meanings[answer.status]
    if (meaning?.is === 'full') throw new NoSession('the core has no session left', true)
    if (meaning?.is === 'refused')
      throw coreRefused('It does not accept our sign-on', { cause: new Error(meaning.why) })
    const [first] = answer.lines
    if (meaning?.is !== 'done' || !first)
      throw garbled(`sign-on was answered with status ${answer.status}`)
    unpack(reply, first, today)
    return session
  } catch (error) {
    session.end()
    if (error instanceof AnswerLost)
      throw new NoSession('the sign-on was not answered', false, { cause: error })
    throw error
  }
}

const connected = ({ host, port, connectMs }: Line): Promise<Socket> => {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>()
  const socket = connect({
    host,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 10_000,
  })
  const failed = (cause: unknown) => {
    clearTimeout(timer)
    socket.destroy()
    reject(new NoSession('the core cannot be reached', false, { cause }))
  }
  const timer = setTimeout(() => failed(new Error(`no connection in ${connectMs} ms`)), connectMs)
  socket.once('error', failed)
  socket.once('connect', () => {
    clearTimeout(timer)
    socket.off('error', failed)
    resolve(socket)
  })
  return promise
}

interface UnderWay {
  readonly operation: string
  readonly number: number
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

const overSocket = (socket: Socket, line: Line, onEnd: () => void): Session => {
  let received: Buffer = Buffer.alloc(0)
  let underWay: UnderWay | undefined
  let number = 0
  let alive = true

  /** The session is over; whatever was under way ends with `because`. */
  const die = (because: Error) => {
    underWay?.reject(because)
    underWay = undefined
    if (!alive) return
    alive = false
    socket.destroy()
    onEnd()
  }

  socket.on('error', () => {})
  socket.on('close', () => die(new AnswerLost('the session was dropped', true)))
  socket.on('data', (chunk: Buffer) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    if (!underWay) return die(new AnswerLost('the core spoke without being asked', true))
    try {
      const read = answerIn(received, underWay, line.today())
      if (!read) return
      if (read.end !== received.length) throw garbled('bytes follow the last record')
      received = Buffer.alloc(0)
      underWay.resolve(read.answer)
      underWay = undefined
    } catch (error) {
      die(error instanceof Error ? error : new Error(String(error)))
    }
  })

  const exchange = async (asked: Asked): Promise<Answer> => {
    assert(!underWay, 'a session carries one request at a time')
    if (!alive) throw new AnswerLost('the session was dropped', true)
    number = number === numberMax ? 1 : number + 1
    const header = pack(zapros, requestHeader(asked.operation, number), line.today())
    const newline = Buffer.from('\r\n')
    const bytes = Buffer.concat([header, newline, asked.line, newline])
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    underWay = { operation: asked.operation, number, resolve, reject }
    const deadline = setTimeout(
      () => die(new AnswerLost(`no answer in ${line.answerMs} ms`, false)),
      line.answerMs,
    )
    socket.write(bytes)
    try {
      return await promise
    } finally {
      clearTimeout(deadline)
    }
  }

  return {
    get alive() {
      return alive
    },
    exchange,
    end: () => die(new AnswerLost('the session was ended', true)),
  }
}

/** The whole answer, once all of it is there. Throws as soon as what is there cannot become one. */
const answerIn = (
  received: Buffer,
  { operation, number }: UnderWay,
  today: Temporal.PlainDate,
): { answer: Answer; end: number } | undefined => {
  const first = lineAt(received, 0)
  if (!first) return undefined
  const header = replyHeader(unpack(otvet, first.line, today))
  const refusedAtTheDoor = header.operation === unasked
  if (!refusedAtTheDoor && (header.operation !== operation || header.number !== number))
    throw garbled('the answer belongs to another request')
  if (header.records > recordsMax) throw garbled('the answer announces too many records')

  const lines: Buffer[] = []
  let { end } = first
  while (lines.length < header.records) {
    const next = lineAt(received, end)
    if (!next) return undefined
    lines.push(next.line)
    end = next.end
  }
  return { answer: { status: header.status, more: header.more, lines }, end }
}

const lineAt = (received: Buffer, start: number) => {
  const end = received.indexOf('\r\n', start)
  if ((end < 0 ? received.length : end) - start > lineMax) throw garbled('a record has no end')
  return end < 0 ? undefined : { line: received.subarray(start, end), end: end + 2 }
}
