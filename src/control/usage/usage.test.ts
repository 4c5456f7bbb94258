import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { uuidv7 } from '#kernel/id.ts'
import { openPostgres } from '#platform/db.ts'
import { work } from '#journal/index.ts'
import type { UsageBatch, UsageRecord } from '#gateway/usage.ts'
import { doing, freshDatabase, noon } from '#test/world.ts'
import { seedCatalogue } from '#control/catalogue/index.ts'
import { seedMatrix } from '#control/licences/index.ts'
import { dayOfCall } from './call-day.ts'
import { callsThatFit } from './store.ts'
import {
  findCall,
  latestCalls,
  listGaps,
  openDays,
  openMeter,
  usageByHour,
  usageTotals,
} from './index.ts'

const database = await freshDatabase('control')
const db = database.as('control')
const document = (product: string) => ({
  product,
  openapi: parse(readFileSync(`src/bank/${product}/openapi.yaml`, 'utf8')) as unknown,
})
await doing(db)(async (w) => {
  await seedCatalogue(w, ['accounts', 'payments', 'cards'].map(document))
  await seedMatrix(w)
})
const meter = openMeter()

const newPartner = () => `partner_${uuidv7()}`

const call = (partnerId: string, over: Partial<UsageRecord> = {}): UsageRecord => {
  const atMs = noon.epochMilliseconds - 1_000
  return {
    callId: uuidv7(atMs),
    seq: 1,
    occurredAt: Temporal.Instant.fromEpochMilliseconds(atMs).toString(),
    partnerId,
    applicationId: `application_${partnerId.slice(8)}`,
    product: 'accounts',
    operation: 'getBalances',
    contractId: `contract_${partnerId.slice(8)}`,
    priceVersion: '2026-11',
    consentId: null,
    status: 200,
    code: null,
    billable: true,
    units: 1,
    latencyMs: 12.5,
    upstreamMs: 10,
    epoch: 7,
    ...over,
  }
}

/** `count` calls, numbered from `from`. */
const calls = (partnerId: string, count: number, from = 1, over: Partial<UsageRecord> = {}) =>
  Array.from({ length: count }, (_, n) => call(partnerId, { seq: from + n, ...over }))

const send = (records: UsageRecord[], gateway = `gateway_${uuidv7()}`, boot = uuidv7()) =>
  sendFrom({ gateway, boot, records })
const sendFrom = (batch: UsageBatch, cell: 'sandbox' | 'production' = 'production') =>
  doing(db)((w) => meter.take(w, cell, batch))

const day = (partnerId: string, cell: 'sandbox' | 'production' = 'production') => ({
  partnerId,
  cell,
  from: noon.subtract({ hours: 24 }),
  to: noon.add({ hours: 1 }),
})

const counted = async (partnerId: string) => {
  const [total] = await usageTotals(db, day(partnerId))
  const rows = await database.owner.one(z.object({ n: z.bigint() }))`
    select count(*) as n from usage.event where partner_id = ${partnerId}
  `
  assert.equal(total?.calls ?? 0, Number(rows.n), 'tally and rows are the same calls')
  return Number(rows.n)
}

test('a call told of twice, in one batch, in another, by another gateway, is counted once', async () => {
  const partner = newPartner()
  const records = calls(partner, 10)
  const gateway = `gateway_${uuidv7()}`
  const boot = uuidv7()

  assert.deepEqual(await sendFrom({ gateway, boot, records: [...records, ...records] }), {
    seq: 10,
  })
  assert.deepEqual(await sendFrom({ gateway, boot, records }), { seq: 10 })
  await send(records)

  assert.equal(await counted(partner), 10)
  const [total] = await usageTotals(db, day(partner))
  assert.deepEqual(
    { units: total?.units, amount: total?.amount },
    { units: 10, amount: '360' },
    'ten calls at 36',
  )
})

test('batches in any order leave no gap, and until then the gap is named', async () => {
  const partner = newPartner()
  const gateway = `gateway_${uuidv7()}`
  const boot = uuidv7()
  const part = (from: number) => ({ gateway, boot, records: calls(partner, 10, from) })
  const ours = async () => (await listGaps(db)).filter((g) => g.boot === boot)

  assert.deepEqual(await sendFrom(part(1)), { seq: 10 })
  assert.deepEqual(await sendFrom(part(31)), { seq: 10 })
  assert.deepEqual(
    (await ours()).map(({ from, to }) => ({ from, to })),
    [{ from: 11, to: 30 }],
  )
  assert.deepEqual(await sendFrom(part(21)), { seq: 10 })
  assert.deepEqual(await sendFrom(part(11)), { seq: 40 })

  assert.deepEqual(await ours(), [])
  assert.equal(await counted(partner), 40)
})

test('two gateways with eight batches each at once, half of them told twice: every call once', async () => {
  const partner = newPartner()
  const batches = ['a', 'b'].flatMap((name) =>
    Array.from({ length: 8 }, (_, n) => ({
      gateway: `gateway_${name}`,
      boot: uuidv7(),
      records: calls(partner, 50, n * 50 + 1),
    })),
  )
  await Promise.all(
    [...batches, ...batches.filter((_, n) => n % 2 === 0)].map((batch) => sendFrom(batch)),
  )

  assert.equal(await counted(partner), 2 * 8 * 50)
})

