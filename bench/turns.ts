/**
 * What the whole pipeline costs beside its peers, read in turns: all of them stand ready and warm, each is called for a
 * few seconds, then the next, round after round. Whatever else the machine does falls on all of them, and the median of
 * rounds is nobody's luck. CPU is read at full load, where it says what a core is worth, and at half of what the pipeline
 * can do, where a call finds the caches cold and shares its wake-ups with nobody. `node bench/turns.ts [--rounds 7] [--seconds 6]` prints one JSON line; three minutes.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openGround } from './ladder/ground.ts'
import { load } from './ladder/load.ts'
import { stepAside } from './ladder/machine.ts'
import { fastify } from './ladder/peers/fastify.ts'
import { nginx } from './ladder/peers/nginx.ts'
import type { Peer, Rung, Running } from './ladder/peers/peer.ts'
import type { Phase } from './ladder/plan.ts'
import { portico } from './ladder/portico.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '6' },
  },
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)

stepAside()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const ground = await openGround()
const { cell, clients, stub, surroundings } = ground

interface Contestant {
  readonly name: string
  readonly rung: Rung
  readonly port: number
  readonly running: Pick<Running, 'child'>
  readonly algorithm?: 'RS256'
}

const peerAt = async (peer: Peer, rung: Rung, port: number): Promise<Contestant> => {
  await peer.prepare()
  const folder = join(surroundings.folder, `${peer.name}-${rung}`)
  mkdirSync(folder, { recursive: true })
  const running = await peer.start(rung, { ...surroundings, port, folder })
  const { name, algorithm } = peer
  return { name, rung, port, running, ...(algorithm && { algorithm }) }
}

const contestants: readonly Contestant[] = [
  {
    name: 'portico',
    rung: 'T5',
    port: ground.portOf('T5'),
    running: await portico.start('T5', cell),
  },
  await peerAt(nginx, 'T1', surroundings.port),
  await peerAt(fastify, 'T4', surroundings.port + 3),
  {
    name: 'upstream',
    rung: 'T0',
    port: surroundings.upstream.tlsPort,
    running: { child: stub },
  },
]

const call = async (to: Contestant, phases: readonly Phase[]) => {
  const lanes = await clients.lanesFor(to.rung, to.algorithm)
  const read = await load({ port: to.port, ca: cell.ca.toString(), lanes, phases: [...phases] }, [
    to.running.child.pid ?? 0,
  ])
  const last = read[phases.at(-1)?.name ?? '']
  if (!last?.statuses['200']) throw new Error(`${to.name}: ${JSON.stringify(last?.statuses)}`)
  return { last, most: read['most'] }
}

const warm = { name: 'warm', mode: 'closed', seconds: 25, calls: 30_000 } as const
const most = { name: 'most', mode: 'closed', seconds: 6 } as const
let perSecond = 0
for (const to of contestants) {
  const read = await call(to, to.rung === 'T5' ? [warm, most] : [warm])
  if (to.rung === 'T5') perSecond = Math.round(read.last.perSecond / 2)
}

const read = Object.fromEntries(
  contestants.map(({ name }) => [
    name,
    {
      cpuMicros: [] as number[],
      cpuAtMost: [] as number[],
      p50Ms: [] as number[],
      p99Ms: [] as number[],
      failed: 0,
    },
  ]),
)
for (let round = 0; round < rounds; round++) {
  for (const to of contestants) {
    const { last: reading, most: full } = await call(to, [
      { name: 'settle', mode: 'open', seconds: 1, perSecond },
      { ...most, seconds: seconds / 2 },
      { name: 'read', mode: 'open', seconds, perSecond },
    ])
    const of = read[to.name]
    of?.cpuMicros.push(reading.cpuMicrosPerCall)
    of?.cpuAtMost.push(full?.cpuMicrosPerCall ?? Number.NaN)
    of?.p50Ms.push(reading.p50Ms)
    of?.p99Ms.push(reading.p99Ms)
    if (of) of.failed += reading.broken + reading.calls - (reading.statuses['200'] ?? 0)
  }
  process.stderr.write(
    `${round + 1} of ${rounds}: ${contestants
      .map(({ name }) => `${name} ${read[name]?.cpuMicros.at(-1)?.toFixed(0)} µs`)
      .join(', ')}\n`,
  )
}

const median = (numbers: readonly number[]) =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
/** Round by round, so that both sides of it met the same machine. */
const beside = (
  name: string,
  of: 'cpuMicros' | 'cpuAtMost' | 'p50Ms' | 'p99Ms',
  by: (a: number, b: number) => number,
) =>
  (read['portico']?.[of] ?? []).map((value, round) =>
    by(value, read[name]?.[of][round] ?? Number.NaN),
  )
const spread = (numbers: readonly number[]) => ({
  median: Number(median(numbers).toFixed(2)),
  least: Number(Math.min(...numbers).toFixed(2)),
  most: Number(Math.max(...numbers).toFixed(2)),
})
const ratio = (a: number, b: number) => a / b
const difference = (a: number, b: number) => a - b

process.stdout.write(
  `${JSON.stringify({
    rounds,
    seconds,
    perSecond,
    cpuMicros: Object.fromEntries(
      Object.entries(read).map(([name, { cpuMicros }]) => [name, spread(cpuMicros)]),
    ),
    cpuAtMostMicros: Object.fromEntries(
      Object.entries(read).map(([name, { cpuAtMost }]) => [name, spread(cpuAtMost)]),
    ),
    cpuAtMostToNginx: spread(beside('nginx', 'cpuAtMost', ratio)),
    cpuAtMostToFastify: spread(beside('fastify-http-proxy', 'cpuAtMost', ratio)),
    cpuToNginx: spread(beside('nginx', 'cpuMicros', ratio)),
    cpuToFastify: spread(beside('fastify-http-proxy', 'cpuMicros', ratio)),
    addedP50Ms: spread(beside('upstream', 'p50Ms', difference)),
    addedP99Ms: spread(beside('upstream', 'p99Ms', difference)),
    failed: Object.fromEntries(Object.entries(read).map(([name, { failed }]) => [name, failed])),
  })}\n`,
)
for (const { running } of contestants) running.child.kill()
await ground.close()
process.exit(0)
