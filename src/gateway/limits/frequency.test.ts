/** O57 over a real PostgreSQL: exactly so many unattended accesses, whoever counts and however many ask at once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { z } from 'zod'
import { freshDatabase } from '#test/world.ts'
import { type AccessKey, openFrequency } from './frequency.ts'

const database = await freshDatabase('cell')
const open = () =>
  openFrequency({
    db: database.as('gateway'),
    clock: () => performance.now(),
    log: pino({ level: 'silent' }),
  })
const key = (): AccessKey => ({
  consentId: `consent_${crypto.randomUUID()}`,
  account: 'acc_1',
  family: 'accounts.balances',
})
const Count = z.object({ count: z.bigint() })
const counted = async ({ consentId }: AccessKey) =>
  Number(
    (
      await database.owner.one(Count)`
        select count(*) from accesses.access where consent_id = ${consentId}
      `
    ).count,
  )

test('RTS Art. 36(5)(b): of 100 accesses at once at two gateways four are granted, and a restart forgets none', async () => {
  const one = key()
  const gateways = [open(), open()]
  const taken = await Promise.all(
    Array.from({ length: 100 }, (_, i) => gateways[i % 2]!.take(one, 4, false)),
  )
  const granted = taken.filter((t) => t.granted)
  assert.deepEqual(
    granted.map((t) => t.remaining).toSorted((a, b) => a - b),
    [0, 1, 2, 3],
  )
  assert.equal(await counted(one), 4)
  const restarted = await open().take(one, 4, false)
  assert.equal(restarted.granted, false)
  assert.equal(restarted.remaining, 0)
  assert.ok(restarted.resetS > 86_300 && restarted.resetS <= 86_400)
  assert.equal((await gateways[0]!.take({ ...one, account: 'acc_2' }, 4, false)).granted, true)
  assert.equal(
    (await gateways[1]!.take({ ...one, family: 'accounts.list' }, 4, false)).granted,
    true,
  )
})

test('a consent may allow more; a day later one is free again for each that is a day old', async () => {
  const one = key()
  const gateway = open()
  for (let i = 0; i < 6; i++) assert.equal((await gateway.take(one, 6, false)).granted, true)
  assert.equal((await gateway.take(one, 6, false)).granted, false)
  await database.owner.run`
    update accesses.access set at = at - interval '24 hours'
     where id = (select min(id) from accesses.access where consent_id = ${one.consentId})
  `
  const restarted = open()
  assert.equal((await restarted.take(one, 6, false)).granted, true)
  assert.equal((await restarted.take(one, 6, false)).granted, false)
})

test('further pages of a list that was begun are the same access; what never reached the bank is none', async () => {
  const one = key()
  const gateway = open()
  for (let i = 0; i < 4; i++) {
    const access = await gateway.take(one, 4, false)
    if (i === 3) access.giveBack()
  }
  for (let tries = 0; tries < 3_000 && (await counted(one)) !== 3; tries++) await sleep(10)
  assert.equal((await gateway.take(one, 4, true)).granted, true)
  assert.equal(await counted(one), 3)
  assert.equal((await gateway.take(one, 4, false)).granted, true)
  assert.equal((await gateway.take(one, 4, false)).granted, false)
  assert.equal((await gateway.take(one, 4, true)).granted, true, 'the list of just now goes on')
  await database.owner.run`
    update accesses.access set at = at - interval '16 minutes' where consent_id = ${one.consentId}
  `
  assert.equal((await gateway.take(one, 4, true)).granted, false, 'a page without a beginning')
})

test('the last use of a consent is told within two seconds, newest wins, and the last ones at the end', async () => {
  const Last = z.object({ at: z.instanceof(Temporal.Instant), present: z.boolean() })
  const [one, two] = [open(), open()]
  const id = key().consentId
  const atMs = Date.parse('2026-11-22T12:00:00Z')
  one.used(id, atMs, true)
  one.used(id, atMs + 5_000, false)
  two.used(id, atMs + 1_000, true)
  await one.close()
  await two.close()
  const last = await database.as('authorization').one(Last)`
    select at, present from accesses.last where consent_id = ${id}
  `
  assert.equal(last.at.epochMilliseconds, atMs + 5_000)
  assert.equal(last.present, false)
})

test('accesses that no longer count are forgotten after a second day', async () => {
  const one = key()
  const gateway = open()
  await gateway.take(one, 4, false)
  await gateway.take(one, 4, false)
  await database.owner.run`
    update accesses.access set at = at - interval '49 hours'
     where id = (select min(id) from accesses.access where consent_id = ${one.consentId})
  `
  await gateway.sweep()
  assert.equal(await counted(one), 1)
})
