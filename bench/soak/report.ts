/** docs/reference/soak.md, as a run found it. */
import type { Books } from '#test/faults/street.ts'
import type { Ledger } from '#test/faults/callers.ts'
import type { Rolled } from '#test/gateway/rolling.ts'
import type { Chaos } from './chaos.ts'

export interface Soaked {
  readonly minutes: number
  readonly partners: number
  readonly seed: number
  readonly ledger: Ledger
  readonly books: Books
  readonly chaos: Chaos
  readonly rolled: Rolled
  readonly enforcedMs: readonly number[]
  /** The most that one partner was admitted in any ten seconds, and what its limits allow in these. */
  readonly admitted: { readonly most: number; readonly bound: number }
  readonly memory: readonly MemoryRow[]
}

export interface MemoryRow {
  readonly name: string
  readonly samples: number
  readonly firstMib: number
  readonly lastMib: number
  readonly mostMib: number
  /** Of the longest life in the run; undefined where none lasted five minutes. */
  readonly slopeMibPerHour: number | undefined
}

const rank = (values: readonly number[], share: number): string => {
  const sorted = values.toSorted((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  return value === undefined ? '–' : `${Math.round(value)} ms`
}

/** What was promised, and whether it came so. */
export const promises = (soaked: Soaked): readonly (readonly [string, string, boolean])[] => {
  const { ledger, books, chaos, rolled, admitted } = soaked
  return [
    ['calls lost', String(books.lost), books.lost === 0],
    ['calls billed twice', String(books.doubled), books.doubled === 0],
    [
      'writes lost, writes done twice',
      `${books.writesLost}, ${books.writesTwice} of ${ledger.done.size}`,
      books.writesLost + books.writesTwice === 0,
    ],
    [
      'ended consents taken after a refusal',
      String(chaos.takenAfterRefusal),
      chaos.takenAfterRefusal === 0,
    ],
    [
      'most admitted of one partner in ten seconds, of what its limits allow',
      `${admitted.most} of ${admitted.bound}`,
      admitted.most <= admitted.bound,
    ],
    [
      'failed calls under rolling restarts of two gateways',
      `${rolled.failures.length} of ${rolled.answered} under ${rolled.restarts} restarts`,
      rolled.failures.length === 0,
    ],
  ]
}

export const soakPage = (soaked: Soaked, when: string): string => {
  const { minutes, partners, seed, ledger, chaos, memory, enforcedMs } = soaked
  const refused = [...ledger.refused].toSorted(([, a], [, b]) => b - a)
  return `# Soak

*Written by \`npm run soak -- --minutes ${minutes} --partners ${partners} --seed ${seed}\` on ${when}; do not edit.*

One house of one machine under the mixed traffic of ${partners} partners in all six domains, and a schedule of mishaps drawn from the seed: ${chaos.kills} × \`kill -9\` (${[...chaos.byVictim].map(([victim, n]) => `${victim} ${n}`).join(', ')}), ${chaos.freezes} frozen stores, ${chaos.slow} spells of a slow core, ${chaos.revocationMs.length} revocations and ${chaos.publications} publications under it. Partners keep ledgers of their own; what the platform counted is held against them at the end. The machine ran house and partners alike.

| promise | found | kept |
| --- | --- | --- |
${promises(soaked)
  .map(([what, found, kept]) => `| ${what} | ${found} | ${kept ? 'yes' : '**no**'} |`)
  .join('\n')}

| figure | p50 | p99 | max | of |
| --- | --- | --- | --- | --- |
| a gateway’s last word that it holds a document, after that was compiled (said again at each start of it) | ${rank(enforcedMs, 0.5)} | ${rank(enforcedMs, 0.99)} | ${rank(enforcedMs, 1)} | ${enforcedMs.length} |
| revoked consent: last call that was taken | ${rank(chaos.revocationMs, 0.5)} | ${rank(chaos.revocationMs, 0.99)} | ${rank(chaos.revocationMs, 1)} | ${chaos.revocationMs.length} |

${ledger.sent} calls: ${ledger.taken} taken, ${ledger.replayed} replays, ${ledger.unheard} without an answer, refused:

| refusal | calls |
| --- | --- |
${refused.map(([code, n]) => `| ${code} | ${n} |`).join('\n') || '| none | 0 |'}

| process | memory at first | at last | most | slope of its longest life |
| --- | --- | --- | --- | --- |
${memory
  .map(
    ({ name, firstMib, lastMib, mostMib, slopeMibPerHour }) =>
      `| ${name} | ${firstMib.toFixed(0)} MiB | ${lastMib.toFixed(0)} MiB | ${mostMib.toFixed(0)} MiB | ${slopeMibPerHour === undefined ? 'none lasted five minutes' : `${slopeMibPerHour.toFixed(1)} MiB/h`} |`,
  )
  .join('\n')}

${chaos.failed.length === 0 ? 'Everything that the schedule asked of the house meanwhile was done.' : `What the schedule asked of the house and did not get, because something else was broken at that moment (${chaos.failed.length}): ${[...new Set(chaos.failed.map((line) => line.slice(0, 110)))].slice(0, 8).join('; ')}.`}
`
}
