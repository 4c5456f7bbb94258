import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { consoleRoutes as staffRoutes } from '#control/staff/routes.ts'
import { openTestOffices } from '#test/offices.ts'
import { work } from '#journal/index.ts'
import { journalRoutes } from './journal-routes.ts'

const offices = await openTestOffices({ portal: [], console: [journalRoutes, staffRoutes] })
const Lines = z.array(z.object({ seq: z.string(), event: z.string() }))

test('the journal is read from its beginning, or from its end back', async () => {
  const { db, context } = offices
  for (const event of ['tests.first', 'tests.second', 'tests.third'])
    await work(db, 'system', context.world.now(), (w) => w.record(event, 'subject', {}))
  const visit = await offices.staff('auditor')

  const onward = Lines.parse((await visit('GET', '/api/journal?after=0')).body['data'])
  const back = Lines.parse(
    (await visit('GET', '/api/journal?before=999999999999999999')).body['data'],
  )
  const middle = onward.find(({ event }) => event === 'tests.second')
  const earlier = Lines.parse(
    (await visit('GET', `/api/journal?before=${middle?.seq}`)).body['data'],
  )

  assert.deepEqual(back, onward.toReversed())
  assert.equal(earlier[0]?.event, 'tests.first')
  assert.equal((await visit('GET', '/api/journal?before=-1')).status, 400)
})
