/** Logs for running the house: ids, not people. What happened in the business is in the journal. */
import { pino } from 'pino'
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
