/** Every night the isolation of the cells is proven again, by a process of its own, and the report is kept. */
import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import type { ProcessWorld, Running } from '#platform/process.ts'

/** When the bank's day is quiet, in its zone. */
const AT = Temporal.PlainTime.from('02:30')

/** The next 02:30 in a zone: also on the days on which the clock is turned. */
export const nextNight = (now: Temporal.Instant, zone: string): Temporal.Instant => {
  const here = now.toZonedDateTimeISO(zone)
  const today = here.withPlainTime(AT)
  const next =
    Temporal.ZonedDateTime.compare(today, here) > 0
      ? today
      : here.add({ days: 1 }).withPlainTime(AT)
  return next.toInstant()
}

/** Runs `portico isolation report --keep` every night until it is stopped. What it says of last night is in `isolation.log`. */
export const reportNightly = (
  world: ProcessWorld,
  main: string,
  environment: Readonly<Record<string, string>>,
): Running => {
  let timer: NodeJS.Timeout | undefined
  let child: ReturnType<typeof spawn> | undefined
  const run = () => {
    const said = openSync(join(world.layout.logs, 'isolation.log'), 'w', 0o600)
    child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        main,
        'isolation',
        'report',
        '--keep',
        // Over the wire it registers partners, which only a demonstration bank takes by itself.
        ...(world.settings.PORTICO_DEMO === 'on' ? [] : ['--in-process']),
      ],
      { env: { PATH: process.env['PATH'], ...environment }, stdio: ['ignore', said, said] },
    )
    closeSync(said)
    // Which of the two comes is how it ended; the night after is waited for either way.
    child.once('error', (cause) => ended({ cause }))
    child.once('exit', (code) => ended({ code }))
  }
  const ended = (how: { readonly code?: number | null; readonly cause?: Error }) => {
    child = undefined
    if (how.code === 0) world.log.info('isolation was proven and the report is in the journal')
    else world.log.error(how, 'ISOLATION WAS NOT PROVEN; see isolation.log')
    wait()
  }
  const wait = () => {
    const ms = nextNight(world.now(), world.settings.PORTICO_BANK_ZONE)
      .since(world.now())
      .total('milliseconds')
    timer = setTimeout(run, ms)
    timer.unref()
  }
  wait()
  return {
    stop: async () => {
      clearTimeout(timer)
      child?.removeAllListeners('exit')
      child?.kill('SIGTERM')
    },
  }
}
