/**
 * The short form of the faults: one house, three partners who count for themselves, every process killed once and every
 * store and line taken away for seconds. `npm run faults` is the same code at length.
 */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { cellFaults } from './cell.ts'
import { faults } from './faults.ts'
import { kept, lineOf, runFaults } from './run.ts'
import { openTown } from './town.ts'

const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_400)
const say = (line: string) => process.stderr.write(`${line}\n`)

test('whatever fails in a house, nothing is lost, nothing is billed twice, and no ended consent is taken', async () => {
  const town = await openTown({ portBase, carried: true })
  after(() => town.close())
  const found = await runFaults(town, { short: true, say })
  assert.deepEqual(found.filter((one) => !kept(one)).map(lineOf), [])
  assert.deepEqual(
    found.map(({ name }) => name),
    Object.keys(faults),
  )
})

/** It starts a house and restores another: `npm run faults -- restore-until`. */
const ofTheirOwn: ReadonlySet<string> = new Set(['restore-until'])

for (const [name, run] of Object.entries(cellFaults).filter(([name]) => !ofTheirOwn.has(name)))
  test(`${name}: what was promised of it holds`, async (t) => {
    const one = await run({ short: true })
    if (one.course.skipped !== undefined) return t.skip(one.course.skipped)
    assert.ok(kept(one), lineOf(one))
    return undefined
  })
