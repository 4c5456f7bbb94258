import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { cells } from '#kernel/cell.ts'
import { freshData, type StartedHouse, startedHouse } from '../house.ts'
import { type Row, walked } from './heard.ts'
import { told, unexplained, walkDocuments, type Walked } from './walk.ts'

const options = {
  data: freshData(),
  portBase: Number(process.env['PORTICO_TEST_WALK_PORT'] ?? 19_650),
}
let house: StartedHouse | undefined
let walk: Walked
let rows: Row[]
before(async () => {
  const say = (line: string) => process.stderr.write(`${line}\n`)
  house = await startedHouse(options)
  walk = await walkDocuments({ ...options, cells, faults: true, say })
  rows = walk.coverage.table(cells)
  for (const line of told(rows)) say(line)
})
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

test('in both cells every story comes to its end', () => {
  assert.deepEqual(walk.stopped, [])
})

test('in both cells every status that a document names was heard of every operation, or it is said why it cannot be', () => {
  assert.ok(walked.length >= 125)
  assert.deepEqual(unexplained(rows), [])
})

test('what cannot be heard is little: beside faults of our own and versions that end, only what a card network does', () => {
  const silent = rows.filter(
    ({ status, heard }) => heard === undefined && status !== '500' && status !== '410',
  )
  assert.ok(silent.length <= 40, `${silent.length} are not heard`)
})

test('nothing was heard that the document of its operation does not say', () => {
  assert.deepEqual([...walk.coverage.findings], [])
})
