/**
 * `npm run faults [-- --short] [NAME…] [--callers N]`: a house, partners who count for themselves, and every fault done to
 * it, or those named. Each leaves a report in test/faults/reports, and docs/reference/faults.md is written from all of
 * them; ends with 1 where a promise was broken.
 */
import { parseArgs } from 'node:util'
import { keepReports } from './report.ts'
import { endWorld } from '../world.ts'
import { cellFaults } from './cell.ts'
import { faults } from './faults.ts'
import { type Found, kept, lineOf, runFaults } from './run.ts'
import { openTown } from './town.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, callers: { type: 'string' } },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_400)

const all = [...Object.keys(faults), ...Object.keys(cellFaults)]
const names = positionals.length > 0 ? positionals : all
const unknown = names.filter((name) => !all.includes(name))
if (unknown.length > 0) {
  say(`there is no fault ${unknown.join(', ')}; there are ${all.join(', ')}`)
  process.exit(2)
}
const ofHouse = names.filter((name) => name in faults)
const found: Found[] = []
/** After each fault, so that a run that is cut short leaves what it found. */
const write = (some: readonly Found[]): void => keepReports(some, { short: values.short, all })

if (ofHouse.length > 0) {
  /** The data of a house that runs already at the port base: its Valkey is then nobody's to kill. */
  const running = process.env['PORTICO_RUNNING']
  say(running === undefined ? 'starting a house' : `the house of ${running}`)
  const town = await openTown({
    portBase,
    carried: ofHouse.some((name) => name.startsWith('nats-')),
    ...(running !== undefined && { running }),
  })
  try {
    const callers = values.callers === undefined ? {} : { callers: Number(values.callers) }
    const options = { short: values.short, say, names: ofHouse, told: write, ...callers }
    found.push(...(await runFaults(town, options)))
  } finally {
    await town.close()
  }
}
for (const [name, run] of Object.entries(cellFaults)) {
  if (!names.includes(name)) continue
  const one = await run({ short: values.short })
  found.push(one)
  say(lineOf(one))
  write(found)
}
await endWorld()
process.exit(found.every(kept) ? 0 : 1)
