import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLoad } from './load.ts'
import type { Message } from './receiver.ts'

const ENDPOINTS = 50
const DELIVERIES = Number(process.env['DRILL_DELIVERIES'] ?? 100_000)
const KILLS = Number(process.env['DRILL_KILLS'] ?? 100)
const SUBJECTS = 200
const events = Math.ceil(DELIVERIES / ENDPOINTS)
const wanted = events * ENDPOINTS
/** Every tenth of the first attempts fails. */
const failsAtFirst = (message: Message) => Number.parseInt(message.id.slice(-4), 16) % 10 === 0

/** Arrivals between two kills, so that all kills fall among the deliveries. */
const LIFE = wanted / (KILLS + 1)
const RESTING_MS = 3_000

/** One endpoint more never answers: it delays no other. */
const SILENT = ENDPOINTS
const say = (line: string) => process.stderr.write(`${line}\n`)

test(`the courier is killed ${KILLS} times during ${DELIVERIES} deliveries: each arrives, in order where asked, none is forgotten`, async () => {
  const seen = Array.from({ length: ENDPOINTS }, () => new Map<string, number>())
  const orderly = Array.from({ length: ENDPOINTS }, () => new Map<unknown, number>())
  const overtaken: string[] = []
  const tried = Array.from({ length: ENDPOINTS }, () => new Set<string>())
  let heard = 0
  const ordered = (n: number) => n % 2 === 1
  const load = await openLoad({
    endpoints: ENDPOINTS + 1,
    ordered,
    behave: (n) => (message) => {
      if (n === SILENT) return undefined
      const fails = failsAtFirst(message) && !tried[n]?.has(message.id)
      tried[n]?.add(message.id)
      if (fails) return { status: 500 }
      heard += 1
      seen[n]?.set(message.id, (seen[n].get(message.id) ?? 0) + 1)
      const { subject, sequence } = message.body.data
      const before = orderly[n]?.get(subject) ?? 0
      const place = Number(sequence)
      if (ordered(n) && place > before + 1) overtaken.push(`${n} ${message.id}`)
      orderly[n]?.set(subject, Math.max(before, place))
      return { status: 204 }
    },
    hear: () => {},
    portBase: 19_700,
  })
  await load.write(events, SUBJECTS)

  let kills = 0
  for (; kills < KILLS; kills++) {
    const before = heard
    const courier = load.start()
    const enough = before + 1 + Math.random() * 1.6 * LIFE
    let seenMs = performance.now()
    let known = before
    // Not before it does something: a courier that is killed while it starts proves nothing. Nor long after all wait.
    while (courier.exitCode === null && heard < enough) {
      if (heard > known) seenMs = performance.now()
      known = heard
      if (heard > before && performance.now() - seenMs > RESTING_MS) break
      if (heard === before && (await load.delivered()) >= wanted) break
      await sleep(20)
    }
    await sleep(Math.random() * 50)
    assert.equal(courier.exitCode, null, 'the courier ended by itself')
    courier.kill('SIGKILL')
    await once(courier, 'exit')
    if ((kills + 1) % 10 === 0)
      say(`${kills + 1} kills, ${heard} arrivals, ${await load.delivered()} kept as delivered`)
  }
  const courier = load.start()
  while ((await load.delivered()) < wanted && courier.exitCode === null) {
    await load.replayDead()
    await sleep(1_000)
  }
  assert.equal(courier.exitCode, null, 'the courier ended by itself')
  courier.kill()
  await once(courier, 'exit')
  load.stop()

  const lost = seen.map((ids) => events - ids.size)
  assert.deepEqual(
    lost,
    lost.map(() => 0),
  )
  assert.deepEqual(overtaken, [])
  assert.equal(await load.delivered(), wanted)
  const twice = seen.flatMap((ids) => [...ids.values()]).filter((times) => times > 1).length
  say(`${heard} arrivals of ${wanted}, ${kills} kills, ${twice} came more than once`)
})
