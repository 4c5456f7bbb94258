import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { uuidv7 } from '#kernel/id.ts'
import { startShipping } from './shipping.ts'
import { openSpool, segmentName, segmentsIn } from './spool.ts'
import { UsageBatch, type UsageRecord } from './usage.ts'

const log = pino({ level: 'silent' })
const folder = () => mkdtempSync(join(tmpdir(), 'spool-'))
const call = (): Omit<UsageRecord, 'seq'> => ({
  callId: uuidv7(),
  occurredAt: '2026-11-22T12:00:00Z',
  partnerId: 'p',
  applicationId: 'a',
  product: 'accounts',
  operation: 'getBalances',
  contractId: null,
  priceVersion: null,
  consentId: null,
  status: 200,
  code: null,
  billable: true,
  units: 1,
  latencyMs: 1,
  upstreamMs: 1,
  epoch: 1,
})
const broken = (cause: unknown) => assert.fail(String(cause))

/** Control's till: takes batches, or not. */
const till = () => {
  const batches: UsageBatch[] = []
  let open = true
  return {
    batches,
    records: () => batches.flatMap((b) => b.records.map((r) => ({ boot: b.boot, ...r }))),
    set: (value: boolean) => {
      open = value
    },
    send: async (batch: unknown) => {
      if (!open) throw new Error('away')
      const parsed = UsageBatch.parse(batch)
      batches.push(parsed)
      return { seq: parsed.records.at(-1)?.seq }
    },
  }
}
const until = async (condition: () => boolean) => {
  for (let i = 0; i < 400 && !condition(); i++) await sleep(25)
  assert.ok(condition())
}

test('records of many calls at once are on the disk when they are promised, in a gapless sequence', async () => {
  const place = folder()
  const spool = await openSpool(place, broken)
  const promised = Array.from({ length: 5_000 }, () => spool.append(call()))
  await promised[0]
  const [segment] = segmentsIn(place)
  assert.ok(readFileSync(segment?.path ?? '', 'utf8').startsWith('{"callId"'))
  await Promise.all(promised)
  await spool.close()

  const seqs = segmentsIn(place).flatMap((s) =>
    readFileSync(s.path, 'utf8')
      .trim()
      .split('\n')
      .map((l) => (JSON.parse(l) as UsageRecord).seq),
  )
  assert.deepEqual(
    seqs,
    seqs.map((_, i) => i + 1),
  )
  assert.equal(seqs.length, 5_000)
})

test('what control did not take is shipped when it is back, each record once, and acknowledged segments are gone', async () => {
  const place = folder()
  const spool = await openSpool(place, broken)
  const control = till()
  control.set(false)
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, log })
  for (let i = 0; i < 1_200; i++) void spool.append(call())
  await sleep(400)
  control.set(true)
  await until(() => control.records().length === 1_200)
  await spool.close()
  await shipping.stop(2_000)
  assert.deepEqual(segmentsIn(place), [], 'what was taken is not there for the next start')

  assert.deepEqual(
    control.records().map((r) => r.seq),
    Array.from({ length: 1_200 }, (_, i) => i + 1),
  )
  assert.ok(control.batches.every((b) => b.records.length <= 500))
})

test('segments end at their size, and are removed one by one as control takes them', async () => {
  const place = folder()
  const spool = await openSpool(place, broken)
  for (let i = 0; i < 30; i++)
    await Promise.all(Array.from({ length: 1_000 }, () => spool.append(call())))
  assert.ok(segmentsIn(place).length > 1)
  const control = till()
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, log })
  await until(() => control.records().length === 30_000)
  await until(() => segmentsIn(place).length === 1)
  await shipping.stop(100)
  await spool.close()
  const seqs = control.records().map((r) => r.seq)
  assert.deepEqual(
    seqs,
    seqs.map((_, i) => i + 1),
  )
})

test('R1: after kill -9 the next start ships every record whose answer may have left, and the old boot keeps its name', async () => {
  const place = folder()
  const script = `
    import { openSpool } from ${JSON.stringify(join(import.meta.dirname, 'spool.ts'))}
    const spool = await openSpool(${JSON.stringify(place)}, () => process.exit(1))
    const record = ${JSON.stringify(call())}
    for (let i = 1; ; i++) { await spool.append(record); process.stdout.write(i + '\\n') }
  `
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let acknowledged = 0
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line)
    if (acknowledged === 500) child.kill('SIGKILL')
  }
  const [old] = segmentsIn(place)
  appendFileSync(old?.path ?? '', '{"callId":"torn')

  const spool = await openSpool(place, broken)
  const control = till()
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, log })
  await spool.append(call())
  await until(
    () => control.records().some((r) => r.boot === spool.boot) && segmentsIn(place).length === 1,
  )
  await shipping.stop(100)
  await spool.close()
  const before = control.records().filter((r) => r.boot === old?.boot)

  assert.ok(acknowledged >= 500)
  assert.ok(before.length >= acknowledged, `${before.length} of ${acknowledged}`)
  assert.deepEqual(
    before.map((r) => r.seq),
    before.map((_, i) => i + 1),
  )
})

test('a segment whose end was never synced is shipped up to there, and the rest is set aside', async () => {
  const place = folder()
  const boot = uuidv7()
  const good = JSON.stringify({ ...call(), seq: 1 })
  writeFileSync(join(place, segmentName(boot, 1)), `${good}\n\0\0\0\0\n${good}\n`)
  const spool = await openSpool(place, broken)
  const control = till()
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, log })
  await until(() => readdirSync(place).some((name) => name.endsWith('.torn')))
  await shipping.stop(100)
  await spool.close()

  assert.deepEqual(
    control.records().map((r) => [r.boot, r.seq]),
    [[boot, 1]],
  )
})
