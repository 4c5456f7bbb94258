import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openTestOffices } from '#test/offices.ts'
import { bankRoutes } from './bank-routes.ts'

const offices = await openTestOffices({ portal: [bankRoutes], console: [bankRoutes] })

test('both offices say whose they are, to anybody', async () => {
  const { settings } = offices.context.world
  for (const office of ['portal', 'console'] as const) {
    const { status, body } = await offices.visitor(office)('GET', '/api/bank')

    assert.equal(status, 200)
    assert.deepEqual(body, { name: settings.PORTICO_BANK_NAME, zone: settings.PORTICO_BANK_ZONE })
  }
})
