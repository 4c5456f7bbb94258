/**
 * Mixed traffic under a schedule of mishaps: `npm run soak -- [--minutes 60] [--partners 200] [--kills N] [--restarts N]
 * [--rate 40] [--seed N]`. Writes docs/reference/soak.md; ends with 1 where a promise was broken.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openStreet } from '#test/faults/street.ts'
import { openTown, type Town } from '#test/faults/town.ts'
import { roll, type Rolled } from '#test/gateway/rolling.ts'
import { chanceFrom } from '#test/isolation/chance.ts'
import { endWorld } from '#test/world.ts'
import { newChaos, wreak } from './soak/chaos.ts'
import { type MemoryRow, promises, soakPage } from './soak/report.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    partners: { type: 'string', default: '200' },
    kills: { type: 'string' },
    restarts: { type: 'string' },
    rate: { type: 'string', default: '40' },
    seed: { type: 'string' },
  },
})
const minutes = Number(values.minutes)
const partners = Number(values.partners)
/** Five hundred and more in an hour. */
const kills = Number(values.kills ?? Math.ceil(minutes * 8.5))
/** A hundred in an hour. */
const restarts = Number(values.restarts ?? Math.max(4, Math.ceil((minutes * 100) / 60)))
const seed = Number(values.seed ?? Date.now() % 1_000_000_007)
const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_500)
const say = (line: string) => process.stderr.write(`${line}\n`)

/** An application of the sandbox: its burst, its rate, the interval that is looked at. */
const WINDOW_MS = 10_000
const BOUND = 80 + 40 * (WINDOW_MS / 1_000)
const SAMPLE_MS = 5_000
const STEADY_MS = 300_000

interface Sample {
  readonly atMs: number
  readonly pid: number
  readonly mib: number
}

/** Least squares over the longest life of a process in the run. */
const slopeOf = (samples: readonly Sample[]): number | undefined => {
  const lives = [...Map.groupBy(samples, ({ pid }) => pid).values()]
  const longest = lives.toSorted((a, b) => b.length - a.length)[0] ?? []
  const lasted = (longest.at(-1)?.atMs ?? 0) - (longest[0]?.atMs ?? 0)
  if (lasted < STEADY_MS) return undefined
  // What a process takes in its first minute is its beginning.
  const later = longest.filter(({ atMs }) => atMs - (longest[0]?.atMs ?? 0) > 60_000)
  const mean = (of: readonly number[]) => of.reduce((a, b) => a + b, 0) / of.length
  const [x, y] = [mean(later.map((s) => s.atMs)), mean(later.map((s) => s.mib))]
  const over = later.reduce((sum, s) => sum + (s.atMs - x) * (s.mib - y), 0)
  const under = later.reduce((sum, s) => sum + (s.atMs - x) ** 2, 0)
  return under === 0 ? undefined : (over / under) * 3_600_000
}

const watchMemory = (town: Town) => {
  const samples = new Map<string, Sample[]>()
  const look = setInterval(() => {
    for (const [name, { pid, mib }] of town.memory()) {
      const of = samples.get(name) ?? []
      of.push({ atMs: performance.now(), pid, mib })
      samples.set(name, of)
    }
  }, SAMPLE_MS)
  return {
    stop: (): MemoryRow[] => {
      clearInterval(look)
      return [...samples].map(([name, of]) => ({
        name,
        samples: of.length,
        firstMib: of[0]?.mib ?? 0,
        lastMib: of.at(-1)?.mib ?? 0,
        mostMib: Math.max(...of.map(({ mib }) => mib)),
        slopeMibPerHour: slopeOf(of),
      }))
    },
  }
}

/** The data of a house that runs already at the port base: its Valkey is then nobody's to kill. */
const running = process.env['PORTICO_RUNNING']
say(running === undefined ? 'starting a house' : `the house of ${running}`)
const town = await openTown({ portBase, ...(running !== undefined && { running }) })
const chaos = newChaos()
let soaked
try {
  say(`${partners} partners register`)
  const pauseMs = (partners * 1_000) / Number(values.rate)
  const street = await openStreet(town, partners, pauseMs)
  const beganAt = Temporal.Now.instant()
  const memory = watchMemory(town)
  /** Calls of each partner that were taken, looked at each second. */
  let most = 0
  const taken: number[][] = street.callers.map(() => [])
  const looking = setInterval(() => {
    for (const [n, { ledger }] of street.callers.entries()) {
      const of = taken[n] ?? []
      of.push(ledger.taken + ledger.replayed)
      if (of.length > WINDOW_MS / 1_000 + 1) of.shift()
      most = Math.max(most, (of.at(-1) ?? 0) - (of[0] ?? 0))
    }
  }, 1_000)
  say(`${minutes} minutes, ${kills} kills, seed ${seed}`)
  await wreak(street, { seconds: minutes * 60, kills, chance: chanceFrom(seed), chaos, say })
  await sleep(2_000)
  clearInterval(looking)
  const rows = memory.stop()
  const ledger = street.sum()
  for (const caller of street.callers.slice(1))
    for (const name of caller.ledger.done) ledger.done.add(name)
  const books = await street.settle()
  const enforcedMs = await town.enforcedMs(beganAt)
  await street.close()
  soaked = { ledger, books, memory: rows, enforcedMs, admitted: { most, bound: BOUND } }
} finally {
  await town.close()
}
const report = (rolled: Rolled) => {
  const all = { minutes, partners, seed, chaos, rolled, ...soaked }
  const when = Temporal.Now.plainDateISO().toString()
  writeFileSync(join(import.meta.dirname, '../docs/reference/soak.md'), soakPage(all, when))
  return promises(all)
}
const none: Rolled = { restarts: 0, answered: 0, failures: [], exits: [] }
// What the hour found out is kept, whatever becomes of the rest.
report({ ...none, failures: ['the rolling restarts did not come to their end'] })
say(`${restarts} rolling restarts`)
const rolled: Rolled =
  restarts === 0
    ? none
    : await roll(restarts, 8, say).catch((error: unknown) => ({
        ...none,
        failures: [error instanceof Error ? error.message : String(error)],
      }))
if (restarts > 0) await endWorld()
const kept = report(rolled)
for (const [what, found, isKept] of kept) say(`${isKept ? '✓' : '✗'} ${what}: ${found}`)
process.exit(kept.every(([, , isKept]) => isKept) ? 0 : 1)
