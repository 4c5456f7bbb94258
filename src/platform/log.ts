/** Logs for running the house: ids, not people. What happened in the business is in the journal. */
import { pino } from 'pino'
import { assert } from '#kernel/assert.ts'
import { holdsCardNumber } from './card-guard.ts'
import { holdsSecret } from './secret-guard.ts'

export type Log = pino.Logger

/** Members that must never be printed, wherever they stand. */
const redact = [
  'authorization',
  'cookie',
  'password',
  'token',
  'body',
  'name',
  'account',
  'pan',
].flatMap((member) => [member, `*.${member}`, `*.headers.${member}`])

const beginning = /^\{"level":\d+,"time":"[^"]*"/

/** The second net: a line that holds what reads as a card number or a secret is told of, and not printed (S44, S46). */
export const guardedLine = (line: string): string =>
  holdsCardNumber(line) || holdsSecret(line)
    ? `${beginning.exec(line)?.[0] ?? '{"level":50'},"msg":"a line of the log was withheld: it held what reads as a card number or a secret"}\n`
    : line

/** One JSON line for an event on standard error, so that standard output stays for answers. */
export const openLog = (bindings: { process: string; cell?: string }, level = 'info'): Log =>
  pino(
    {
      level,
      base: bindings,
      hooks: { streamWrite: guardedLine },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redact, censor: '[redacted]' },
      serializers: { err: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    pino.destination({ fd: 2, sync: true }),
  )

/** Lines of an event that comes by the thousand: written past what makes a log dear, many in one write. */
export interface Lines {
  /** `members` are ids and figures only: none is looked for that would be hidden. The guard reads the line all the same. */
  info(members: object, message: string): void
  /** Prints what waits, and no longer when the process ends. */
  close(): void
}

const LINES_WAIT_MS = 50
const LINES_WAIT_CHARS = 65_536

/** Into the stream of a log. What waits when the process is killed is lost: it is for looking, nothing is proven by it. */
export const openLines = (log: Log): Lines => {
  const stream: unknown = Reflect.get(log, pino.symbols.streamSym)
  assert(isWritable(stream), 'a log has a stream')
  const bindings = JSON.stringify(log.bindings()).slice(1, -1)
  const base = bindings === '' ? '' : `,${bindings}`
  let waiting = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (waiting === '') return
    const text = waiting
    waiting = ''
    stream.write(text)
  }
  process.on('exit', flush)
  return {
    info: (members, message) => {
      if (!log.isLevelEnabled('info')) return
      const at = new Date().toISOString()
      waiting += guardedLine(
        `{"level":30,"time":"${at}"${base},${JSON.stringify(members).slice(1, -1)},"msg":"${message}"}\n`,
      )
      if (waiting.length >= LINES_WAIT_CHARS) flush()
      else timer ??= setTimeout(flush, LINES_WAIT_MS).unref()
    },
    close: () => {
      process.off('exit', flush)
      flush()
    },
  }
}

const isWritable = (stream: unknown): stream is { write(text: string): unknown } =>
  typeof stream === 'object' &&
  stream !== null &&
  typeof Reflect.get(stream, 'write') === 'function'
