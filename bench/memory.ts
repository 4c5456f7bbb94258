/**
 * Whether memory stays: the whole pipeline as a process of its own under full load, its resident memory every ten seconds.
 * `node bench/memory.ts [minutes]`, one JSON line; ends with 1 where it left ±5 % of what it was after the first third.
 */
import { openGround } from './ladder/ground.ts'
import { load } from './ladder/load.ts'
import { residentMiBOf, stepAside } from './ladder/machine.ts'
import { portico } from './ladder/portico.ts'

const minutes = Number(process.argv[2] ?? 10)
const EVERY_MS = 10_000
const TOLERANCE = 0.05

stepAside()
const ground = await openGround()
const { cell, clients } = ground
const gateway = await portico.start('T5', cell)
const pids = [gateway.child.pid!]
const resident: number[] = []
const watching = setInterval(() => {
  resident.push(residentMiBOf(pids))
  process.stderr.write(
    `${resident.length * (EVERY_MS / 1000)} s: ${resident.at(-1)?.toFixed(0)} MiB\n`,
  )
}, EVERY_MS)
// Tokens live ten minutes at most: each round takes fresh ones, so that held ones pile up if they do.
let calls = 0
let failed = 0
const untilMs = performance.now() + minutes * 60_000
while (performance.now() < untilMs) {
  const read = await load(
    {
      port: ground.portOf('T5'),
      ca: cell.ca.toString(),
      lanes: await clients.lanesFor('T5'),
      phases: [{ name: 'full', mode: 'closed', seconds: 20 }],
    },
    pids,
  )
  const full = read['full']!
  calls += full.calls
  failed += full.broken + full.calls - (full.statuses['200'] ?? 0)
}
clearInterval(watching)
await gateway.stop()
await ground.close()

const settled = resident.slice(Math.floor(resident.length / 3))
const mean = settled.reduce((sum, one) => sum + one, 0) / settled.length
const half = Math.floor(settled.length / 2)
const meanOf = (some: readonly number[]) => some.reduce((sum, one) => sum + one, 0) / some.length
const growth = meanOf(settled.slice(half)) / meanOf(settled.slice(0, half)) - 1
process.stdout.write(
  `${JSON.stringify({ minutes, calls, failed, residentMiB: Math.round(mean), growth: Math.round(growth * 1000) / 1000 })}\n`,
)
process.exit(Math.abs(growth) > TOLERANCE ? 1 : 0)
