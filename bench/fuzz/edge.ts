/** Hostile bytes at volume: `node bench/fuzz/edge.ts [count] [seed]`. Prints the first bytes for which the property fails. */
import { openBytes, openEdge } from '#test/gateway/bytes.ts'

const [count = 1_000_000, seed = Date.now() % 1_000_000_007] = process.argv.slice(2).map(Number)
const LANES = 8
const startedMs = performance.now()
let tried = 0
let passedOn = 0
await Promise.all(
  Array.from({ length: LANES }, async (_, lane) => {
    const edge = await openEdge()
    const next = openBytes(seed + lane)
    while (tried < count) {
      tried++
      const bytes = next()
      try {
        const passed = await edge.check(bytes)
        passedOn += passed
      } catch (error) {
        process.stderr.write(`seed ${seed}: ${JSON.stringify(bytes)}\n${String(error)}\n`)
        process.exit(1)
      }
      if (tried % 50_000 === 0) process.stderr.write(`${tried} tried, ${passedOn} passed on\n`)
    }
    await edge.close()
  }),
)
const seconds = Math.round((performance.now() - startedMs) / 1000)
process.stdout.write(`${JSON.stringify({ tried, passedOn, violations: 0, seed, seconds })}\n`)
