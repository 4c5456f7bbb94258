/**
 * A core banking system of the nineties, as banks still run them, for the demonstration bank and for tests.
 * It is a program of its own: it knows nothing of what connects to it.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { startClearing } from './clearing.ts'
import { openClock } from './clock.ts'
import { serveControl } from './control.ts'
import { openFaults } from './faults.ts'
import { openLedger } from './ledger-file.ts'
import { startNights } from './night.ts'
import { chance } from './random.ts'
import { seedEvents } from './seed.ts'
import { type House, serve } from './server.ts'
import { settingsOf, zone } from './settings.ts'
import { openWindow } from './window.ts'

const start = async () => {
  const settings = settingsOf(process.argv.slice(2), process.env)
  const { clock, turn } = openClock(() => Temporal.Now.zonedDateTimeISO(zone))
  const ledger = openLedger(settings.data, () => seedEvents(settings.seed, clock().toPlainDate()))
  const house: House = {
    settings,
    ledger,
    window: openWindow(settings.window),
    faults: openFaults(),
    chance: chance(settings.seed),
    clock,
    turnClock: turn,
    latency: settings.latency,
    dropRate: settings.dropRate,
    sessions: new Set(),
  }
  const server = serve(house).listen(settings.port, '127.0.0.1')
  const control = serveControl(house).listen(settings.controlPort, '127.0.0.1')
  await Promise.all([once(server, 'listening'), once(control, 'listening')])
  startClearing(ledger, settings.clearing, clock)
  startNights(ledger.books, join(settings.data, 'vypiska'), clock)

  // Every answered change is on disk already, so there is nothing to finish.
  const stop = () => process.exit(0)
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  if (settings.followStdin) process.stdin.on('end', stop).on('error', stop).resume()
  process.stdout.write(
    `abs listening on ${portOf(server.address())}, control on ${portOf(control.address())}\n`,
  )
}

const portOf = (address: ReturnType<ReturnType<typeof serve>['address']>) =>
  typeof address === 'object' && address ? address.port : address

try {
  await start()
} catch (error) {
  process.stderr.write(`abs: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
