/** Two gateways' limits, each a process of its own, over real stores: bench/limits.ts is the long form. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { limitsOf } from '#test/gateway/leases.ts'
import { tryLimits } from '#test/gateway/limit-nodes.ts'
import { freshDatabase } from '#test/world.ts'

const common = {
  nodes: 2,
  seconds: 3,
  limits: limitsOf({ rate: { perSecond: 100, burst: 200 } }),
}
const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const skip = hasRedis ? false : 'NO redis-server: two gateways over Valkey were NOT tested'
if (!hasRedis) console.warn(skip)

const databaseUrl = async () => (await freshDatabase('cell')).url('gateway')
// Both trials are mostly waiting, so they run side by side.
const overPostgres = tryLimits({ ...common, databaseUrl: await databaseUrl() })
const overValkey = hasRedis
  ? tryLimits({
      ...common,
      databaseUrl: await databaseUrl(),
      valkeyPort: 19_550 + (process.pid % 10),
      kill: true,
    })
  : undefined

test('two gateways over PostgreSQL admit together what one may: burst + rate × T in every T', async () => {
  const { admitted, allowed, worst } = await overPostgres
  assert.ok(worst <= 1, `${worst} of the bound`)
  assert.ok(admitted > allowed / 2, `${admitted} of ${allowed}: the limit can be used`)
})

test(
  'two gateways over a Valkey that is killed in the middle stay within it too',
  { skip },
  async () => {
    assert.ok(overValkey)
    const { admitted, allowed, worst } = await overValkey
    assert.ok(worst <= 1, `${worst} of the bound`)
    assert.ok(admitted > allowed / 5, `${admitted} of ${allowed}: bounded is not closed`)
  },
)
