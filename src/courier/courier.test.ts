import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { z } from 'zod'
import { seal, work } from '#journal/index.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { makeRandomKey } from '#platform/keys.ts'
import { rpcClient } from '#platform/rpc.ts'
import { freshDatabase, noon } from '#test/world.ts'
import { courierContract } from './contract.ts'
import { startCourier } from './courier.ts'

const database = await freshDatabase('cell')
const bank = database.as('bank')
const settings = readSettings({ PORTICO_DATABASE_URL_COURIER: database.url('courier') })
const layout = layoutOf(join(tmpdir(), `courier-${process.pid}`))
makeRandomKey(layout.cell('sandbox').linkKey)
const start = () =>
  startCourier({
    cell: 'sandbox',
    settings,
    layout,
    ports: portsOf(settings),
    log: pino({ level: 'silent' }),
    now: () => noon,
  })

const settle = (payment: string) =>
  work(bank, 'system', noon, async (w) => {
    await w.record('payments.created', payment, { partnerId: 'partner_1' })
    await w.record('payments.settled', payment, {
      partnerId: 'partner_1',
      applicationId: 'application_1',
    })
  })

const Row = z.object({ id: z.string(), seq: z.bigint(), type: z.string(), subject: z.string() })
const events = () => database.owner.many(Row)`
  select id, seq, type, subject from courier.event order by seq limit 1000
`
const Cursor = z.object({ seq: z.bigint() })
const untilCaughtUp = async () => {
  const last = await seal(database.owner)
  for (let tries = 0; tries < 1_200; tries++) {
    const { seq } = await database.owner.one(Cursor)`select seq from courier.cursor`
    if (seq === last) return
    await sleep(20)
  }
  assert.fail('the courier does not catch up')
}

test('what concerns a partner becomes an event once, in order, whatever else is in the journal', async () => {
  await settle('payment_before')
  const courier = await start()
  await settle('payment_while')
  await work(bank, 'system', noon, (w) => w.record('customers.added', 'customer_1', {}))
  await work(bank, 'system', noon, (w) => w.record('cards.issued', 'card_of_nobody', {}))
  await untilCaughtUp()
  await courier.stop()

  assert.deepEqual(
    (await events()).map((event) => [event.type, event.subject]),
    [
      ['payments.settled', 'payment_before'],
      ['payments.settled', 'payment_while'],
    ],
  )
})

test('nothing is lost or doubled while couriers stop, start and overlap', async () => {
  const before = await events()
  const payments = Array.from({ length: 40 }, (_, n) => `payment_${n}`)
  let [one, two] = await Promise.all([start(), start()])
  for (const [n, payment] of payments.entries()) {
    await settle(payment)
    if (n % 10 === 4) {
      await one.stop()
      one = await start()
    }
    if (n % 10 === 9) {
      await two.stop()
      two = await start()
    }
  }
  await untilCaughtUp()
  await Promise.all([one.stop(), two.stop()])

  const after = (await events()).slice(before.length)
  assert.deepEqual(
    after.map((event) => event.subject),
    payments,
  )
  assert.equal(new Set(after.map((event) => event.id)).size, payments.length)
})

test('an event that was not kept leaves the cursor where it was, and is taken again', async () => {
  await database.owner
    .run`alter table courier.event add constraint stuck check (subject <> 'payment_stuck')`
  const courier = await start()
  await settle('payment_stuck')
  await sleep(300)
  assert.ok(!(await events()).some((event) => event.subject === 'payment_stuck'))

  await database.owner.run`alter table courier.event drop constraint stuck`
  await untilCaughtUp()
  await courier.stop()

  assert.equal((await events()).filter((event) => event.subject === 'payment_stuck').length, 1)
})

test('the bank asks at the courier’s door, and no inner address is asked for it', async () => {
  const courier = await start()
  const door = rpcClient(courierContract, layout.cell('sandbox').socket('courier'))
  const inside = 'https://localhost:8410/decide'
  const refused = door.inspect({ url: inside })
  await assert.rejects(refused, { code: 'platform/address-refused', status: 422 })
  const { verificationKey } = await door.inspect({ url: 'https://cards.partner.example/decide' })
  assert.match(verificationKey, /^whpk_[A-Za-z0-9+/]{43}=$/)
  const question = { id: 'authorization_1', url: inside, body: '{}', withinMs: 500 }
  assert.equal((await door.decide(question)).heard, 'nothing')
  await door.close()
  await courier.stop()
})
