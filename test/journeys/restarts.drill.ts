/** What a house meets when it is started again: here, snapshots that a bad disk has changed. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { freshData, portico, type StartedHouse, startedHouse } from '#test/house.ts'

const options = {
  data: freshData(),
  portBase: Number(process.env['PORTICO_TEST_HOUSE_PORT'] ?? 18_400),
}
let house: StartedHouse | undefined
after(async () => {
  await house?.stop()
  rmSync(options.data, { recursive: true, force: true })
})

test('a broken snapshot on disk is left aside, named in the log, and the house comes up', async () => {
  house = await startedHouse(options)
  await house.stop()
  const folder = join(options.data, 'snapshots', 'sandbox')
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  assert.ok(files.length > 0)
  for (const name of files) {
    const path = join(folder, name)
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('"active"', '"revoked"').slice(0, -name.length))
  }

  house = await startedHouse(options)

  const log = readFileSync(join(options.data, 'log', 'gateway-sandbox.log'), 'utf8')
  assert.match(log, /a document on disk is broken.* was left aside/)
  const { code, stderr } = await portico(options, 'journey', 'all')
  assert.equal(code, 0, stderr)
})
