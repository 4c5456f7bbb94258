/** The real stores: PostgreSQL always, Valkey where a server is installed. Races, and what a crash of them forgets. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { startRedis } from '#test/gateway/limit-nodes.ts'
import { freshDatabase } from '#test/world.ts'
import { rateTerms } from './plan.ts'
import {
  hear,
  leaveGateways,
  postgresRates,
  postgresWindows,
  purgeLimits,
} from './postgres-store.ts'
import type { RateStore, WindowAsk } from './store.ts'
import { openValkey } from './valkey-store.ts'

const database = await freshDatabase('cell')
const db = database.as('gateway')
const other = database.as('gateway')
const fast = rateTerms({ perSecond: 50, burst: 100 })
const ask = (key: string, change: Partial<Parameters<RateStore['lease']>[0][number]> = {}) => ({
  key,
  terms: fast,
  least: 1,
  want: 1,
  owed: 0,
  ...change,
})
const sum = (grants: readonly (readonly { granted: number }[])[]) =>
  grants.flat().reduce((all, { granted }) => all + granted, 0)

/** What must hold of every store of rates, however many ask at once. */
const keepsItsBucket = async (stores: readonly RateStore[], key: string) => {
  const beganMs = performance.now()
  const asks = Array.from({ length: 200 }, (_, i) =>
    stores[i % stores.length]!.lease([ask(key), ask(`${key}-b`, { want: 3 })]),
  )
  const grants = await Promise.all(asks)
  const seconds = (performance.now() - beganMs) / 1_000
  const full = fast.capacity / 1e6
  const most = full + 50 * seconds
  for (const i of [0, 1]) {
    const granted = sum(grants.map((g) => g.slice(i, i + 1)))
    assert.ok(granted >= full && granted <= most + 1e-6, `${granted} of ${most}`)
  }
  const [none] = await stores[0]!.lease([ask(key, { least: full, want: full })])
  assert.equal(none?.granted, 0, 'less than is needed is not granted')
  const [inDebt] = await stores[0]!.lease([ask(key, { owed: 60e6 })])
  assert.ok(inDebt && inDebt.granted === 0 && inDebt.level < -40e6, 'what was owed is charged')
  const [paid] = await stores[0]!.lease([ask(key, { owed: -80e6 })])
  assert.equal(paid?.granted, 1, 'what was given back can be had again')
  const [brim] = await stores[0]!.lease([ask(`${key}-c`, { owed: -500e6, want: 1_000 })])
  assert.equal(brim?.granted, full, 'giving back never fills a bucket over its brim')
}

test('PostgreSQL: a bucket that two gateways race for grants what one could have had', async () => {
  await keepsItsBucket([postgresRates(db), postgresRates(other)], 'race')
})

test('G27: PostgreSQL that forgot its buckets in a crash starts every one of them empty', async () => {
  const rates = postgresRates(db)
  await rates.lease([ask('crash', { want: 50 })])
  // What recovery does to unlogged tables.
  await database.owner.run`truncate limits.bucket, limits.epoch`
  const [afterwards] = await rates.lease([ask('crash', { want: 50 })])
  assert.ok(afterwards && afterwards.granted <= 1, `${afterwards?.granted} at once`)
  await sleep(300)
  const [later] = await rates.lease([ask('crash', { want: 50 })])
  assert.ok(later && later.granted >= 5 && later.granted <= 40, `${later?.granted} after 0.3 s`)
  await database.owner.run`update limits.epoch set started_us = 0`
})

test('buckets that are full again are forgotten, and nothing else is', async () => {
  const rates = postgresRates(db)
  const slow = rateTerms({ perSecond: 0.01, burst: 3 })
  await rates.lease([ask('slow', { terms: slow }), ask('quick')])
  await database.owner.run`update limits.bucket set full_us = 1 where key = 'quick'`
  await purgeLimits(db)
  const Key = z.object({ key: z.string() })
  const left = await db.many(Key)`select key from limits.bucket where key in ('slow', 'quick')`
  assert.deepEqual(left, [{ key: 'slow' }])
})

const windowAsk = (change: Partial<WindowAsk> = {}): WindowAsk => ({
  key: 'w',
  period: 'day',
  zone: 'Asia/Tashkent',
  limit: 500,
  least: 1,
  want: 7,
  live: 3,
  ...change,
})

test('G26: Σ granted ≤ limit under a race of three gateways, and all of the limit can be had', async () => {
  const boots = ['boot-1', 'boot-2', 'boot-3']
  for (const boot of boots) await hear(db, boot, boot)
  const stores = boots.map((boot, i) => postgresWindows(i === 0 ? db : other, () => boot))
  let granted = 0
  for (let round = 0; round < 6; round++) {
    const grants = await Promise.all(
      Array.from({ length: 40 }, (_, i) => stores[i % 3]!.lease([windowAsk()])),
    )
    granted += sum(grants)
    assert.ok(granted <= 500, `${granted} of 500`)
  }
  assert.equal(granted, 500)

  // Returned once for each number; never more than was granted; never by who is not registered.
  const [held] = await stores[0]!.lease([windowAsk()])
  assert.ok(held && held.granted === 0)
  const back = { key: 'w', starts: held.starts, returns: held.returns, permits: 20 }
  await Promise.all([stores[0]!.giveBack([back]), stores[0]!.giveBack([back])])
  await stores[1]!.giveBack([{ ...back, permits: 501 }])
  await postgresWindows(db, () => 'nobody').giveBack([back])
  const again = await Promise.all(
    Array.from({ length: 30 }, () => stores[2]!.lease([windowAsk({ want: 5 })])),
  )
  assert.equal(sum(again), 20)
})