test('a batch whose transaction is killed leaves nothing, and told again it is counted once', async () => {
  const partner = newPartner()
  const batch = { gateway: `gateway_${uuidv7()}`, boot: uuidv7(), records: calls(partner, 100) }
  const victim = openPostgres(database.url('control'), { name: 'victim', max: 1 })
  // The tallies are held, so that the victim has written its rows and waits when it is killed.
  let release: () => void = () => {}
  const held = database.owner.transaction(async (tx) => {
    await tx.run`lock table usage.hour in access exclusive mode`
    await new Promise<void>((resolve) => (release = resolve))
  })
  const killed = doing(victim)((w) => meter.take(w, 'production', batch))
  const outcome = assert.rejects(killed)
  for (let i = 0; i < 100; i++) {
    const n = await database.owner.run`
      select pg_cancel_backend(pid)
        from pg_stat_activity
       where application_name = 'victim' and wait_event_type = 'Lock'
    `
    if (n > 0) break
    await sleep(20)
  }
  await outcome
  release()
  await held
  await victim.close()

  assert.equal(await counted(partner), 0)
  assert.deepEqual(await sendFrom(batch), { seq: 100 })
  assert.equal(await counted(partner), 100)
})

test('a record whose time is not the time in its id is set aside, neither counted nor lost, and stalls nobody', async () => {
  const partner = newPartner()
  const wrong = [
    call(partner, { seq: 1, occurredAt: noon.subtract({ hours: 30 }).toString() }),
    call(partner, { seq: 2, occurredAt: 'yesterday' }),
    call(partner, {
      seq: 3,
      callId: uuidv7(noon.add({ hours: 2 }).epochMilliseconds),
      occurredAt: noon.add({ hours: 2 }).toString(),
    }),
    call(partner, { seq: 4, callId: `${'0'.repeat(32)}` }),
    call(partner, { seq: 5, priceVersion: '1999-01' }),
  ]
  const batch = {
    gateway: `gateway_${uuidv7()}`,
    boot: uuidv7(),
    records: [...wrong, call(partner, { seq: 6 })],
  }

  assert.deepEqual(await sendFrom(batch), { seq: 6 })
  assert.deepEqual(await sendFrom(batch), { seq: 6 })

  assert.equal(await counted(partner), 1)
  const aside = await database.owner.many(z.object({ why: z.string() }))`
    select why from usage.quarantine where boot = ${batch.boot} order by seq
  `
  assert.deepEqual(
    aside.map((a) => a.why),
    [
      'its time is not the time in its id',
      'its time is not the time in its id',
      'it has not happened yet',
      'its id is not a UUIDv7',
      'no price version is called 1999-01',
    ],
  )
})

test('a partner cannot suppress another’s call by its id', async () => {
  const [one, other] = [newPartner(), newPartner()]
  const record = call(one)
  await send([record])
  await send([{ ...record, partnerId: other }])

  assert.equal(await counted(one), 1)
  assert.equal(await counted(other), 1)
})

test('of calls that brought home one write, told by two gateways at once or again, one is charged', async () => {
  const partner = newPartner()
  const chargeId = uuidv7()
  const refused = { status: 502, code: 'gateway/outcome-unknown', billable: false }
  const first = call(partner, { chargeId })
  const second = call(partner, { chargeId, seq: 2 })
  const lost = call(partner, { chargeId, seq: 3, ...refused })
  const other = call(partner, { chargeId: uuidv7(), seq: 4 })
  const told = [[lost, first, other], [second], [first, second], [second, lost]]
  await Promise.all(told.map((records) => send(records)))
  await send([second, first])

  const [total] = await usageTotals(db, day(partner))
  assert.deepEqual(
    { calls: total?.calls, billable: total?.billableCalls, amount: total?.amount },
    { calls: 4, billable: 2, amount: '72' },
  )
  await counted(partner)

  const stranger = newPartner()
  await send([call(stranger, { chargeId })])
  const [theirs] = await usageTotals(db, day(stranger))
  assert.equal(theirs?.billableCalls, 1, 'a charge is its partner’s own')
})

test('a refused call is counted and costs nothing; an answered one shows its price', async () => {
  const partner = newPartner()
  await send([
    call(partner, { operation: 'issueCard', product: 'cards' }),
    call(partner, { seq: 2, status: 403, code: 'licences/missing', billable: false, units: 1 }),
  ])
  const latest = await latestCalls(db, { partnerId: partner, cell: 'production' }, 10)

  const of = (operation: string) => latest.find((c) => c.operation === operation)
  assert.deepEqual([of('issueCard')?.unitPrice, of('issueCard')?.amount], ['3200', '3200'])
  assert.deepEqual([of('getBalances')?.unitPrice, of('getBalances')?.amount], ['36', '0'])
})

