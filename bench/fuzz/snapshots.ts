/** Mutated snapshots at length: `node bench/fuzz/snapshots.ts [count] [seed]`. Ends with 1 at the first that breaks a rule. */
import { tryMutants } from '#test/gateway/mutants.ts'

const count = Number(process.argv[2] ?? 1_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_007)
const fromMs = performance.now()
const tally = await tryMutants(count, seed)
const seconds = Number(((performance.now() - fromMs) / 1000).toFixed(1))
process.stdout.write(`${JSON.stringify({ count, seed, seconds, ...tally })}\n`)
