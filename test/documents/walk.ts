/** Walks every operation of the six documents in both cells of a running house, and says what was heard of what is promised. */
import { parseArgs } from 'node:util'
import { type Cell, cells } from '#kernel/cell.ts'
import { readWellKnown } from '../journeys/web.ts'
import { type Coverage, idOf, openCoverage } from './heard.ts'
import { newWalking } from './partner.ts'
import { provokeAll } from './provocations.ts'
import { accountsOf, customers, storiesOf } from './stories.ts'
import { hangUp, openWire, untilKnown } from './wire.ts'

interface Asked {
  readonly portal: string
  readonly data: string
  readonly cells: readonly Cell[]
  /** Every status that can be provoked; else what anybody is refused. */
  readonly thorough: boolean
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

const walkCell = async (asked: Asked, cell: Cell, coverage: Coverage): Promise<Stopped[]> => {
  const wellKnown = await readWellKnown(asked.portal)
  const customer = customers[cell]
  const walking = await newWalking({ wellKnown, data: asked.data, cell, customer })
  const wire = openWire(wellKnown, walking, coverage)
  await untilKnown(wire)
  const stories = await storiesOf(wire, walking.accounts)
  const stopped: Stopped[] = []
  for (const [domain, tell] of Object.entries(stories)) {
    const fromMs = performance.now()
    await tell().catch((error: unknown) => {
      stopped.push({ story: `${domain} in ${cell}`, why: String(error) })
    })
    asked.say(`${domain} in ${cell}: ${Math.round(performance.now() - fromMs)} ms`)
  }
  const fromMs = performance.now()
  const accounts = await accountsOf(wire, walking.accounts)
  const ids = accounts.map(({ accountId }) => accountId)
  await provokeAll({ wire, accounts: ids, coverage, thorough: asked.thorough })
  asked.say(`refusals in ${cell}: ${Math.round(performance.now() - fromMs)} ms`)
  await walking.close()
  return stopped
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

if (import.meta.main) {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const { values } = parseArgs({ options: { cell: { type: 'string' }, all: { type: 'boolean' } } })
  const walkedCells = cells.filter((cell) => values.cell === undefined || cell === values.cell)
  const { coverage, stopped } = await walkDocuments({
    portal: `http://localhost:${process.env['PORTICO_PORT_BASE'] ?? '8400'}`,
    data: process.env['PORTICO_DATA'] ?? 'data',
    cells: walkedCells,
    thorough: values.all ?? false,
    say,
  })
  for (const [status, { seen, documented }] of coverage.table(walkedCells))
    say(`${status}  ${seen} of ${documented}`)
  for (const { cell, operation, status } of coverage.missing(walkedCells))
    if (!/^(429|5..)$/.test(status))
      say(
        `missing: ${idOf(operation)} ${status} in ${cell}; heard ${coverage.codesOf(cell, operation).join(', ')}`,
      )
  for (const { story, why } of stopped) say(`stopped: ${story}: ${why}`)
  for (const finding of coverage.findings) say(`finding: ${finding}`)
}
