/** Every night the isolation of the cells is proven again, by a process of its own, and the report is kept. */
import { spawn } from 'node:child_process'
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

/** Runs `portico isolation report --keep` every night until it is stopped. */
export const reportNightly = (
  world: ProcessWorld,
  main: string,
  environment: Readonly<Record<string, string>>,
): Running => {
  let timer: NodeJS.Timeout | undefined
  let child: ReturnType<typeof spawn> | undefined
  const run = () => {
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
      { env: { PATH: process.env['PATH'], ...environment }, stdio: 'ignore' },
    )
    child.once('error', (cause) => world.log.error({ cause }, 'the isolation report did not start'))
    child.once('exit', (code) => {
      child = undefined
      if (code === 0) world.log.info('isolation was proven and the report is in the journal')
      else world.log.error({ code }, 'ISOLATION WAS NOT PROVEN; run npx portico isolation report')
      wait()
    })
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
