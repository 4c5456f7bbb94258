import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freshDatabase, noon } from '#test/world.ts'
import { type Actor, work } from '#journal/index.ts'
import { consentLines } from './consent-lines.ts'

test('what became of a partner’s consents is read off the cell’s journal: of that time, of no other partner, and nobody by name', async () => {
  const cell = await freshDatabase('cell')
  const authorization = cell.as('authorization')
  const say = (actor: Actor, event: string, consentId: string, partnerId: string) =>
    work(authorization, actor, noon, (w) =>
      w.record(event, consentId, {
        partnerId,
        applicationId: 'application_1',
        type: 'urn:bank:accounts:v1',
        matrix: '2026-11-22',
        channel: 'page',
        reason: 'I know them no more',
      }),
    )
  const begin = noon.subtract({ hours: 1 })
  await say('customer:customer_7', 'consents.authorised', 'consent_1', 'partner_a')
  await say('customer:customer_8', 'consents.authorised', 'consent_2', 'partner_b')
  await say('customer:customer_7', 'consents.revoked', 'consent_1', 'partner_a')
  await say('system', 'payments.settled', 'payment_1', 'partner_a')

  const ask = consentLines(cell.as('courier'))
  const span = { partnerId: 'partner_a', from: begin, to: begin.add({ hours: 2 }), limit: 10 }
  const { data } = await ask({ ...span, before: '999' })

  assert.deepEqual(
    data.map(({ consentId, move, by, channel }) => [consentId, move, by, channel]),
    [
      ['consent_1', 'revoked', 'customer', 'page'],
      ['consent_1', 'authorised', 'customer', 'page'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(data), /customer_7|know them/)
  const [, first] = data
  assert.deepEqual((await ask({ ...span, before: data[0]?.seq ?? '' })).data, [first])
  assert.deepEqual((await ask({ ...span, to: begin, before: '999' })).data, [])
})
