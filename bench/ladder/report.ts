/** The ladder for people: a table, a page and a picture, all as ratios, because machines differ. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bounds, Spread } from './bounds.ts'
import type { Figures, Ladder } from './run.ts'
import { rungs, type Rung } from './peers/peer.ts'

const adds: Readonly<Record<Rung, string>> = {
  T0: 'the upstream itself, no gateway',
  T1: 'proxy with the edge policy',
  T2: 'access token, certificate-bound',
  T3: 'limits',
  T4: 'licence, contract, consent; 2 KiB released field by field',
  T5: 'durable record of the call: the whole pipeline',
  T6: 'the whole pipeline with a fresh DPoP proof a call',
}

interface Row {
  readonly who: string
  readonly rung: Rung
  readonly figures: Figures
}

const rowsOf = ({ rungs: own, peers }: Ladder): Row[] => [
  ...rungs.flatMap((rung) => (own[rung] ? [{ who: 'portico', rung, figures: own[rung] }] : [])),
  ...Object.entries(peers).flatMap(([who, theirs]) =>
    rungs.flatMap((rung) => (theirs[rung] ? [{ who, rung, figures: theirs[rung] }] : [])),
  ),
]

const ratio = (value: number, to: number | undefined) =>
  to === undefined || to === 0 ? '–' : `${(value / to).toFixed(2)} ×`

/** For a terminal. */
export const lines = (ladder: Ladder): string => {
  const base = ladder.peers['nginx']?.T1?.cpuMicrosPerCall
  const text = rowsOf(ladder).map(({ who, rung, figures: f }) =>
    [
      who.padEnd(19),
      rung,
      `${f.rps}/s`.padStart(9),
      `${f.cpuMicrosPerCall} µs`.padStart(10),
      ratio(f.cpuMicrosPerCall, base).padStart(8),
      `+${f.addedP50Ms} ms`.padStart(10),
      `+${f.addedP99Ms} ms`.padStart(10),
      f.failed === 0 ? '' : `${f.failed} failed`,
    ].join(' '),
  )
  const { swaps, revocation, limit } = ladder.endurance
  return [
    `${'gateway'.padEnd(19)}    ${'most'.padStart(7)} ${'CPU/call'.padStart(10)} ${'to nginx'.padStart(8)} ${'p50'.padStart(10)} ${'p99'.padStart(10)}`,
    ...text,
    ...Object.entries(ladder.missing).map(([who, why]) => `${who}: left out, ${why}`),
    `${swaps.count} snapshots swapped under ${swaps.calls} calls: ${swaps.failed} failed`,
    `${revocation.count} consents ended: last accepted call p50 ${revocation.p50Ms} ms, at most ${revocation.maxMs} ms after the commit`,
    `limit: ${limit.admitted} admitted of ${limit.allowed} allowed (${limit.asked} asked)`,
    ...(ladder.bounds ? boundsOf(ladder.bounds).map(([what, how]) => `${what}: ${how}`) : []),
  ].join('\n')
}

const besides: Readonly<Record<string, string>> = {
  loud: 'a partner at fifty times its rate',
  flood: 'a flood of one and a half times the core, all of it allowed',
  hanging: 'another product that never answers',
}

const spreadOf = ({ median, least, most }: Spread, unit: string) =>
  `${median}${unit} (${least} to ${most})`

/** What holds besides, and how well. */
const boundsOf = ({ turns, fairness, snapshots, sharing, memory }: Bounds): [string, string][] => [
  [
    `the whole pipeline in turns with its peers, ${turns.rounds} rounds at ${turns.perSecond} calls/s`,
    `CPU at full load ${spreadOf(turns.cpuAtMostToNginx, ' ×')} nginx’s bare proxy_pass and ${spreadOf(turns.cpuAtMostToFastify, ' ×')} @fastify/http-proxy with token, limit and fields; at half load ${spreadOf(turns.cpuToNginx, ' ×')} and ${spreadOf(turns.cpuToFastify, ' ×')}; over the upstream itself p50 ${spreadOf(turns.addedP50Ms, ' ms')}, p99 ${spreadOf(turns.addedP99Ms, ' ms')}`,
  ],
  ...Object.entries(besides).flatMap(([name, what]): [string, string][] => {
    const verdict = fairness[name]
    if (!verdict) return []
    const { p99Ms, addedMs, within, telling } = verdict
    const said = telling
      ? `${within ? 'within' : 'NOT within'} 10 % or 5 ms`
      : 'the machine was too noisy to tell'
    return [
      [
        `p99 of the others beside ${what}`,
        `${addedMs.toFixed(1)} ms more, ${p99Ms.toFixed(1)} ms in all: ${said}`,
      ],
    ]
  }),
  [
    `a snapshot of ${snapshots.partners} partners and ${snapshots.applications} applications`,
    `read in ${snapshots.readMs} ms by a worker, taken over in ${snapshots.takeOverMs} ms; longest stall ${snapshots.longestStallMs} ms, a lookup ${snapshots.lookupNs} ns`,
  ],
  ...sharing.map(({ store, nodes, admitted, allowed, ratio }): [string, string] => [
    `${nodes} gateways that share a limit by ${store}, 60 s`,
    `${admitted} admitted of ${Math.floor(allowed)}: ${ratio.toFixed(3)} of the bound`,
  ]),
  [
    `memory over ${memory.minutes} minutes at full load`,
    `${memory.residentMiB} MiB, ${(memory.growth * 100).toFixed(1)} % from the first half to the second; ${memory.calls} calls, ${memory.failed} failed`,
  ],
]

