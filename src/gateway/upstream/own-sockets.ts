/**
 * Connections to the cell's own parts over their sockets, each with one question at a time (G64). Our own, because what
 * they are asked is most of what a call costs: a head and a body in one write, an answer read from one buffer.
 */
import { connect, type Socket } from 'node:net'
import { assert } from '#kernel/assert.ts'
import { AnswerMalformed, AnswerReader } from './answer-reader.ts'
import type { Carrier, Exchange, UpstreamRequest } from './exchange.ts'

export interface OwnSockets {
  readonly path: string
  readonly connectMs: number
  /** Below the other side's own, so that it is never the one to close first. */
  readonly idleMs: number
  readonly answerBytesMax: number
}

const READ_BYTES = 32_768
const unprintable = /[^\x20-\x7e]/
const printableName = /^[a-z0-9-]+$/

interface Line {
  readonly socket: Socket
  exchange: Exchange | undefined
  reader: AnswerReader
  idleSinceMs: number
}

export const openOwnSockets = (options: OwnSockets): Carrier => {
  const lines = new Set<Line>()
  /** The last one used stands last, and is used first: the others grow old and go. */
  const idle: Line[] = []
  let closing: PromiseWithResolvers<void> | undefined
  let sweeping: NodeJS.Timeout | undefined

  const forget = (line: Line, cause: Error) => {
    if (!lines.delete(line)) return
    const at = idle.indexOf(line)
    if (at >= 0) idle.splice(at, 1)
    line.socket.destroy()
    const { exchange } = line
    line.exchange = undefined
    exchange?.failed(cause)
    if (lines.size === 0) closing?.resolve()
  }
  const sweep = () => {
    const untilMs = performance.now() - options.idleMs
    for (const line of idle.filter(({ idleSinceMs }) => idleSinceMs <= untilMs))
      forget(line, new Error('it was not used'))
    if (idle.length > 0) return
    clearInterval(sweeping)
    sweeping = undefined
  }
  const rest = (line: Line) => {
    line.exchange = undefined
    line.reader = new AnswerReader(options.answerBytesMax)
    line.idleSinceMs = performance.now()
    idle.push(line)
    sweeping ??= setInterval(sweep, options.idleMs / 4).unref()
  }
  /** The sweep comes by turns; what has rested for too long meanwhile may be about to be closed over there. */
  const youngest = (): Line | undefined => {
    const line = idle.pop()
    if (!line || performance.now() - line.idleSinceMs < options.idleMs) return line
    forget(line, new Error('it was not used'))
    return undefined
  }
  const heard = (line: Line, bytes: Buffer) => {
    const { exchange } = line
    if (!exchange) return forget(line, new AnswerMalformed('nobody had asked'))
    try {
      const answer = line.reader.read(bytes)
      if (!answer) return
      if (answer.lasts && !closing) rest(line)
      else {
        line.exchange = undefined
        forget(line, new Error('it was the last answer'))
      }
      exchange.answered(answer.status, answer.headers, answer.body)
    } catch (cause) {
      forget(line, cause instanceof Error ? cause : new Error(String(cause)))
    }
  }
  const dial = (): Line => {
    const socket = connect({
      path: options.path,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (bytes, buffer) => {
          heard(line, Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
          return true
        },
      },
    })
    const line: Line = {
      socket,
      exchange: undefined,
      reader: new AnswerReader(options.answerBytesMax),
      idleSinceMs: 0,
    }
    lines.add(line)
    socket.on('error', (cause) => forget(line, cause))
    socket.on('end', () => forget(line, new Error('the other side closed the connection')))
    socket.on('close', () => forget(line, new Error('the connection was closed')))
    return line
  }
  const put = (line: Line, question: string | Buffer, exchange: Exchange) => {
    exchange.begun(() => forget(line, new Error('it was given up')))
    if (!lines.has(line)) return
    line.socket.write(question, 'latin1')
  }

  return {
    ask: (request, exchange) => {
      const question = questionOf(request)
      const rested = youngest()
      const line = rested ?? dial()
      line.exchange = exchange
      if (rested) return put(line, question, exchange)
      const late = setTimeout(
        () => forget(line, new Error('it could not be reached in time')),
        options.connectMs,
      ).unref()
      line.socket.once('close', () => clearTimeout(late))
      line.socket.once('connect', () => {
        clearTimeout(late)
        put(line, question, exchange)
      })
    },
    close: async () => {
      clearInterval(sweeping)
      closing ??= Promise.withResolvers()
      for (const line of idle.splice(0)) forget(line, new Error('the gateway closes'))
      if (lines.size > 0) await closing.promise
    },
  }
}

/** Head and body, so that they leave in one write. */
const questionOf = (request: UpstreamRequest): string | Buffer => {
  const head = headOf(request)
  return request.body === null ? head : Buffer.concat([Buffer.from(head, 'latin1'), request.body])
}

/** RFC 9112 §2–3. What stands in it was admitted by the edge or written by us; a value with a control character is a bug. */
const headOf = ({ method, path, headers, body }: UpstreamRequest): string => {
  let head = `${method} ${path} HTTP/1.1\r\nhost: upstream\r\n`
  for (const name in headers) {
    const value = headers[name] ?? ''
    assert(printableName.test(name) && !unprintable.test(value), `a header ${name} is no header`)
    head += `${name}: ${value}\r\n`
  }
  assert(!unprintable.test(path), 'an address is printable')
  if (body !== null) return `${head}content-length: ${body.length}\r\n\r\n`
  return method === 'GET' ? `${head}\r\n` : `${head}content-length: 0\r\n\r\n`
}