test('the sandbox is shadow-priced by the list, and what the law opens has no price', async () => {
  const partner = newPartner()
  await sendFrom(
    {
      gateway: 'sbx',
      boot: uuidv7(),
      records: [call(partner, { contractId: null, priceVersion: null })],
    },
    'sandbox',
  )
  const [shadow] = await usageByHour(db, day(partner, 'sandbox'))
  assert.deepEqual(
    [shadow?.priceBasis, shadow?.priceVersion, shadow?.amount],
    ['list', '2026-11', '36'],
  )

  const aisp = newPartner()
  await database.owner.run`
    insert into licences.holding (partner_id, status, since, change_id)
    values (${aisp}, 'aisp', ${noon.subtract({ hours: 1 })}, 'change')
  `
  await send([call(aisp), call(aisp, { seq: 2, operation: 'verifyOwnership' })])
  const rows = await usageByHour(db, day(aisp))
  const basis = (operation: string) => rows.find((r) => r.operation === operation)?.priceBasis
  assert.deepEqual([basis('getBalances'), basis('verifyOwnership')], ['regulated', 'contract'])
})

test('calls of a day are kept in its own part of the table; what came before it had one is found where it is', async () => {
  const partner = newPartner()
  const placeOf = async (callId: string) =>
    (
      await database.owner.one(z.object({ place: z.string() }))`
        select tableoid::regclass::text as place from usage.event where call_id = ${callId}
      `
    ).place
  const early = call(partner)
  await send([early])
  const later = noon.add({ hours: 24 })
  // Yesterday has calls already, so of sixteen days one gets no place of its own.
  assert.equal(await openDays(db, later), 15)
  assert.equal(await openDays(db, later), 0)
  const atMs = later.epochMilliseconds
  const next = call(partner, { seq: 2, callId: uuidv7(atMs), occurredAt: later.toString() })
  const gateway = { gateway: `gateway_${uuidv7()}`, boot: uuidv7() }
  const told = () =>
    work(db, 'system', later, (w) =>
      meter.take(w, 'production', { ...gateway, records: [early, next] }),
    )
  await told()
  await told()
  assert.equal(await placeOf(early.callId), 'usage.event_else')
  assert.equal(await placeOf(next.callId), 'usage.event_20261123')
  const rows = await latestCalls(db, { partnerId: partner, cell: 'production' }, 10)
  assert.deepEqual(
    rows.map((r) => r.callId),
    [next.callId, early.callId],
  )
  assert.equal((await findCall(db, { partnerId: partner, callId: next.callId }))?.units, 1)
  assert.equal(await findCall(db, { partnerId: partner, callId: 'nothing' }), undefined)
})

test('what no name holds is set aside: it moves no word of a call to another', async () => {
  const partner = newPartner()
  const records = [
    call(partner, { seq: 1, operation: 'getBalances\u001flistTransactions' }),
    call(partner, { seq: 2, code: '\u001e' }),
    call(partner, { seq: 3, product: '' }),
    call(partner, { seq: 4, code: 'it "says" {a,b}, \\N and NULL', status: 404, billable: false }),
  ]
  await send(records)
  assert.equal(await counted(partner), 1)
  const [kept] = await latestCalls(db, { partnerId: partner, cell: 'production' }, 10)
  assert.equal(kept?.code, records[3]?.code)
})

test('a call id from the far future names no call, and no day that the database refuses', async () => {
  const partnerId = newPartner()
  for (const callId of [`ffffffffffff7${'0'.repeat(19)}`, `e677d21fdc007${'0'.repeat(19)}`])
    assert.equal(await findCall(db, { partnerId, callId }), undefined)
  assert.equal(dayOfCall('019ab3e2c8007' + '0'.repeat(19)).slice(0, 4), '2025')
})

test('a few calls in the sandbox are found without reading those in production that lie between', async () => {
  const partnerId = newPartner()
  await sendFrom({ gateway: 'gateway_s', boot: uuidv7(), records: calls(partnerId, 3) }, 'sandbox')
  await db.run`
    insert into usage.event (partner_id, day, call_id, cell, gateway, boot, seq, occurred_at, recorded_at, application_id,
                             product, operation, price_basis, unit_price, status, billable, units, latency_ms, epoch)
    select ${partnerId}, ${noon.toString().slice(0, 10)}::date, lpad(to_hex(n), 32, '0'), 'production', 'g', 'b', n, ${noon},
           ${noon}, 'a', 'accounts', 'getBalances', 'list', 0, 200, true, 1, 5, 1
      from generate_series(1, 5000) n
  `
  await database.owner.run`analyze usage.event`

  const read = callsThatFit({ partnerId, cell: 'sandbox' }, 10)
  const plan = await db.many(z.object({ 'QUERY PLAN': z.string() }))`explain analyze ${read}`
  const leftOut = plan
    .map((row) => /Rows Removed by Filter: (\d+)/.exec(row['QUERY PLAN'])?.[1] ?? '0')
    .reduce((sum, rows) => sum + Number(rows), 0)

  // Calls of the tests before lie in days of their own, which are read as a whole.
  assert.ok(leftOut < 1_000, `${leftOut} of five thousand were read and left out`)
  assert.equal((await latestCalls(db, { partnerId, cell: 'sandbox' }, 10)).length, 3)
})