const table = (ladder: Ladder): string => {
  const base = ladder.peers['nginx']?.T1?.cpuMicrosPerCall
  const rows = rowsOf(ladder).map(
    ({ who, rung, figures: f }) =>
      `| ${who} | ${rung} | ${ratio(f.cpuMicrosPerCall, base)} | ${f.cpuMicrosPerCall} | ${f.rps} | ${f.addedP50Ms} | ${f.addedP99Ms} | ${f.residentMiB} | ${f.failed} | ${f.weaker ?? ''} |`,
  )
  return [
    '| gateway | rung | CPU to nginx | CPU µs a call | most calls/s | added p50 ms | added p99 ms | MiB | failed | weaker than the rung |',
    '| --- | --- | --: | --: | --: | --: | --: | --: | --: | --- |',
    ...rows,
  ].join('\n')
}

const picture = (ladder: Ladder): string => {
  const rows = rowsOf(ladder).filter(({ rung }) => rung !== 'T0')
  const most = Math.max(...rows.map(({ figures }) => figures.cpuMicrosPerCall))
  const height = rows.length * 26 + 56
  const bars = rows.map(({ who, rung, figures }, index) => {
    const y = 44 + index * 26
    const width = Math.max(2, (figures.cpuMicrosPerCall / most) * 420)
    const fill = who === 'portico' ? '#0f6b5c' : '#9aa7ad'
    return `<text x="16" y="${y + 13}" class="who">${who} ${rung}</text><rect x="190" y="${y}" width="${width.toFixed(1)}" height="18" rx="3" fill="${fill}"/><text x="${(198 + width).toFixed(1)}" y="${y + 13}" class="much">${figures.cpuMicrosPerCall} µs</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 ${height}" role="img" aria-label="CPU time of one core for each call, by gateway and rung"><style>text{font-family:system-ui,sans-serif;fill:#1d2b2f}.title{font-size:15px;font-weight:600}.who,.much{font-size:12px}@media(prefers-color-scheme:dark){text{fill:#e6eef0}}</style><text x="16" y="26" class="title">CPU time of one core for each call</text>${bars.join('')}</svg>\n`
}

const page = (ladder: Ladder): string => {
  const { machine, endurance } = ladder
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`)
  return `# Performance

Written by \`npm run bench -- --write\` on ${ladder.at.slice(0, 10)}; not by hand. Each gateway has one core for itself; loader,
upstream, database and control share another (${machine.cpu}, ${machine.cores} cores, Node ${machine.node}; ${versions.join(', ')}).
Machines differ, so read the ratios: CPU is beside nginx's bare \`proxy_pass\` in the same run.

![CPU time of one core for each call](performance.svg)

${table(ladder)}

${rungs.map((rung) => `- **${rung}** ${adds[rung]}`).join('\n')}

Each rung has what the rungs above it in this list have. *Most* is a closed loop over 64 connections. CPU and latency are read at
half of what T5 can do, the same pace for everyone, calls sent by the clock and not when the last one was answered; latency counts
from the moment at which the call was due. *Added* is over T0. 1,024 access tokens of 64 clients are in use. Each gateway is called
without being measured first, up to 20,000 times, so that what compiles itself while it runs has done so.

| while it is fast | |
| --- | --- |
| snapshots swapped under load | ${endurance.swaps.count}, with ${endurance.swaps.calls} calls: ${endurance.swaps.failed} failed |
| consents ended | ${endurance.revocation.count}: the last call that was still accepted came p50 ${endurance.revocation.p50Ms} ms, at most ${endurance.revocation.maxMs} ms after the commit |
| admitted of a limit | ${endurance.limit.admitted} of ${endurance.limit.allowed} that it allows (${endurance.limit.asked} asked) |
${
  ladder.bounds
    ? `${boundsOf(ladder.bounds)
        .map(([what, how]) => `| ${what} | ${how} |\n`)
        .join('')}`
    : ''
}${Object.entries(ladder.missing)
    .map(([who, why]) => `\n${who} was left out of this run: ${why}`)
    .join('\n')}
`
}

export const writeReport = (ladder: Ladder, folder: string): void => {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'performance.md'), page(ladder))
  writeFileSync(join(folder, 'performance.svg'), picture(ladder))
}
