/** Writes and two gateway processes over one database: whoever is asked, raced or killed, a thing is done once, and charged once. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { executionIn, killed, openPair, playBank } from './crashing.ts'
import { type Answered, refused } from './cell.ts'

const pair = await openPair()
after(() => pair.close())
const { cell, nodes, write, writeUntilDone } = pair
const { owner } = cell.database
const key = () => crypto.randomUUID()

const recordsOf = (callIds: readonly string[]) =>
  cell.usage.filter((u) => callIds.includes(u.callId) && u.billable)
const callsOf = (bank: ReturnType<typeof playBank>, k: string) =>
  [...bank.keyOfCall].filter(([, of]) => of === k).map(([callId]) => callId)
const eventually = async (what: string, holds: () => boolean | Promise<boolean>) => {
  const endMs = performance.now() + 60_000
  while (!(await holds())) {
    assert.ok(performance.now() < endMs, what)
    await sleep(20)
  }
}

/** On a machine that is too busy to lease permits or to claim in time a call is told so, and nothing was done: it comes again. */
const admitted = async (k: string, reason?: string): Promise<Answered> => {
  for (;;) {
    const answered = await write(k, reason)
    if (answered.status !== 503) return answered
    assert.match(String(answered.json['code']), /^gateway\/(?:limits|once)-unavailable$/)
    await sleep(100)
  }
}

/** The cell’s database is slow at one step: until it is let go on, a claim does not get into this state. */
await owner.run`create function once.pause() returns trigger language plpgsql as $$
  begin
    if new.state = tg_argv[0] and old.state <> new.state then perform pg_sleep(1.5); end if;
    return new;
  end $$`
const Waiting = z.object({ n: z.bigint() })
const paused = () =>
  eventually('it came to this step', async () => {
    const { n } = await owner.one(Waiting)`
      select count(*) as n from pg_stat_activity where wait_event = 'PgSleep' and query like '%once.claim%'
    `
    return n > 0n
  })
const pausing = async (state: 'sent' | 'done', work: () => Promise<void>) => {
  await (state === 'sent'
    ? owner.run`create trigger pause before update on once.claim for each row execute function once.pause('sent')`
    : owner.run`create trigger pause before update on once.claim for each row execute function once.pause('done')`)
  try {
    await work()
  } finally {
    await owner.run`drop trigger pause on once.claim`
  }
}

test('R4: of 200 at once over two processes one is done; the others are told to wait, or are replays; another body is 422', async () => {
  const bank = playBank(() => 150)
  cell.setPlay(bank.play)
  const k = key()
  const answers = await Promise.all(Array.from({ length: 200 }, () => admitted(k)))

  assert.equal(bank.asks.get(k), 1)
  const fresh = answers.filter(
    (a) => a.status === 200 && a.headers['idempotent-replayed'] === undefined,
  )
  assert.equal(fresh.length, 1)
  for (const answered of answers.filter((a) => !fresh.includes(a)))
    if (answered.status === 200) {
      assert.equal(answered.headers['idempotent-replayed'], 'true')
      assert.equal(answered.text, fresh[0]?.text)
    } else refused(answered, 409, 'gateway/request-in-progress')
  const others = await Promise.all(Array.from({ length: 20 }, () => admitted(k, 'AGREED')))
  for (const answered of others) refused(answered, 422, 'gateway/idempotency-key-reused')
  assert.equal(bank.asks.get(k), 1)
  await eventually('it is billed', () => recordsOf(callsOf(bank, k)).length > 0)
  assert.equal(
    cell.usage.filter((u) => u.operation === 'releaseLeg' && u.billable).length,
    1,
    'a replay costs nothing',
  )
})

/** Both, in turns: what comes to the one that is left is answered by it. */
const killBoth = async () => {
  await Promise.all(nodes.map((node) => node.kill()))
}
const startBoth = () => Promise.all(nodes.map((node) => node.start()))

test('killed before the bank was asked: nothing was done, and the retry does it, once', async () => {
  const bank = playBank(() => 5)
  cell.setPlay(bank.play)
  const k = key()
  await pausing('sent', async () => {
    const lost = write(k).catch(() => undefined)
    await paused()
    await killBoth()
    assert.equal(await lost, undefined)
    assert.equal(bank.asks.get(k), undefined)
    await sleep(1_600)
  })
  await startBoth()
  const answered = await writeUntilDone(k)
  assert.equal(bank.asks.get(k), 1)
  assert.equal(executionIn(answered), bank.executions.get(k))
  await eventually('it is billed', () => recordsOf(callsOf(bank, k)).length === 1)
})

test('killed while the bank works: the retry learns what became of it, and it is charged once', async () => {
  const bank = playBank(() => 0)
  const heldBy: ServerResponse[] = []
  cell.setPlay(async (heard, response) => {
    if (heldBy.push(response) === 1) await new Promise((resolve) => response.once('close', resolve))
    await bank.play(heard, response)
  })
  const k = key()
  const lost = write(k).catch(() => undefined)
  await eventually('the bank has it', () => heldBy.length === 1)
  const [held] = heldBy
  assert.ok(held)
  await Promise.all(nodes.map((node) => killed(node, held).catch(() => {})))
  assert.equal(await lost, undefined)
  await eventually('the bank has done it', () => bank.executions.has(k))
  await startBoth()

  const answered = await writeUntilDone(k)
  assert.equal(executionIn(answered), bank.executions.get(k))
  assert.equal(bank.executions.size, 1)
  assert.equal(bank.asks.get(k), 2)
  await eventually('it is billed', () => recordsOf(callsOf(bank, k)).length === 1)
})

test('killed while the outcome is being kept: what the database kept is replayed, the bank is not asked again, and the call that did it is charged', async () => {
  const bank = playBank(() => 0)
  cell.setPlay(bank.play)
  const k = key()
  await pausing('done', async () => {
    const lost = write(k).catch(() => undefined)
    await paused()
    await killBoth()
    assert.equal(await lost, undefined)
    // The processes come back while the database still works on what the killed one had asked of it.
    await startBoth()
  })
  const answered = await writeUntilDone(k)
  assert.equal(answered.headers['idempotent-replayed'], 'true')
  assert.equal(executionIn(answered), bank.executions.get(k))
  assert.equal(bank.asks.get(k), 1)
  await eventually('it is billed', () => recordsOf(callsOf(bank, k)).length === 1)
})

test('an outcome that could not be kept was delivered all the same; who asks again is answered, and both are one charge', async () => {
  const bank = playBank(() => 0)
  cell.setPlay(async (heard, response) => {
    await owner.run`alter table once.claim rename to claim_away`
    await bank.play(heard, response)
  })
  const k = key()
  const first = await write(k)
  await owner.run`alter table once.claim_away rename to claim`
  assert.equal(first.status, 200)
  cell.setPlay(bank.play)
  refused(await write(k), 409, 'gateway/request-in-progress')
  await owner.run`update once.claim set lease_until = now() where key = ${k}`
  const second = await write(k)

  assert.equal(executionIn(second), executionIn(first))
  assert.equal(bank.executions.size, 1)
  await eventually('both are told of', () => recordsOf(callsOf(bank, k)).length === 2)
  const charges = new Set(recordsOf(callsOf(bank, k)).map((u) => u.chargeId))
  assert.equal(charges.size, 1)
  assert.ok(!charges.has(undefined))
})
