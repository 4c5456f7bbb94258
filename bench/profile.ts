/**
 * Where a call's CPU goes: the whole pipeline as a process of its own under full load, with V8's profiler on.
 * `node bench/profile.ts [rung] [seconds]`
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { openGround } from './ladder/ground.ts'
import { load } from './ladder/load.ts'
import { stepAside } from './ladder/machine.ts'
import { rungs } from './ladder/peers/peer.ts'
import { portico } from './ladder/portico.ts'

const rung = z
  .enum(rungs)
  .exclude(['T0'])
  .parse(process.argv[2] ?? 'T5')
const seconds = Number(process.argv[3] ?? 8)
const WARM_SECONDS = 4
/** What follows the load is the loader's end and no work of the gateway's. */
const TAIL_SECONDS = 0.5

const Profile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string() }),
      children: z.array(z.number()).optional(),
    }),
  ),
  /** Microseconds of the monotonic clock, which all processes share. */
  startTime: z.number(),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

/** The first frame, from the innermost outwards, that has one of these in its address says where the time went. */
const areas: readonly (readonly [part: string, area: string])[] = [
  ['/upstream/own-sockets', 'to the upstream'],
  ['/upstream/answer-reader', 'to the upstream'],
  ['/upstream/exchange', 'to the upstream'],
  ['undici', 'shipping of usage'],
  ['/seeing/', 'seeing'],
  ['/gateway/limits/', 'limits'],
  ['/postgres/', 'limits'],
  ['access-token', 'token'],
  ['authenticate', 'token'],
  ['caller.ts', 'caller header'],
  ['forward.ts', 'caller header'],
  ['projection', 'release'],
  ['/json.ts', 'release'],
  ['-guard', 'guards of numbers and secrets'],
  ['release.ts', 'release'],
  ['spool.ts', 'spool'],
  ['shipping', 'shipping of usage'],
  ['link.ts', 'shipping of usage'],
  ['zod', 'shipping of usage'],
  ['record.ts', 'spool'],
  ['fs/promises', 'spool'],
  ['log.ts', 'log'],
  ['pino', 'log'],
  ['/edge.ts', 'edge'],
  ['answering', 'edge'],
  ['listener', 'edge'],
  ['kernel/id', 'edge'],
  ['/gateway/', 'other steps'],
  ['_http_', 'HTTP of Node'],
  ['node:_tls', 'sockets and TLS'],
  ['stream_base', 'sockets and TLS'],
  ['node:net', 'sockets and TLS'],
  ['tls', 'sockets and TLS'],
]

const shares = (text: string, endUs: number): Map<string, number> => {
  const { nodes, startTime, samples, timeDeltas } = Profile.parse(JSON.parse(text))
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const known = new Map<number, string>()
  const areaOf = (leaf: number): string => {
    const name = frames.get(leaf)?.functionName ?? ''
    if (name === '(garbage collector)' || name === '(idle)') return name
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const url = frames.get(id)?.url ?? ''
      const found = areas.find(([part]) => url.includes(part))
      if (found) return found[1]
    }
    return 'runtime'
  }
  const fromUs = endUs - (seconds - 1) * 1e6
  const us = new Map<string, number>()
  let atUs = startTime
  samples.forEach((leaf, i) => {
    const tookUs = timeDeltas[i] ?? 0
    atUs += tookUs
    if (atUs < fromUs || atUs > endUs) return
    const area = known.get(leaf) ?? areaOf(leaf)
    known.set(leaf, area)
    if (area !== '(idle)') us.set(area, (us.get(area) ?? 0) + tookUs)
  })
  return us
}

stepAside()
const ground = await openGround()
const { cell, clients } = ground
const folder = mkdtempSync(join(tmpdir(), 'portico-profile-'))
const gateway = await portico.start(rung, cell, ['--cpu-prof', `--cpu-prof-dir=${folder}`])
const read = await load(
  {
    port: ground.portOf(rung),
    ca: cell.ca.toString(),
    lanes: await clients.lanesFor(rung),
    phases: [
      { name: 'warm', mode: 'closed', seconds: WARM_SECONDS },
      { name: 'full', mode: 'closed', seconds },
    ],
  },
  [gateway.child.pid!],
)
const endUs = Number(process.hrtime.bigint() / 1_000n) - TAIL_SECONDS * 1e6
await gateway.stop()

const [main = ''] = readdirSync(folder)
  .map((name) => readFileSync(join(folder, name), 'utf8'))
  .toSorted((a, b) => b.length - a.length)
const us = shares(main, endUs)
const busyUs = us.values().reduce((sum, one) => sum + one, 0)
const full = read['full']!
process.stdout.write(
  `${rung}: ${Math.round(full.perSecond)}/s, ${full.cpuMicrosPerCall.toFixed(0)} µs CPU per call with the profiler on, all threads; ${JSON.stringify(full.statuses)}\n`,
)
for (const [area, one] of [...us].toSorted(([, a], [, b]) => b - a))
  process.stdout.write(`${((100 * one) / busyUs).toFixed(1).padStart(5)} %  ${area}\n`)
rmSync(folder, { recursive: true, force: true })
await ground.close()
process.exit(0)
