/**
 * How true limits are: 1 to 5 gateways in processes of their own share one limit, and all ask as fast as they can.
 *
 *   node bench/limits.ts [seconds] [perSecond] [nodes]   admitted / (burst + rate × T), by store, and with Valkey killed
 *   node bench/limits.ts memory [count]                  so many customers seen once: keys and heap
 */
import { limitsOf, manyCustomers } from '#test/gateway/leases.ts'
import { type Outcome, tryLimits } from '#test/gateway/limit-nodes.ts'
import { freshDatabase } from '#test/world.ts'

const [first = '60', second, only] = process.argv.slice(2)
const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`)

if (first === 'memory') print(await manyCustomers(Number(second ?? 1_000_000)))
else {
  const seconds = Number(first)
  const perSecond = Number(second ?? 500)
  const limits = limitsOf({ rate: { perSecond, burst: perSecond * 2 } })
  const told = (store: string, nodes: number, outcome: Outcome) =>
    print({ store, nodes, ...outcome, ratio: outcome.admitted / outcome.allowed })
  const port = 19_560
  for (const nodes of only === undefined ? [1, 2, 3, 4, 5] : [Number(only)]) {
    const database = await freshDatabase('cell')
    const common = { nodes, warmMs: 5_000, seconds, limits, databaseUrl: database.url('gateway') }
    told('postgresql', nodes, await tryLimits(common))
    told('valkey', nodes, await tryLimits({ ...common, valkeyPort: port }))
    told('valkey, killed', nodes, await tryLimits({ ...common, valkeyPort: port, kill: true }))
  }
}
process.exit(0)
