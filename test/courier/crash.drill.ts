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

test(`the courier is killed ${KILLS} times during ${DELIVERIES} deliveries: each arrives, in order where asked, none is forgotten`, async () => {
  const seen = Array.from({ length: ENDPOINTS }, () => new Map<string, number>())
  const orderly = Array.from({ length: ENDPOINTS }, () => new Map<unknown, number>())
  const overtaken: string[] = []
  const tried = Array.from({ length: ENDPOINTS }, () => new Set<string>())
  let heard = 0
  const ordered = (n: number) => n % 2 === 1
  const load = await openLoad({
    endpoints: ENDPOINTS,
    ordered,
    behave: (n) => (message) => {
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
    // Not before it does something: a courier that is killed while it starts proves nothing.
    while (heard === before && courier.exitCode === null && (await load.delivered()) < wanted)
      await sleep(20)
    await sleep(Math.random() * 600)
    assert.equal(courier.exitCode, null, 'the courier ended by itself')
    courier.kill('SIGKILL')
    await once(courier, 'exit')
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
  process.stderr.write(
    `${heard} arrivals of ${wanted}, ${kills} kills, ${twice} came more than once\n`,
  )
})
