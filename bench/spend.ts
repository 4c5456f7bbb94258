/**
 * What a call costs at each rung, by thread: the same calls, at the same pace, one gateway after another.
 * `node bench/spend.ts [--rungs T1,T5] [--rate 450] [--seconds 6] [--rounds 1] [--no-nginx]`
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { load } from './ladder/load.ts'
import { stepAside } from './ladder/machine.ts'
import { nginx } from './ladder/peers/nginx.ts'
import { type Rung, rungs, type Running } from './ladder/peers/peer.ts'
import { portico } from './ladder/portico.ts'
import { openGround } from './ladder/ground.ts'

const { values } = parseArgs({
  options: {
    rungs: { type: 'string', default: 'T1,T2,T3,T4,T5' },
    rate: { type: 'string', default: '450' },
    seconds: { type: 'string', default: '6' },
    rounds: { type: 'string', default: '1' },
    'no-nginx': { type: 'boolean', default: false },
  },
})
const wanted = z.array(z.enum(rungs).exclude(['T0'])).parse(values.rungs.split(','))
const seconds = Number(values.seconds)
const perSecond = Number(values.rate)

/** Of one thread, since it began: nanoseconds on a core, and how often it slept for want of work. */
interface Spent {
  readonly thread: string
  readonly ns: number
  readonly userShare: number
  readonly sleeps: number
}

const spentBy = (pid: number): Map<string, Spent> => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim()
  const pids = [pid, ...(children === '' ? [] : children.split(' ').map(Number))]
  return new Map(
    pids.flatMap((one) =>
      readdirSync(`/proc/${one}/task`).map((id): [string, Spent] => {
        const read = (name: string) => readFileSync(`/proc/${one}/task/${id}/${name}`, 'utf8')
        const stat = read('stat')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        const [user, system] = [Number(fields[11]), Number(fields[12])]
        const sleeps = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(read('status'))?.[1])
        return [
          id,
          {
            thread: id === String(pid) ? 'main' : read('comm').trim(),
            ns: Number(read('schedstat').split(' ')[0]),
            userShare: user / Math.max(1, user + system),
            sleeps,
          },
        ]
      }),
    ),
  )
}

const said = (
  name: string,
  before: Map<string, Spent>,
  after: Map<string, Spent>,
  calls: number,
) => {
  const threads = new Map<string, { us: number; sleeps: number }>()
  for (const [id, { thread, ns, sleeps }] of after) {
    const was = before.get(id)
    const so = threads.get(thread) ?? { us: 0, sleeps: 0 }
    so.us += (ns - (was?.ns ?? 0)) / 1000 / calls
    so.sleeps += (sleeps - (was?.sleeps ?? 0)) / calls
    threads.set(thread, so)
  }
  const all = threads.values().reduce((sum, { us }) => sum + us, 0)
  const parts = [...threads]
    .filter(([, { us }]) => us >= 1)
    .toSorted(([, a], [, b]) => b.us - a.us)
    .map(([thread, { us, sleeps }]) => `${thread} ${us.toFixed(0)} (${sleeps.toFixed(2)} sleeps)`)
  process.stdout.write(`${name.padEnd(14)} ${all.toFixed(0).padStart(5)} µs  ${parts.join(', ')}\n`)
}

stepAside()
const ground = await openGround()
const measure = async (name: string, rung: Rung, port: number, start: () => Promise<Running>) => {
  const running = await start()
  const pid = running.child.pid!
  const plan = { port, ca: ground.cell.ca.toString(), lanes: await ground.clients.lanesFor(rung) }
  await load({ ...plan, phases: [{ name: 'warm', mode: 'closed', seconds: 3 }] }, [pid])
  for (const phase of [
    { name: 'paced', mode: 'open', seconds, perSecond } as const,
    { name: 'most', mode: 'closed', seconds } as const,
  ]) {
    const before = spentBy(pid)
    const read = (await load({ ...plan, phases: [phase] }, [pid]))[phase.name]!
    said(
      `${name} ${phase.name === 'paced' ? `${perSecond}/s` : `${Math.round(read.perSecond)}/s`}`,
      before,
      spentBy(pid),
      read.calls,
    )
    process.stdout.write(
      `${' '.repeat(15)}p50 ${read.p50Ms.toFixed(2)} ms, p99 ${read.p99Ms.toFixed(2)} ms; ${JSON.stringify(read.statuses)}\n`,
    )
  }
  await running.stop()
}
for (let round = 0; round < Number(values.rounds); round++) {
  if (!values['no-nginx']) {
    const folder = join(ground.surroundings.folder, `nginx-${round}`)
    mkdirSync(folder, { recursive: true })
    const { port } = ground.surroundings
    await measure('nginx', 'T1', port, () => nginx.start('T1', { ...ground.surroundings, folder }))
  }
  for (const rung of wanted)
    await measure(rung, rung, ground.portOf(rung), () => portico.start(rung, ground.cell))
}
await ground.close()
process.exit(0)
