/** docs/reference/soak.md, as a run found it. */
import type { Books } from '#test/faults/street.ts'
import type { Ledger } from '#test/faults/callers.ts'
import type { Rolled } from '#test/gateway/rolling.ts'
import type { Chaos } from './chaos.ts'
import { type Felt, type Latencies, rankOf } from './figures.ts'

export interface Soaked {
  /** What it was asked for, and how long it was. */
  readonly asked: string
  readonly minutes: number
  readonly early: boolean
  readonly partners: number
  readonly ledger: Ledger
  /** What was found when all was counted; why it could not be. */
  readonly books: Books | string
  readonly chaos: Chaos
  readonly rolled: Rolled
  readonly felt: readonly Felt[]
  readonly revocations: Latencies
  readonly enforcements: Latencies
  /** The most that one partner was admitted above its rate in any interval, and the burst that allows it. */
  readonly admitted: { readonly most: number; readonly burst: number }
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

const WITHIN_MS = 1_000

const ms = (value: number | undefined) => (value === undefined ? '–' : `${Math.round(value)} ms`)
const rank = (values: readonly number[], share: number) => ms(rankOf(values, share))
const seconds = (value: number | undefined) =>
  value === undefined ? '–' : `${(value / 1_000).toFixed(1)} s`

const isSoon = (of: Latencies) => (rankOf(of.carried, 0.99) ?? Number.POSITIVE_INFINITY) < WITHIN_MS

type Promised = readonly [what: string, found: string, isKept: boolean]

const counted = (books: Books | string, ledger: Ledger): readonly Promised[] =>
  typeof books === 'string'
    ? [['calls and writes are counted', books, false]]
    : [
        ['calls lost', `${books.lost} of ${ledger.taken}`, books.lost === 0],
        ['calls billed twice', String(books.doubled), books.doubled === 0],
        [
          'writes lost, writes done twice',
          `${books.writesLost}, ${books.writesTwice} of ${ledger.done.size}`,
          books.writesLost + books.writesTwice === 0,
        ],
      ]

/** What was promised, and whether it came so. */
export const promises = (soaked: Soaked): readonly Promised[] => {
  const { ledger, books, chaos, rolled, admitted, revocations, enforcements } = soaked
  const soon = (of: Latencies) => `${rank(of.carried, 0.99)} of ${of.carried.length}`
  return [
    ...counted(books, ledger),
    [
      'ended consents taken after a refusal',
      `${chaos.takenAfterRefusal} of ${chaos.revocations.length} consents`,
      chaos.takenAfterRefusal === 0,
    ],
    [
      'most admitted of one partner above its rate in any interval, and the burst that allows it',
      `${admitted.most.toFixed(0)} of ${admitted.burst}`,
      admitted.most <= admitted.burst,
    ],
    [
      'revoked consent to its last call, p99 where nothing that carries the word was away',
      soon(revocations),
      isSoon(revocations),
    ],
    [
      'compiled document to its enforcement, p99 where nothing that carries it was away',
      soon(enforcements),
      isSoon(enforcements),
    ],
    [
      'failed calls under rolling restarts of two gateways',
      `${rolled.failures.length} of ${rolled.answered} under ${rolled.restarts} restarts`,
      rolled.restarts > 0 && rolled.failures.length === 0,
    ],
  ]
}

/** What floods were told: it is no failure of the house that they are. */
export const overLimits = ({ refused }: Pick<Ledger, 'refused'>): number =>
  [...refused].reduce((sum, [code, n]) => sum + (code.startsWith('429 ') ? n : 0), 0)

const latencyRow = (what: string, of: readonly number[]) =>
  `| ${what} | ${rank(of, 0.5)} | ${rank(of, 0.99)} | ${rank(of, 1)} | ${of.length} |`

const feltRow = ({ what, kills, gapsMs, standsMs }: Felt) =>
  `| ${[what, kills, ...[0.5, 0.99].map((share) => seconds(rankOf(gapsMs, share))), ...[0.5, 0.99].map((share) => seconds(rankOf(standsMs, share)))].join(' | ')} |`

const memoryRow = ({ name, firstMib, lastMib, mostMib, slopeMibPerHour }: MemoryRow) =>
  `| ${name} | ${firstMib.toFixed(0)} MiB | ${lastMib.toFixed(0)} MiB | ${mostMib.toFixed(0)} MiB | ${slopeMibPerHour === undefined ? 'none lasted five minutes' : `${slopeMibPerHour.toFixed(1)} MiB/h`} |`

const failedLine = ({ failed }: Chaos) =>
  failed.length === 0
    ? 'Everything that the schedule asked of the house meanwhile was done.'
    : `What the schedule asked of the house and did not get, because something else was broken at that moment (${failed.length}): ${[
        ...Map.groupBy(failed, (line) => line.replaceAll(/\/[\w-]{20,}/g, '/…').slice(0, 100)),
      ]
        .toSorted(([, a], [, b]) => b.length - a.length)
        .slice(0, 8)
        .map(([line, of]) => `${line} (${of.length}×)`)
        .join('; ')}.`

export const soakPage = (soaked: Soaked, when: string): string => {
  const { asked, minutes, early, partners, ledger, chaos, memory, felt } = soaked
  const { revocations, enforcements } = soaked
  const refused = [...ledger.refused].toSorted(([, a], [, b]) => b - a)
  const [taken, over] = [ledger.taken + ledger.replayed, overLimits(ledger)]
  const share = (100 * taken) / Math.max(1, ledger.sent - over)
  return `# Soak

*Written by \`npm run soak -- ${asked}\` on ${when}; do not edit.*

${minutes.toFixed(1)} minutes${early ? ' (it was ended early)' : ''}: one house of one machine under the mixed traffic of ${partners} partners in all six domains, and a schedule of mishaps drawn from the seed: ${chaos.kills} × \`kill -9\`, ${chaos.freezes} frozen stores, ${chaos.slow} spells of a slow core, ${chaos.floods} floods by one partner, ${chaos.revocations.length} revocations and ${chaos.publications.length} new applications under it. Partners keep ledgers of their own; what the platform counted is held against them at the end. The machine ran house and partners alike.

| promise | found | kept |
| --- | --- | --- |
${promises(soaked)
  .map(([what, found, kept]) => `| ${what} | ${found} | ${kept ? 'yes' : '**no**'} |`)
  .join('\n')}

| figure | p50 | p99 | max | of |
| --- | --- | --- | --- | --- |
${[
  latencyRow(
    'a document, compiled to served by; nothing that carries it away',
    enforcements.carried,
  ),
  latencyRow('a document, compiled to served by; all of them', enforcements.all),
  latencyRow(
    'revoked consent, last call that was taken; nothing that carries the word away',
    revocations.carried,
  ),
  latencyRow('revoked consent, last call that was taken; all of them', revocations.all),
].join('\n')}

${ledger.sent} calls; of the ${ledger.sent - over} that no limit refused, ${share.toFixed(1)} % were taken: ${ledger.taken} taken, ${ledger.replayed} replays, ${ledger.unheard} without an answer, refused:

| refusal | calls |
| --- | --- |
${refused.map(([code, n]) => `| ${code} | ${n} |`).join('\n') || '| none | 0 |'}

How each kill is felt: the longest time without a call of any partner that was taken until the next mishap, and how long until what was killed answered again.

| killed | times | no call taken, p50 | p99 | answers again, p50 | p99 |
| --- | --- | --- | --- | --- | --- |
${felt.map(feltRow).join('\n')}

| process | memory at first | at last | most | slope of its longest life |
| --- | --- | --- | --- | --- |
${memory.map(memoryRow).join('\n')}

${failedLine(chaos)}
`
}
