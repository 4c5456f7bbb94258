import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEntries, work } from '#journal/index.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { keepTaken, registryAt } from './taken.ts'

const postgres = (await freshDatabase('cell')).as('authorization')
const document = (epoch: number) => ({ epoch, sha256: String(epoch).repeat(64) })
const written = (event: string) =>
  work(postgres, 'system', noon, (w) => w.record(event, 'subject', {}))

test('every line of the cell’s journal was written under the registry that was taken last before it', async () => {
  await written('tests.before')
  await keepTaken(postgres, 'production', document(1), noon)
  await written('tests.under-one')
  // A second server takes the same, and the first starts again.
  for (const _ of [1, 2]) await keepTaken(postgres, 'production', document(1), noon)
  await keepTaken(postgres, 'sandbox', document(9), noon)
  await keepTaken(postgres, 'production', document(2), noon)
  await written('tests.under-two')

  const lines = await readEntries(postgres, 0n)
  const under = async (event: string) =>
    registryAt(postgres, 'production', lines.find((line) => line.event === event)?.seq)
  assert.equal(await under('tests.before'), undefined)
  assert.deepEqual(await under('tests.under-one'), document(1))
  assert.deepEqual(await under('tests.under-two'), document(2))
  assert.equal(lines.filter((line) => line.event === 'registry.taken').length, 3)
})
