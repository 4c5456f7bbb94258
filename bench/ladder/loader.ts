/** The loader, a process of its own: few allocations for each call, so that it is never what is measured. */
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'hdr-histogram-js'
import { openConnection, type Connection } from './connection.ts'
import { type Measured, type Phase, Plan, type Said } from './plan.ts'

const plan = Plan.parse(JSON.parse(await text(process.stdin)))
const say = (line: Said) => process.stdout.write(`${JSON.stringify(line)}\n`)

const connections = await Promise.all(plan.lanes.map((lane) => openConnection(plan, lane)))

const run = async (phase: Phase): Promise<Measured> => {
  const histogram = build({ numberOfSignificantValueDigits: 3 })
  const statuses: Record<string, number> = {}
  let broken = 0
  let calls = 0
  let over = false
  const startedMs = performance.now()
  const untilMs = startedMs + phase.seconds * 1000

  const idle: Connection[] = [...connections]
  const due: number[] = []
  const send = (connection: Connection, dueMs: number) => {
    connection.call((status) => {
      if (over) return
      if (status === 0) broken++
      else {
        calls++
        statuses[status] = (statuses[status] ?? 0) + 1
        histogram.recordValue(Math.max(1, Math.round((performance.now() - dueMs) * 1000)))
      }
      if (phase.mode === 'closed') {
        if (performance.now() < untilMs) send(connection, performance.now())
        return
      }
      const waiting = due.shift()
      if (waiting === undefined) idle.push(connection)
      else send(connection, waiting)
    })
  }

  if (phase.mode === 'closed') {
    for (const connection of connections) send(connection, performance.now())
    await sleep(phase.seconds * 1000)
  } else {
    let asked = 0
    while (performance.now() < untilMs) {
      const now = performance.now()
      const shouldBe = Math.floor(((now - startedMs) / 1000) * phase.perSecond)
      for (; asked < shouldBe; asked++) {
        const dueMs = startedMs + (asked / phase.perSecond) * 1000
        const connection = idle.pop()
        if (connection) send(connection, dueMs)
        else due.push(dueMs)
      }
      await sleep(1)
    }
    // What was due is waited for, or its latency would be missing: the worst ones.
    const patienceMs = performance.now() + 5_000
    while (idle.length < connections.length && performance.now() < patienceMs) await sleep(5)
  }
  over = true
  const seconds = (performance.now() - startedMs) / 1000
  await Promise.all(connections.map((connection) => connection.quiet()))
  const ms = (percentile: number) => histogram.getValueAtPercentile(percentile) / 1000
  return {
    calls,
    seconds,
    statuses,
    broken,
    p50Ms: ms(50),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    maxMs: histogram.maxValue / 1000,
  }
}

for (const phase of plan.phases) {
  say({ said: 'begin', phase: phase.name })
  say({ said: 'end', phase: phase.name, measured: await run(phase) })
}
for (const connection of connections) connection.close()
