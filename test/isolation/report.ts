/** `portico isolation report`: every attack between the cells of this installation, counted; 1 on a single acceptance. */
import type { ProcessWorld } from '#platform/process.ts'
import { type IsolationReport, keepReport } from '../../src/supervisor/isolation/report.ts'
import { scanSandbox } from '../../src/supervisor/isolation/scan.ts'
import { tryWalls } from '../../src/supervisor/isolation/walls.ts'
import { type Counted, tryInProcess } from './in-process.ts'
import { tryOverTheWire } from './wire.ts'

const IN_PROCESS = 1_000_000
/** More than the 20,000 that are promised: an answer that only says “too busy” is not counted. */
const WIRE = 24_000

const sums = (counts: readonly Counted[]) => ({
  attempts: counts.reduce((all, { attempts }) => all + attempts, 0),
  accepted: counts.reduce((all, { accepted }) => all + accepted, 0),
})

/** No acceptance among so many: with 95 % confidence the true share is below three in that number. */
const bound = ({ attempts }: { attempts: number }) => `< ${(3 / attempts).toExponential(1)}`

const lines = (counts: readonly Counted[]) =>
  counts.map(
    ({ credential, from, to, attempts, accepted }) =>
      `  ${accepted === 0 ? '✓' : '✗'} ${String(attempts).padStart(8)}  ${accepted} accepted  ${credential}, ${from} → ${to}`,
  )

const told = ({ inProcess, wire, walls, sandbox, ok }: IsolationReport): string =>
  [
    `in-process: ${inProcess.attempts} attempts, ${inProcess.accepted} accepted (95 %: ${bound(inProcess)}), ${inProcess.ms} ms`,
    ...lines(inProcess.counts as Counted[]),
    wire
      ? `over the wire: ${wire.attempts} attempts at ${wire.operations} operations from ${wire.addresses} addresses, ${wire.accepted} accepted (95 %: ${bound(wire)}), ${wire.ms} ms`
      : 'over the wire: not tried',
    ...lines((wire?.counts ?? []) as Counted[]),
    ...(wire?.surprises ?? []).map((said) => `      ${said}`),
    'walls',
    ...walls.flatMap(({ wall, tried, open }) => [
      `  ${open.length === 0 ? '✓' : '✗'} ${String(tried).padStart(8)}  ${open.length} open  ${wall}`,
      ...open.map((what) => `      ${what}`),
    ]),
    `sandbox: ${sandbox.rows} rows of ${sandbox.tables} tables, ${sandbox.real.length} identifiers that could be real`,
    ...sandbox.real.map(({ table, kind, shown }) => `  ✗ ${table}: ${kind} ${shown}`),
    ok ? 'isolated' : 'NOT ISOLATED',
    '',
  ].join('\n')

export interface IsolationOptions {
  /** In-process; over the wire a fiftieth of it. */
  readonly attempts?: number | undefined
  /** No request to the running house. */
  readonly inProcess: boolean
  /** Sign it and keep it in the journal. */
  readonly keep: boolean
  readonly json: boolean
}

export const reportIsolation = async (
  world: ProcessWorld,
  { attempts = IN_PROCESS, inProcess: within, keep, json }: IsolationOptions,
): Promise<number> => {
  const seed = Number(world.now().epochMilliseconds % 2 ** 31)
  const say = (what: string) => process.stderr.write(`${what}…\n`)
  say(`${attempts} attempts in-process`)
  const inProcess = await tryInProcess({ attempts, seed })
  const wireAttempts = attempts === IN_PROCESS ? WIRE : Math.ceil(attempts / 50)
  if (!within) say(`${wireAttempts} attempts over the wire`)
  const overWire = within ? null : await tryOverTheWire(world, { attempts: wireAttempts, seed })
  say('walls, and every row of the sandbox')
  const walls = (await tryWalls(world)).map((wall) => ({ ...wall, open: [...wall.open] }))
  const sandbox = await scanSandbox(world)
  const report: IsolationReport = {
    format: 'portico.isolation/1',
    at: world.now().toString({ smallestUnit: 'second' }),
    seed,
    ok:
      inProcess.counts.every(({ accepted }) => accepted === 0) &&
      (overWire?.counts ?? []).every(({ accepted }) => accepted === 0) &&
      walls.every(({ open }) => open.length === 0) &&
      sandbox.real.length === 0,
    inProcess: { ...inProcess, ...sums(inProcess.counts) },
    wire: overWire && { ...overWire, ...sums(overWire.counts) },
    walls,
    sandbox: { ...sandbox, real: [...sandbox.real] },
  }
  const kept = keep ? await keepReport(world, report) : report
  process.stdout.write(json ? `${JSON.stringify(kept)}\n` : told(report))
  return report.ok ? 0 : 1
}
