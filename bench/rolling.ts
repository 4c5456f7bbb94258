/** Restarts two gateways in turns under load: `node bench/rolling.ts [restarts] [callers]`. Fails when any call does. */
import { endWorld } from '#test/world.ts'
import { roll } from '#test/gateway/rolling.ts'

const [restarts = 20, callers = 8] = process.argv.slice(2).map(Number)
const rolled = await roll(restarts, callers, (line) => process.stderr.write(`${line}\n`))
await endWorld()
process.stdout.write(
  `${JSON.stringify({ ...rolled, failures: rolled.failures.length, first: rolled.failures[0] })}\n`,
)
process.exit(rolled.failures.length === 0 ? 0 : 1)
