/** The loader, a process of its own: few allocations for each call, so that it is never what is measured. */
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { build } from 'hdr-histogram-js'
import { openConnection, type Connection } from './connection.ts'
import { type Measured, type Phase, Plan, type Said } from './plan.ts'

const plan = Plan.parse(JSON.parse(await text(process.stdin)))
const say = (line: Said) => process.stdout.write(`${JSON.stringify(line)}\n`)

const connections = await Promise.all(plan.lanes.map((lane) => openConnection(plan, lane)))

const paceOf = (phase: Phase, most: number): number | null =>
  phase.mode === 'closed' ? null : Math.min(phase.perSecond, (phase.shareOfMost ?? Infinity) * most)

const run = async (phase: Phase, askedPerSecond: number | null): Promise<Measured> => {
  const histogram = build({ numberOfSignificantValueDigits: 3 })
  const statuses: Record<string, number> = {}
  let broken = 0
  let calls = 0
  let over = false
  let enough = () => {}
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
        if (calls === phase.calls) enough()
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
    const heard = new Promise<void>((resolve) => (enough = resolve))
    await Promise.race([sleep(phase.seconds * 1000), heard])
  } else {
    const perSecond = askedPerSecond ?? 0
    let asked = 0
    while (performance.now() < untilMs) {
      const now = performance.now()
      const shouldBe = Math.floor(((now - startedMs) / 1000) * perSecond)
      for (; asked < shouldBe; asked++) {
        const dueMs = startedMs + (asked / perSecond) * 1000
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
    askedPerSecond,
    statuses,
    broken,
    p50Ms: ms(50),
    p99Ms: ms(99),
    p999Ms: ms(99.9),
    maxMs: histogram.maxValue / 1000,
  }
}

let most = Infinity
for (const phase of plan.phases) {
  say({ said: 'begin', phase: phase.name })
  const measured = await run(phase, paceOf(phase, most))
  if (phase.mode === 'closed') most = measured.calls / measured.seconds
  say({ said: 'end', phase: phase.name, measured })
}
for (const connection of connections) connection.close()
