import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { openCore } from './open.ts'

const db = (await freshDatabase('cell')).as('bank')
const settings = readSettings({ PORTICO_DATA: 'nowhere', PORTICO_CORE_PORT: '8399' })
const world = {
  settings,
  layout: layoutOf(settings.PORTICO_DATA),
  ports: portsOf(settings),
  log: openLog({ process: 'test' }, 'silent'),
  now: () => noon,
}

test('the sandbox stands on the synthetic core, production on the legacy one', async () => {
  const sandbox = await openCore({ ...world, cell: 'sandbox' }, db)
  const production = await openCore({ ...world, cell: 'production' }, db)
  after(() => production.close())

  assert.deepEqual([sandbox.name, production.name], ['synthetic', 'legacy'])
  assert.equal(sandbox.behalfOf('partner_1').name, 'synthetic')
  assert.equal(production.behalfOf('partner_1').name, 'legacy')
  await sandbox.ping()
})

test('nothing is asked of a core before the first call', async () => {
  // Nobody who speaks the core's language listens at this port.
  const production = await openCore({ ...world, cell: 'production' }, db)
  after(() => production.close())
  await assert.rejects(
    production.ping(),
    (error: { code?: string }) => error.code?.startsWith('core/') === true,
  )
})
