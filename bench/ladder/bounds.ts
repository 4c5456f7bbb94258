/** What must hold besides being fast, by the benchmarks that have a file of their own. Minutes; a quick run leaves it out. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const Fairness = z.object({
  verdicts: z.record(
    z.string(),
    z.object({
      p99Ms: z.number(),
      addedMs: z.number(),
      within: z.boolean(),
      /** False: the machine itself made them late. */
      telling: z.boolean(),
    }),
  ),
})
const Snapshots = z.object({
  partners: z.number(),
  applications: z.number(),
  readMs: z.number(),
  takeOverMs: z.number(),
  longestStallMs: z.number(),
  lookupNs: z.number(),
})
const Sharing = z.object({
  store: z.string(),
  nodes: z.number(),
  admitted: z.number(),
  allowed: z.number(),
  ratio: z.number(),
})
const Memory = z.object({
  minutes: z.number(),
  calls: z.number(),
  failed: z.number(),
  residentMiB: z.number(),
  growth: z.number(),
})

const Spread = z.object({ median: z.number(), least: z.number(), most: z.number() })
const Turns = z.object({
  rounds: z.number(),
  perSecond: z.number(),
  cpuAtMostToNginx: Spread,
  cpuAtMostToFastify: Spread,
  cpuToNginx: Spread,
  cpuToFastify: Spread,
  addedP50Ms: Spread,
  addedP99Ms: Spread,
})
export type Spread = z.output<typeof Spread>

export interface Bounds {
  /** The whole pipeline and its peers, in turns: each figure is of rounds in which both sides met the same machine. */
  readonly turns: z.output<typeof Turns>
  /** How late the others are beside a partner at fifty times its rate, a flood that is allowed, a product that hangs. */
  readonly fairness: z.output<typeof Fairness>['verdicts']
  readonly snapshots: z.output<typeof Snapshots>
  /** Two gateways that share a limit, by store. */
  readonly sharing: readonly z.output<typeof Sharing>[]
  readonly memory: z.output<typeof Memory>
}

/** A benchmark says what it found on its standard output; one that ends with 1 has found a bound broken, and says so there. */
const said = async (script: string, args: readonly string[]): Promise<string> => {
  const path = join(import.meta.dirname, '..', script)
  const flags = ['--disable-warning=ExperimentalWarning', path, ...args]
  const failed = z.object({ code: z.literal(1), stdout: z.string().min(1) })
  const { stdout } = await promisify(execFile)(process.execPath, flags, {
    maxBuffer: 64 * 2 ** 20,
  }).catch((error: unknown) => {
    const broken = failed.safeParse(error)
    if (broken.success) return broken.data
    throw error
  })
  return stdout
}

const jsonLines = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): unknown => JSON.parse(line))

export const measureBounds = async (options: {
  minutes: number
  tell: (text: string) => void
}): Promise<Bounds> => {
  const { minutes, tell } = options
  const [turns] = jsonLines(await said('turns.ts', []))
  tell('turns measured')
  const fairness = Fairness.parse(
    JSON.parse(await said('fairness.ts', ['--seconds', '10', '--rounds', '1'])),
  )
  tell('fairness measured')
  const [snapshots] = jsonLines(await said('snapshots.ts', ['10000', '20']))
  tell('snapshots measured')
  const sharing = jsonLines(await said('limits.ts', ['60', '500', '2']))
  tell('shared limits measured')
  const [memory] = jsonLines(await said('memory.ts', [String(minutes)]))
  tell('memory measured')
  return {
    turns: Turns.parse(turns),
    fairness: fairness.verdicts,
    snapshots: Snapshots.parse(snapshots),
    sharing: z.array(Sharing).parse(sharing),
    memory: Memory.parse(memory),
  }
}
