/** Kills two gateways at random moments under writes: `node bench/crashing.ts [kills] [writers]`. Fails when anything is lost or doubled. */
import { crash } from '#test/gateway/crashing.ts'
import { endWorld } from '#test/world.ts'

const [kills = 40, writers = 12] = process.argv.slice(2).map(Number)
const crashed = await crash(kills, writers, (line) => process.stderr.write(`${line}\n`))
await endWorld()
const { violations } = crashed
process.stdout.write(
  `${JSON.stringify({ ...crashed, violations: violations.length, first: violations[0] })}\n`,
)
process.exit(violations.length === 0 ? 0 : 1)
