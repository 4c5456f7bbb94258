import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { cells } from '#kernel/cell.ts'
import { freshData, type StartedHouse, startedHouse } from '../house.ts'
import { idOf, walked } from './heard.ts'
import { walkDocuments, type Walked } from './walk.ts'

const options = {
  data: freshData(),
  portBase: Number(process.env['PORTICO_TEST_WALK_PORT'] ?? 19_650),
}
let house: StartedHouse | undefined
let told: Walked
before(async () => {
  house = await startedHouse(options)
  told = await walkDocuments({
    portal: house.portal,
    data: options.data,
    cells,
    thorough: false,
    say: () => {},
  })
})
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

/**
 * Done to a card by the world outside of the bank, and what only follows from it: where a real network stands behind the
 * core, nobody makes these happen by a call.
 */
const ofTheSandboxAlone = new Set([
  'activateCard',
  'changeProgrammeStatus',
  'getAuthorization',
  'getCardTransaction',
  'openDispute',
  'getDispute',
  'addEvidence',
  'changeDisputeStatus',
])
const answersIn = (cell: string, id: string) =>
  cell === 'sandbox' || !(id.startsWith('simulate') || ofTheSandboxAlone.has(id))

test('in both cells every story comes to its end', () => {
  assert.deepEqual(told.stopped, [])
})

test('in both cells every operation answers what it is asked for', () => {
  const missing = told.coverage
    .missing(cells)
    .filter(
      ({ cell, operation, status }) => status.startsWith('2') && answersIn(cell, idOf(operation)),
    )
  assert.deepEqual(
    missing.map(({ key }) => key),
    [],
  )
})

test('in both cells every operation refuses whoever is nobody, may not, or asks what it does not take', () => {
  assert.ok(walked.length >= 125)
  const missing = told.coverage
    .missing(cells)
    .filter(({ status }) => ['400', '401', '403', '415'].includes(status))
  assert.deepEqual(
    missing.map(({ key }) => key),
    [],
  )
})

test('nothing was heard that the document of its operation does not say', () => {
  assert.deepEqual([...told.coverage.findings], [])
})
