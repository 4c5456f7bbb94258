/**
 * The machine dies, and everything stands again out of the copy: once after the last round of the copy (then all must be
 * equal), once in the middle of calls (then nothing may be missing that was answered before the last round, and nothing double).
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { freshData, type HouseOptions, portico, startedHouse } from '#test/house.ts'
import { portsOf, readSettings } from '#platform/config.ts'
import { layoutOf } from '#platform/layout.ts'
import { openLog } from '#platform/log.ts'
import type { ProcessWorld } from '#platform/process.ts'
import { probeOnce } from '../../src/supervisor/probe.ts'
import {
  callsOf,
  dieAtOnce,
  headsOf,
  invoicesOf,
  openServer,
  processesOf,
  serverPid,
  toldBetween,
} from './judge.ts'

const portBase = Number(process.env['PORTICO_PORT_BASE'] ?? 22_400)
const State = z.looseObject({ at: z.string() })

const houseAt = (n: number): HouseOptions & { readonly copy: string; readonly keys: string } => {
  const copy = freshData()
  const keys = freshData()
  const environment = { PORTICO_BACKUP: copy, PORTICO_BACKUP_KEYS: keys }
  // A restore wants a place where nothing is.
  return { data: join(freshData(), 'data'), portBase: portBase + n * 50, environment, copy, keys }
}

const worldOf = ({ data, portBase: base }: HouseOptions): ProcessWorld => {
  const settings = readSettings({ PORTICO_DATA: data, PORTICO_PORT_BASE: String(base) })
  const log = openLog({ process: 'drill' }, 'silent')
  const now = () =>
    Temporal.Now.instant().round({ smallestUnit: 'microsecond', roundingMode: 'floor' })
  return { settings, layout: layoutOf(data), ports: portsOf(settings), log, now }
}

const copiedTo = (copy: string): Temporal.Instant | undefined => {
  try {
    return Temporal.Instant.from(
      State.parse(JSON.parse(readFileSync(join(copy, 'state.json'), 'utf8'))).at,
    )
  } catch {
    return undefined
  }
}

const within = async (what: string, seconds: number, holds: () => boolean | Promise<boolean>) => {
  for (let waited = 0; waited < seconds * 1000; waited += 250) {
    if (await holds()) return
    await sleep(250)
  }
  assert.fail(`${what} within ${seconds} s`)
}

const untilCopied = (copy: string, moment: Temporal.Instant) =>
  within('the copy reaches the moment', 120, () => {
    const at = copiedTo(copy)
    return at !== undefined && Temporal.Instant.compare(at, moment) > 0
  })

/** Callers who write down themselves when each answer reached them. */
const callers = (house: HouseOptions, count: number) => {
  const world = worldOf(house)
  const answered: Temporal.Instant[] = []
  let attempts = 0
  let over = false
  const call = async () => {
    while (!over) {
      attempts++
      try {
        await probeOnce(world, 'production')
        answered.push(Temporal.Now.instant())
      } catch (error) {
        // A refusal is an answer, and is recorded like one: this partner has a quota.
        if (String(error).includes('gateway answered')) answered.push(Temporal.Now.instant())
        else await sleep(50)
      }
    }
  }
  const running = Array.from({ length: count }, call)
  return {
    answered,
    attempts: () => attempts,
    stop: async () => {
      over = true
      await Promise.all(running)
    },
  }
}

const restored = async (from: { copy: string; keys: string }, to: HouseOptions): Promise<void> => {
  const checked = await portico(to, 'backup', 'check', from.copy)
  assert.equal(checked.code, 0, checked.stderr)
  const done = await portico(to, 'backup', 'restore', from.copy, '--keys', from.keys, '--json')
  assert.equal(done.code, 0, done.stderr)
  assert.doesNotMatch(done.stdout, /aside/, 'no line that was signed is missing')
}

const verified = async (house: HouseOptions): Promise<void> => {
  const { code, stdout, stderr } = await portico(house, 'journal', 'verify')
  assert.equal(code, 0, stdout + stderr)
  assert.equal(stdout.match(/whole/g)?.length, 5, stdout)
}

const say = (words: string) => process.stderr.write(`${words}\n`)