test('money in parts is counted exactly, far beyond what 32 bits hold', async () => {
  await hear(db, 'boot-money', 'boot-money')
  const store = postgresWindows(db, () => 'boot-money')
  const limit = 4_000_000_000_000_001
  const ask = windowAsk({ key: 'money', limit, least: 36_000_000, want: 3_000_000_000_000_000 })
  const [half] = await store.lease([{ ...ask, live: 1 }])
  assert.deepEqual([half?.granted, half?.left], [2_000_000_000_000_000, 2_000_000_000_000_001])
})

test('windows are calendar days and months of their zone', async () => {
  const [day, month] = await postgresWindows(db, () => 'boot-1').lease([
    windowAsk({ key: 'd', zone: 'Pacific/Kiritimati' }),
    windowAsk({ key: 'm', period: 'month', zone: 'Asia/Tashkent' }),
  ])
  const now = Temporal.Now.instant()
  assert.equal(day?.starts, now.toZonedDateTimeISO('Pacific/Kiritimati').toPlainDate().toString())
  const tashkent = now.toZonedDateTimeISO('Asia/Tashkent')
  assert.equal(month?.starts, tashkent.toPlainDate().with({ day: 1 }).toString())
  const end = tashkent.with({ day: 1 }).add({ months: 1 }).startOfDay()
  const endsInMs = end.epochMilliseconds - now.epochMilliseconds
  assert.ok(Math.abs((month?.endsInMs ?? 0) - endsInMs) < 60_000)
})

test('a gateway that was silent for too long is fenced: it leases and returns nothing more', async () => {
  await hear(db, 'quiet', 'quiet')
  const quiet = postgresWindows(db, () => 'quiet')
  const [held] = await quiet.lease([windowAsk({ key: 'f', want: 10 })])
  await database.owner
    .run`update limits.gateway set heard_at = now() - interval '21 minutes' where boot = 'quiet'`
  const before = await hear(db, 'boot-1', 'boot-1')
  assert.equal((await hear(db, 'quiet', 'quiet')).fenced, true)
  await assert.rejects(quiet.lease([windowAsk({ key: 'f' })]), /fenced/)
  await quiet.giveBack([{ key: 'f', starts: held!.starts, returns: held!.returns, permits: 10 }])
  const Granted = z.object({ granted: z.bigint() })
  const kept = await db.one(Granted)`select granted from limits.window where key = 'f'`
  assert.equal(kept.granted, BigInt(held!.granted))
  await leaveGateways(db, 'boot-3')
  assert.equal((await hear(db, 'boot-1', 'boot-1')).live, before.live - 1)
})

const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const skip = hasRedis ? false : 'NO redis-server: leases from Valkey were NOT tested'
if (!hasRedis) console.warn(skip)

const port = 19_500 + (process.pid % 50)
const running: ChildProcess[] = []
const serve = async () => {
  const child = await startRedis(port)
  running.push(child)
  return child
}
after(() => {
  for (const child of running) child.kill('SIGKILL')
})

const connected = (cell: string) => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const states: string[] = []
  const store = openValkey(`redis://127.0.0.1:${port}`, cell, (state) => {
    states.push(state)
    if (state === 'connected') resolve()
  })
  return { store, states, connected: promise }
}

test(
  'Valkey: a race grants what one gateway could have had; a killed server comes back empty (G27)',
  { skip },
  async () => {
    const first = await serve()
    const one = connected('production')
    const two = connected('production')
    const elsewhere = connected('sandbox')
    after(() => {
      for (const { store } of [one, two, elsewhere]) store.close()
    })
    await Promise.all([one.connected, two.connected, elsewhere.connected])
    const [early] = await one.store.lease([ask('fresh', { want: 100 })])
    assert.ok(
      early && early.granted < fast.capacity / 1e6,
      'a server that nobody knows has an epoch of no age',
    )
    await sleep(2_100)
    await keepsItsBucket([one.store, two.store], 'race')
    const [apart] = await elsewhere.store.lease([ask('race', { want: 5 })])
    assert.equal(apart?.granted, 5, 'cells that share a server share no limit')

    const closed = once(first, 'close')
    first.kill('SIGKILL')
    await closed
    await assert.rejects(one.store.lease([ask('race')]))
    await serve()
    for (let tries = 0; tries < 1_200 && one.states.at(-1) !== 'connected'; tries++) await sleep(50)
    const [reborn] = await one.store.lease([ask('never-used', { want: 100 })])
    assert.ok(reborn && reborn.granted < 50, `${reborn?.granted} from a server that has just begun`)
  },
)
