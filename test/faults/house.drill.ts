/** The short form of every fault of a house; `npm run faults` is the long one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kept, runFaults } from './run.ts'
import { openTown } from './town.ts'

test('whatever fails in a house, nothing is lost, nothing is billed twice, and no ended consent is taken', async () => {
  const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 27_400)
  const town = await openTown({ portBase })
  try {
    const say = (line: string) => process.stderr.write(`${line}\n`)
    const found = await runFaults(town, { short: true, say })
    assert.deepEqual(
      found.filter((one) => !kept(one)).map(({ name }) => name),
      [],
    )
  } finally {
    await town.close()
  }
})
