import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { uuidv7 } from '#kernel/id.ts'
import { type Outcome, startShipping } from './shipping.ts'
import { openSpool, segmentName, segmentsIn } from './spool.ts'
import { UsageBatch, type UsageIntent, type UsageRecord } from '../usage.ts'

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
const outcomeOf = (): Promise<Outcome> => Promise.reject(new Error('nothing was left open'))
const asModule = [
  '--disable-warning=ExperimentalWarning',
  '--input-type=module-typescript',
  '-e',
] as const
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
  for (let i = 0; i < 2_400 && !condition(); i++) await sleep(25)
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
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
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
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
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
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
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
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
  await until(() => readdirSync(place).some((name) => name.endsWith('.torn')))
  await shipping.stop(100)
  await spool.close()

  assert.deepEqual(
    control.records().map((r) => [r.boot, r.seq]),
    [[boot, 1]],
  )
})

test('behind the last line of a process that was killed stand zeros: all is shipped, nothing is set aside or left over', async () => {
  const place = folder()
  const boot = uuidv7()
  const lines = [1, 2].map((seq) => `${JSON.stringify({ ...call(), seq })}\n`).join('')
  writeFileSync(join(place, segmentName(boot, 1)), Buffer.concat([Buffer.from(lines), zeros]))
  writeFileSync(join(place, `${boot}.blank`), zeros)
  const spool = await openSpool(place, broken)
  const control = till()
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
  await until(() => segmentsIn(place).length === 1)
  await spool.close()
  await shipping.stop(1_000)

  assert.deepEqual(
    control.records().map(({ seq }) => seq),
    [1, 2],
  )
  assert.deepEqual(readdirSync(place), [])
})
const zeros = Buffer.alloc(600_000)

test('what a killed process left is as large as what it wrote, and not as its blank segment', async () => {
  const place = folder()
  const line = `${JSON.stringify({ ...call(), seq: 1 })}\n`
  const left = [
    Buffer.concat([Buffer.from(line), zeros]),
    zeros,
    Buffer.from(line.repeat(2)),
    Buffer.concat([Buffer.from(`${line}\0\0${line.trimEnd()}`), zeros]),
  ]
  const paths = left.map(() => join(place, segmentName(uuidv7(), 1)))
  for (const [at, path] of paths.entries()) writeFileSync(path, left[at] ?? '')
  const spool = await openSpool(place, broken)
  const sizes = paths.map((path) => statSync(path).size)
  const one = line.length
  assert.deepEqual(sizes, [one, 0, 2 * one, 2 * one + 1])
  assert.equal(spool.state().bytes, 5 * one + 1)
  await spool.close()
})

test('a disk that takes no more zeros keeps none: the room is for records', () => {
  const place = folder()
  const script = `
    import { readdirSync } from 'node:fs'
    import { openBlanks } from ${JSON.stringify(join(import.meta.dirname, 'blank.ts'))}
    const place = ${JSON.stringify(place)}
    const blanks = openBlanks(place, 'boot', 4_194_304)
    await blanks.ready()
    console.log(JSON.stringify([blanks.takeAs(place + '/segment'), readdirSync(place)]))
  `
  // A process may be given so little room: 512 blocks of 512 or 1,024 bytes, as its shell counts them.
  const { stdout } = spawnSync(
    '/bin/sh',
    ['-c', 'ulimit -f 512 && exec "$@"', 'sh', process.execPath, ...asModule, script],
    { encoding: 'utf8' },
  )
  assert.equal(stdout, '[false,[]]\n')
})

test('G63: a disk that does not answer is a broken one: no call waits for it for ever', async () => {
  const told = Promise.withResolvers<unknown>()
  const never = new Promise<void>(() => {})
  const disk = { sync: () => never, patienceMs: 50 }
  const spool = await openSpool(folder(), told.resolve, disk)
  let promised = false
  void spool.append(call()).then(() => (promised = true))
  assert.match(String(await told.promise), /does not answer/)
  assert.equal(promised, false)
  await spool.close()
})

const intent = (callId: string): UsageIntent => {
  const {
    status: _,
    code: __,
    billable: ___,
    latencyMs: ____,
    upstreamMs: _____,
    ...facts
  } = call()
  return { ...facts, callId, idempotencyKey: `key-${callId}` }
}

test('G63: a write that was begun and never recorded is asked about at the next start, and counted once', async () => {
  const place = folder()
  const script = `
    import { openSpool } from ${JSON.stringify(join(import.meta.dirname, 'spool.ts'))}
    const spool = await openSpool(${JSON.stringify(place)}, () => process.exit(1))
    const intents = ${JSON.stringify(Array.from({ length: 40 }, () => intent(uuidv7())))}
    const { seq, ...record } = ${JSON.stringify({ ...call(), seq: 0 })}
    for (const one of intents) {
      await spool.intend(one)
      process.stdout.write('sent ' + one.callId + '\\n')
      await spool.append({ ...record, callId: one.callId })
      process.stdout.write('told ' + one.callId + '\\n')
    }
  `
  for (const killedAt of [1, 7, 20]) {
    const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const sent: string[] = []
    for await (const line of createInterface(child.stdout)) {
      const [word, id = ''] = line.split(' ')
      if (word === 'sent') sent.push(id)
      if (sent.length === killedAt) child.kill('SIGKILL')
    }
    const asked: string[] = []
    const control = till()
    const spool = await openSpool(place, broken)
    const shipping = startShipping({
      spool,
      gateway: 'g',
      send: control.send,
      outcomeOf: async ({ callId }) => {
        asked.push(callId)
        return { status: 201, code: null, billable: true }
      },
      log,
    })
    await until(() => segmentsIn(place).length === 1 && sent.every((id) => has(control, id)))
    await spool.close()
    await shipping.stop(1_000)

    const ids = control.records().map((r) => r.callId)
    assert.equal(new Set(ids).size, ids.length, 'each call is told of once')
    assert.ok(asked.length <= 1, 'only the one that was under way is asked about')
  }
})

test('a segment with a write that is still under way stays until it is recorded', async () => {
  const place = folder()
  const spool = await openSpool(place, broken)
  const control = till()
  const open = uuidv7()
  await spool.intend(intent(open))
  const shipping = startShipping({ spool, gateway: 'g', send: control.send, outcomeOf, log })
  for (let i = 0; i < 20; i++)
    await Promise.all(Array.from({ length: 1_000 }, () => spool.append(call())))
  await until(() => control.records().length === 20_000)
  assert.equal(segmentsIn(place).length, 2)
  await spool.append({ ...call(), callId: open })
  await until(() => segmentsIn(place).length === 1)
  await shipping.stop(100)
  await spool.close()
})

const has = (control: ReturnType<typeof till>, callId: string) =>
  control.records().some((r) => r.callId === callId)
