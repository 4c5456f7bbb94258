/**
 * How long after a revocation a token is still taken: `node bench/revocation.ts [revocations]`. A real control, a real
 * authorization server and two gateways in processes of their own; callers on connections that stay open.
 * Writes docs/reference/revocation.md; fails when a call is taken later than a second, or after a refusal.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endWorld } from '#test/world.ts'
import { measure, type Measured } from '#test/authorization/revocations.ts'

const [count = 1_000] = process.argv.slice(2).map(Number)

const rank = (sorted: readonly number[], share: number) =>
  Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0)

const row = (name: string, of: readonly Measured[]) => {
  const ms = of.map((m) => m.lastTakenMs).toSorted((a, b) => a - b)
  const figures = [0.5, 0.99, 1].map((share) => `${rank(ms, share)} ms`)
  const late = of.reduce((sum, m) => sum + m.takenAfterRefusal, 0)
  return `| ${[name, String(of.length), ...figures, String(late)].join(' | ')} |`
}

const givenRow = (name: string, of: readonly Measured[]) => {
  const ms = of.flatMap((m) => m.lastGivenMs ?? []).toSorted((a, b) => a - b)
  if (ms.length === 0) return []
  const figures = [0.5, 0.99, 1].map((share) => `${rank(ms, share)} ms`)
  return [`| ${[name, String(ms.length), ...figures].join(' | ')} |`]
}

const page = (all: readonly Measured[]) => {
  const calls = all.reduce((sum, m) => sum + m.calls, 0)
  const kinds = Map.groupBy(all, (m) => m.kind)
  return `# Revocation latency

*Written by \`node bench/revocation.ts ${count}\` on ${Temporal.Now.plainDateISO().toString()}; do not edit.*

One control, one authorization server and two gateways of one cell, as they are; only the bank behind them is played.
For each revocation two callers, one at each gateway, call without pause on connections that stay open. The clock starts
when the revocation is **asked for**, so its own work and its commit are within the figure; it ends with the last call
that was sent and still taken, at whichever gateway took one last. A call that is taken after the same gateway has
refused one would be counted as *later*.

| what is revoked | times | p50 | p99 | max | later |
| --- | --- | --- | --- | --- | --- |
${[...kinds].map(([kind, of]) => row(kind, of)).join('\n')}
${row('**all**', all)}

Who was stopped altogether gets no further token either. From asking for the stop to asking for the last token that the
authorization server still gave:

| what is stopped | times | p50 | p99 | max |
| --- | --- | --- | --- | --- |
${[...kinds].flatMap(([kind, of]) => givenRow(kind, of)).join('\n')}

${calls} calls were made while they were measured. Afterwards every revoked token was shown once more at both gateways: none was taken.
`
}

const all = await measure(count, (line) => process.stderr.write(`${line}\n`))
const text = page(all)
process.stdout.write(text)
const most = Math.max(...all.map((m) => m.lastTakenMs))
const p99 = rank(
  all.map((m) => m.lastTakenMs).toSorted((a, b) => a - b),
  0.99,
)
const given = all.flatMap((m) => m.lastGivenMs ?? []).toSorted((a, b) => a - b)
const holds =
  p99 < 1_000 && rank(given, 0.99) < 1_000 && all.every((m) => m.takenAfterRefusal === 0)
if (holds) writeFileSync(join(import.meta.dirname, '../docs/reference/revocation.md'), text)
process.stderr.write(holds ? `at most ${Math.round(most)} ms\n` : 'the promise is not kept\n')
await endWorld()
process.exit(holds ? 0 : 1)
