/** Walks every operation of the documents in both cells of a running house, and says what was heard of what is promised. */
import { parseArgs } from 'node:util'
import { type Cell, cells } from '#kernel/cell.ts'
import { readWellKnown, type WellKnown } from '../journeys/web.ts'
import { hearAway, hearShut } from './away.ts'
import { dawdle } from './dawdling.ts'
import { type Coverage, openCoverage, type Row } from './heard.ts'
import { exhaust, withLittleByLaw } from './limited.ts'
import { newWalking } from './partner.ts'
import { provokeAll } from './provocations.ts'
import { accountsOf, customers, storiesOf } from './stories.ts'
import { hangUp, openWire, untilKnown, type Wire } from './wire.ts'

interface Asked {
  readonly portBase: number
  readonly data: string
  readonly cells: readonly Cell[]
  /** Parts of the house are killed, and the core is shut: never to be asked of a house that others use. */
  readonly faults: boolean
  readonly say: (line: string) => void
}

/** What stopped a story before its end. */
export interface Stopped {
  readonly story: string
  readonly why: string
}

export interface Walked {
  readonly coverage: Coverage
  readonly stopped: readonly Stopped[]
}

/** The smallest contract that there is, so that one caller can use up what it grants. */
const SMALL_TIER = 'Bronze'

const walkCell = async (asked: Asked, cell: Cell, coverage: Coverage): Promise<Stopped[]> => {
  const { data, portBase, faults } = asked
  const wellKnown = await readWellKnown(`http://localhost:${portBase}`)
  const walking = await newWalking({ wellKnown, data, cell, customer: customers[cell] })
  const wire = openWire(wellKnown, walking, coverage)
  await untilKnown(wire)
  const timed = timing(asked.say, cell)
  const accounts = await accountsOf(wire, walking.accounts)
  const ids = accounts.map(({ accountId }) => accountId)
  const away = { wire, coverage, accounts: ids, data, coreControl: portBase + 41, say: asked.say }

  if (faults) await timed('what is heard while a part is away', () => hearAway(away))
  const dawdled = dawdle({ wellKnown, walking, coverage })
  const stopped = await tellStories(wire, walking.accounts, timed)
  await timed('refusals', () => provokeAll({ wire, accounts: ids, coverage }))
  await timed('limits', () => limits(asked, { wellKnown, wire, coverage, accounts: ids }))
  await timed('calls that never end', () => dawdled)
  if (faults) await timed('what is heard while the core is shut', () => hearShut(away))
  await walking.close()
  return stopped
}

const tellStories = async (
  wire: Wire,
  accounts: readonly string[],
  timed: Timed,
): Promise<Stopped[]> => {
  const stopped: Stopped[] = []
  for (const [domain, tell] of Object.entries(await storiesOf(wire, accounts)))
    await timed(domain, () =>
      tell().catch((error: unknown) => {
        stopped.push({ story: `${domain} in ${wire.cell}`, why: String(error) })
      }),
    )
  return stopped
}

interface Limited {
  readonly wellKnown: WellKnown
  readonly wire: Wire
  readonly coverage: Coverage
  readonly accounts: readonly string[]
}

const limits = async ({ data }: Asked, { wellKnown, wire, coverage, accounts }: Limited) => {
  const { cell } = wire
  if (cell === 'sandbox') return exhaust(wire, coverage, accounts)
  const customer = customers[cell]
  const small = await newWalking({ wellKnown, data, cell, customer, tier: SMALL_TIER })
  const own = openWire(wellKnown, small, coverage)
  await untilKnown(own)
  await withLittleByLaw(wellKnown, () => exhaust(own, coverage, small.accounts))
  await small.close()
}

type Timed = (what: string, body: () => Promise<unknown>) => Promise<void>
const timing =
  (say: Asked['say'], cell: Cell): Timed =>
  async (what, body) => {
    const fromMs = performance.now()
    await body()
    say(`${what} in ${cell}: ${Math.round(performance.now() - fromMs)} ms`)
  }

export const walkDocuments = async (asked: Asked): Promise<Walked> => {
  const coverage = openCoverage()
  const stopped: Stopped[] = []
  try {
    const walks = asked.cells.map((cell) => walkCell(asked, cell, coverage))
    stopped.push(...(await Promise.all(walks)).flat())
  } finally {
    await hangUp()
  }
  return { coverage, stopped }
}

/** One line for each promise, and one for each status: how often it is promised, heard, and not to be heard. */
export const told = (rows: readonly Row[]): string[] => {
  const lines = rows.map(({ cell, operation, status, heard, why }) => {
    const became = heard
      ? `heard ${heard.join(', ')}`.trimEnd()
      : `NOT HEARD: ${why ?? 'unexplained'}`
    return `${cell.padEnd(10)} ${operation.padEnd(26)} ${status} ${became}`
  })
  const sums = [...Map.groupBy(rows, ({ status }) => status)]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([status, of]) => {
      const heard = of.filter((row) => row.heard).length
      const explained = of.filter((row) => row.why !== undefined).length
      const rest = of.length - heard - explained
      return `${status}  ${of.length} promised, ${heard} heard, ${explained} explained, ${rest} unexplained`
    })
  return [...lines, ...sums]
}

export const unexplained = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ heard, why }) => heard === undefined && why === undefined)
    .map(({ cell, operation, status }) => `${cell} ${operation} ${status}`)

if (import.meta.main) {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const { values } = parseArgs({
    options: { cell: { type: 'string' }, faults: { type: 'boolean', default: false } },
  })
  const walkedCells = cells.filter((cell) => values.cell === undefined || cell === values.cell)
  const { coverage, stopped } = await walkDocuments({
    portBase: Number(process.env['PORTICO_PORT_BASE'] ?? 8400),
    data: process.env['PORTICO_DATA'] ?? 'data',
    cells: walkedCells,
    faults: values.faults,
    say,
  })
  for (const line of told(coverage.table(walkedCells))) say(line)
  for (const { story, why } of stopped) say(`stopped: ${story}: ${why}`)
  for (const finding of coverage.findings) say(`finding: ${finding}`)
}
