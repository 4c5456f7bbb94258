/** Logs for running the house: ids, not people. What happened in the business is in the journal. */
import { pino } from 'pino'

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

/** One JSON line for an event on standard error, so that standard output stays for answers. */
export const openLog = (bindings: { process: string; cell?: string }, level = 'info'): Log =>
  pino(
    {
      level,
      base: bindings,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: redact, censor: '[redacted]' },
      serializers: { err: pino.stdSerializers.err, cause: pino.stdSerializers.err },
    },
    pino.destination({ fd: 2, sync: true }),
  )
