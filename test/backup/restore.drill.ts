/**
 * A whole house dies, and stands again out of the copy: after the last round of the copy everything must be equal. What happens in
 * the middle of calls is in calls.drill.ts.
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

/** Whatever happens, nothing that was started stays. */
const cleaning = () => {
  const houses: { kill(): Promise<void> }[] = []
  const calling: { stop(): Promise<void> }[] = []
  const left: number[] = []
  after(async () => {
    await Promise.all(calling.map((one) => one.stop()))
    await Promise.all(houses.map((house) => house.kill().catch(() => {})))
    await dieAtOnce(left)
  })
  return { houses, calling, left }
}

test('what is restored to the last round is equal: five journals, every call, every invoice; and it is a bank that works', async () => {
  const first = houseAt(0)
  const second = houseAt(1)
  const { houses, calling, left } = cleaning()

  // A bank with its stories, and a copy of it that follows.
  houses.push(await startedHouse(first))
  const walked = await portico(first, 'journey', 'all')
  assert.equal(walked.code, 0, walked.stdout + walked.stderr)
  const early = callers(first, 2)
  calling.push(early)
  await within('fifty calls', 600, () => early.answered.length >= 50)
  await within('a whole base copy', 300, async () => {
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
})
