/**
 * The same canaries as `release.ts`, over the wire: through TLS, tokens, contracts and consents of a whole gateway, in
 * bodies, headers and refusals of a bank (G50, TH3): `node bench/fuzz/wire.ts [count] [--seed N]`.
 */
import { parseArgs } from 'node:util'
import { tryOverTheWire } from '#test/gateway/release-wire.ts'
import { endWorld } from '#test/world.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' } },
})
const count = Number(positionals[0] ?? 100_000)
const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const startedMs = performance.now()
const told = (done: number) => process.stderr.write(`${done} of ${count}\n`)
try {
  const trial = await tryOverTheWire(count, seed, told)
  const s = (performance.now() - startedMs) / 1_000
  const figures = { ...trial, seed, seconds: Math.round(s), perSecond: Math.round(count / s) }
  process.stdout.write(`${JSON.stringify({ ...figures, canaries: 0 })}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
await endWorld()
process.exit()
