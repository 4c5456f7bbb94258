import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { LIVE_BOUNDS, LivePartner, LiveReport } from '#gateway/live-report.ts'
import * as partners from '#control/partners/routes.ts'
import * as staff from '#control/staff/routes.ts'
import { openTestOffices } from '#test/offices.ts'
import { noon } from '#test/world.ts'
import { openLiveBoard } from './index.ts'
import { consoleRoutes, portalRoutes } from './routes.ts'

const second = Math.floor(noon.epochMilliseconds / 1000)
const took = (ms: number, calls: number) => {
  const counts = Array.from({ length: LIVE_BOUNDS.length + 1 }, () => 0)
  counts[LIVE_BOUNDS.findIndex((bound) => ms <= bound)] = calls
  return counts
}
const row = (partnerId: string, calls: number, ms: number, more: Partial<LivePartner> = {}) =>
  LivePartner.parse({
    partnerId,
    calls,
    refusals: {},
    operations: { getBalances: calls },
    limits: [],
    took: took(ms, calls),
    ...more,
  })
const report = (gateway: string, ago: number, partners: LivePartner[], reasons: string[] = []) =>
  LiveReport.parse({
    gateway,
    second: second - ago,
    health: { ready: true, degraded: reasons.length > 0, reasons },
    partners,
    untold: 0,
  })

test('a partner sees its own last seconds, added up over gateways, and nobody else’s', async () => {
  const offices = await openTestOffices({
    portal: [partners.portalRoutes, portalRoutes],
    console: [staff.consoleRoutes, consoleRoutes],
  })
  const { live } = offices.context
  const [one, other] = [await offices.partner(), await offices.partner()]
  const limit = { name: 'burst', quota: 100, windowSeconds: 60, remaining: 40, resetSeconds: 30 }
  live.take(
    'production',
    report('gateway_a', 2, [row(one.id, 90, 5, { limits: [limit] }), row(other.id, 7, 5)]),
    noon,
  )
  live.take(
    'production',
    report('gateway_b', 1, [row(one.id, 10, 800, { refusals: { 'gateway/rate-limited': 4 } })]),
    noon,
  )
  live.take('sandbox', report('gateway_c', 1, [row(one.id, 1_000, 5)]), noon)

  const { body } = await one.visit('GET', '/api/live?cell=production&seconds=3')
  assert.deepEqual(body['seconds'], [
    { second: second - 3, calls: 0, refused: 0 },
    { second: second - 2, calls: 90, refused: 0 },
    { second: second - 1, calls: 10, refused: 4 },
  ])
  assert.deepEqual([body['calls'], body['p50Ms'], body['p95Ms'], body['p99Ms']], [100, 5, 800, 800])
  assert.deepEqual(body['refusals'], { 'gateway/rate-limited': 4 })
  assert.deepEqual(body['limits'], [limit])
  assert.equal(
    (await one.visit('GET', `/api/live?cell=production&partner=${other.id}`)).body['calls'],
    100,
  )

  const engineer = await offices.staff('engineering')
  const seen = await engineer('GET', `/api/live?cell=production&partner=${other.id}`)
  assert.equal(seen.body['calls'], 7)
  const busiest = await engineer('GET', '/api/live/partners?cell=production')
  assert.deepEqual(busiest.body['data'], [
    { partnerId: one.id, calls: 100 },
    { partnerId: other.id, calls: 7 },
  ])
  assert.equal((await offices.visitor('portal')('GET', '/api/live?cell=production')).status, 401)
})

test('what is older than a minute is forgotten, a report from elsewhere in time is no look at now', () => {
  const board = openLiveBoard()
  board.take('production', report('gateway_a', 1, [row('partner_x', 5, 5)]), noon)
  board.take('production', report('gateway_a', 3_600, [row('partner_x', 500, 5)]), noon)
  board.take('production', report('gateway_a', -3_600, [row('partner_x', 500, 5)]), noon)
  assert.equal(board.view('production', 'partner_x', 60, noon).calls, 5)
  const later = noon.add({ seconds: 70 })
  board.take('production', { ...report('gateway_a', 0, []), second: second + 69 }, later)
  assert.equal(board.view('production', 'partner_x', 60, later).calls, 0)
  assert.deepEqual(board.partners('production', 60, later), [])
})

test('a million partners fill no memory: those beyond the bound are not looked at', () => {
  const board = openLiveBoard()
  for (let batch = 0; batch < 20; batch++) {
    const rows = Array.from({ length: 500 }, (_, i) => row(`partner_${batch * 500 + i}`, 1, 5))
    board.take('production', report('gateway_a', 1, rows), noon)
  }
  assert.equal(board.partners('production', 60, noon).length, 5_000)
})

test('a gateway that falls silent is not ready, and says why it was degraded while it spoke', () => {
  const board = openLiveBoard()
  board.take('production', report('gateway_a', 1, [], ['gateway/rates-away']), noon)
  const Seen = z.array(z.object({ ready: z.boolean(), reasons: z.array(z.string()) }))
  assert.deepEqual(Seen.parse(board.gateways(noon)), [
    { ready: true, reasons: ['gateway/rates-away'] },
  ])
  assert.deepEqual(Seen.parse(board.gateways(noon.add({ seconds: 10 }))), [
    { ready: false, reasons: ['usage/gateway-silent'] },
  ])
})
