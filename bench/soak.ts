/**
 * Mixed traffic under a schedule of mishaps: `npm run soak -- [--minutes 60] [--partners 200] [--kills N] [--restarts N]
 * [--rate 30] [--seed N]`. Says how it stands every thirty seconds, and writes docs/reference/soak.md; SIGTERM or Ctrl-C
 * end it early, with a report of what was. Ends with 1 where a promise was broken.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openStreet, type Street } from '#test/faults/street.ts'
import { openTown, type Town } from '#test/faults/town.ts'
import { roll, type Rolled } from '#test/gateway/rolling.ts'
import { chanceFrom } from '#test/isolation/chance.ts'
import { endWorld } from '#test/world.ts'
import { type Chaos, newChaos, wreak } from './soak/chaos.ts'
import { aboveRate, enforcementTimes, feltOf, revocationTimes } from './soak/figures.ts'
import { type MemoryRow, overLimits, promises, soakPage, type Soaked } from './soak/report.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    partners: { type: 'string', default: '200' },
    kills: { type: 'string' },
    restarts: { type: 'string' },
    rate: { type: 'string', default: '30' },
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

/** An application of the sandbox: its burst, and its rate a second. */
const BURST = 80
const RATE = 40
const TELL_MS = 30_000
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

/** How it stands, for whoever waits for the end. */
const telling = (street: Street, chaos: Chaos, beganMs: number) => {
  let before = street.sum()
  return setInterval(() => {
    const now = street.sum()
    const { sent, taken, unheard, refused } = street.since(now, before)
    before = now
    const minute = ((performance.now() - beganMs) / 60_000).toFixed(1)
    say(
      `${minute} min: ${chaos.kills} of ${kills} kills, ${chaos.revocations.length} revocations, ${chaos.publications.length} applications; ${taken} of ${sent - overLimits({ refused })} calls within their limits taken lately, ${unheard} unheard; ${now.taken} of ${now.sent - overLimits(now)} in all; ${chaos.failed.length} wishes not granted`,
    )
  }, TELL_MS)
}

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (!stopping) say(`${signal}: it comes to its end now`)
    stopping = true
  })

/** The data of a house that runs already at the port base: its Valkey is then nobody's to kill. */
const running = process.env['PORTICO_RUNNING']

/** Everything but the rolling restarts. */
const soak = async (): Promise<Omit<Soaked, 'rolled'>> => {
  say(running === undefined ? 'starting a house' : `the house of ${running}`)
  const town = await openTown({ portBase, ...(running !== undefined && { running }) })
  const chaos = newChaos()
  try {
    const pauseMs = (partners * 1_000) / Number(values.rate)
    const street = await openStreet(town, partners, pauseMs, (there) => {
      if (there % 20 === 0) say(`${there} of ${partners} partners are registered`)
    })
    const beganAt = Temporal.Now.instant()
    const beganMs = performance.now()
    const memory = watchMemory(town)
    say(`${minutes} minutes, ${kills} kills, seed ${seed}`)
    const told = telling(street, chaos, beganMs)
    const stopped = () => stopping
    await wreak(street, { seconds: minutes * 60, kills, chance: chanceFrom(seed), chaos, stopped })
    const endMs = performance.now()
    await sleep(2_000)
    clearInterval(told)
    const rows = memory.stop()
    say('everybody rests, and is counted')
    const books = await street
      .settle()
      .catch(
        (error: unknown) =>
          `not counted: ${error instanceof Error ? error.message : String(error)}`,
      )
    const ledger = street.sum()
    for (const caller of street.callers.slice(1))
      for (const name of caller.ledger.done) ledger.done.add(name)
    const documents = await town.enforced(beganAt)
    await street.close()
    const wallMs = (at: Temporal.Instant) =>
      beganMs + at.since(beganAt).total({ unit: 'milliseconds' })
    const most = Math.max(...street.callers.map(({ admitted }) => aboveRate(admitted, RATE)))
    return {
      asked: `--minutes ${minutes} --partners ${partners} --kills ${kills} --seed ${seed}`,
      minutes: (endMs - beganMs) / 60_000,
      early: stopping,
      partners,
      chaos,
      ledger,
      books,
      memory: rows,
      felt: feltOf(chaos.mishaps, street.callers, endMs),
      revocations: revocationTimes(chaos),
      enforcements: enforcementTimes(chaos, documents, wallMs),
      admitted: { most, burst: BURST },
    }
  } finally {
    await town.close()
  }
}

const soaked = await soak()
const report = (rolled: Rolled) => {
  const all = { ...soaked, rolled }
  const when = Temporal.Now.plainDateISO().toString()
  writeFileSync(join(import.meta.dirname, '../docs/reference/soak.md'), soakPage(all, when))
  return promises(all)
}
const none: Rolled = { restarts: 0, answered: 0, failures: [], exits: [] }
/** What the restarts say of themselves as they go; enough for a report where they are not waited for. */
const lately = (line: string): Rolled => {
  const [, done, answered, failed] =
    /^(\d+) of \d+ restarts, (\d+) calls answered, (\d+) failed/.exec(line) ?? []
  const failures = Array.from({ length: Number(failed ?? 0) }, () => 'a call')
  return { ...none, restarts: Number(done ?? 0), answered: Number(answered ?? 0), failures }
}
let rolled: Rolled = none
// What the hour found out is kept, whatever becomes of the rest.
report(none)
if (restarts > 0 && !stopping) {
  say(`${restarts} rolling restarts`)
  // Whoever wants the end now has a report of the restarts so far.
  process.on('SIGTERM', () => {
    report(rolled)
    process.exit(1)
  })
  rolled = await roll(restarts, 8, (line) => {
    rolled = lately(line)
    if (rolled.restarts % 10 === 0) say(line)
    report(rolled)
  }).catch((error: unknown) => ({
    ...rolled,
    failures: [...rolled.failures, error instanceof Error ? error.message : String(error)],
  }))
}
const kept = report(rolled)
// The server that tests share may have been ended by others who do.
if (restarts > 0) await endWorld().catch(() => {})
for (const [what, found, isKept] of kept) say(`${isKept ? '✓' : '✗'} ${what}: ${found}`)
process.exit(kept.every(([, , isKept]) => isKept) ? 0 : 1)
