/** `portico vault scope-report`: numbers through the whole house, then searched for in all that it keeps and runs. */
import type { CellWorld } from '#platform/process.ts'
import { inMarkdown, recordScope, reportScope } from '../../src/supervisor/scope/report.ts'
import { readWellKnown } from '../journeys/web.ts'
import { canaryNumbers } from './canaries.ts'

const CANARIES = 2

/** Prints the report, as JSON or Markdown, and records it; 1 where a number was found or a place could not be searched. */
export const reportCardScope = async (world: CellWorld, json: boolean): Promise<number> => {
  const wellKnown = await readWellKnown(`http://localhost:${world.ports.portal}`)
  process.stderr.write(`${CANARIES} card numbers through ${world.cell}…\n`)
  const numbers = await canaryNumbers(wellKnown, world.cell, CANARIES)
  process.stderr.write('searching databases, files and the memory of every process…\n')
  const report = await reportScope(world, world.cell, numbers)
  await recordScope(world, report)
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : inMarkdown(report))
  return report.ok ? 0 : 1
}