test('after the machine died everything stands again from the copy: equal to the last round, and under load nothing that was answered before it is missing or double', async () => {
  const first = houseAt(0)
  const second = houseAt(1)
  const third = houseAt(2)
  const houses: { kill(): Promise<void> }[] = []
  const calling: { stop(): Promise<void> }[] = []
  const left: number[] = []
  after(async () => {
    await Promise.all(calling.map((one) => one.stop()))
    await Promise.all(houses.map((house) => house.kill().catch(() => {})))
    await dieAtOnce(left)
  })

  // A bank with its stories, and a copy of it that follows.
  houses.push(await startedHouse(first))
  const walked = await portico(first, 'journey', 'all')
  assert.equal(walked.code, 0, walked.stdout + walked.stderr)
  const early = callers(first, 2)
  calling.push(early)
  await within('fifty calls', 120, () => early.answered.length >= 50)
  await within('a whole base copy', 120, async () => {
    const { code } = await portico(first, 'backup', 'check', first.copy)
    return code === 0
  })
  await early.stop()

  // Every process dies at once; the copy has one more second; then the server dies, too.
  const one = processesOf(first.data)
  left.push(...one.others, ...one.backup, ...one.server)
  assert.equal(one.backup.length, 1)
  await dieAtOnce(one.others)
  const died = Temporal.Now.instant()
  // The follower watches its line to the supervisor: it ends with it, after a last round.
  await untilCopied(first.copy, died).catch(async () => {
    const { code, stderr } = await portico(
      first,
      'backup',
      'once',
      first.copy,
      '--keys',
      first.keys,
    )
    assert.equal(code, 0, stderr)
  })
  await dieAtOnce([...one.backup, ...one.server])

  const fromMs = performance.now()
  await restored(first, second)
  say(`restored in ${Math.round(performance.now() - fromMs)} ms`)
  const truth = await openServer(first.data, first.portBase + 45)
  const copy = await openServer(second.data, second.portBase + 30)
  left.push(serverPid(first.data), serverPid(second.data))
  try {
    assert.deepEqual(
      await headsOf(copy),
      await headsOf(truth),
      'five journals end in the same line',
    )
    const counted = await callsOf(copy)
    assert.deepEqual(counted, await callsOf(truth), 'the same calls')
    const invoices = await invoicesOf(copy, died)
    assert.deepEqual(invoices, await invoicesOf(truth, died), 'the same invoices')
    assert.ok(Object.values(invoices).flat().length > 0, 'there are invoices to compare')
    await verified(second)
    say(
      `equal: ${counted.rows} calls, ${Object.values(invoices).flat().length} invoices, 5 journals`,
    )
  } finally {
    await truth.stop()
    await copy.stop()
  }

  // What was restored is a bank: it works, and a copy follows it.
  houses.push(await startedHouse(second))
  const again = await portico(second, 'journey', 'government')
  assert.equal(again.code, 0, again.stdout + again.stderr)
  await verified(second)
  await within('a whole base copy', 120, async () => {
    const { code } = await portico(second, 'backup', 'check', second.copy)
    return code === 0
  })

  // In the middle of calls the whole machine dies in one moment.
  const began = Temporal.Now.instant()
  const late = callers(second, 3)
  calling.push(late)
  await within('a hundred calls', 180, () => late.answered.length >= 100)
  const two = processesOf(second.data)
  left.push(...two.others, ...two.backup, ...two.server)
  await dieAtOnce([...two.others, ...two.backup, ...two.server])
  const lostMachine = Temporal.Now.instant()
  await late.stop()
  const reached = copiedTo(second.copy)
  assert.ok(reached)
  const promised = late.answered.filter((at) => Temporal.Instant.compare(at, reached) < 0).length

  await restored(second, third)
  const before = await openServer(second.data, second.portBase + 45)
  const copied = await openServer(third.data, third.portBase + 30)
  left.push(serverPid(second.data), serverPid(third.data))
  let there = 0n
  try {
    const heads = await headsOf(copied)
    assert.deepEqual(heads, await headsOf(before, heads), 'what is there is what was there')
    there = await toldBetween(before, began, lostMachine)
  } finally {
    await before.stop()
    await copied.stop()
  }

  // The spools of the copy are told to control again; what it had counted already stays one.
  houses.push(await startedHouse(third))
  await verified(third)
  const server = await openServer(third.data, third.portBase + 30)
  const counted = () => toldBetween(server, began, reached)
  await within(
    'every call that was promised',
    60,
    async () => (await counted()) >= BigInt(promised),
  )
  const { rows, different } = await callsOf(server)
  assert.equal(rows, different, 'no call is counted twice')
  const here = await toldBetween(server, began, lostMachine)
  // The house looks at itself once a minute, too, and tries until it is ready.
  assert.ok(here <= BigInt(late.attempts() + 20), 'none is there that was never made')
  say(
    `under load: ${late.answered.length} answered, ${promised} of them before the last round, which was ${Math.round(lostMachine.since(reached).total('milliseconds'))} ms before the end; ${there} told there by then, ${here} here`,
  )
})
