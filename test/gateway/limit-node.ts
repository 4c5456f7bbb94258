/** One gateway's limits in a process of its own: asks as fast as it is let, and says how many were admitted when. */
import { once } from 'node:events'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { startLimits } from '#gateway/limits/index.ts'
import { Problem } from '#kernel/problem.ts'
import { openPostgres } from '#platform/db.ts'
import { callerOf, limited, planFor } from './leases.ts'
import { Go, Order, type Told } from './limit-nodes.ts'

const nextMessage = async (): Promise<unknown> => {
  const [message] = await once(process, 'message')
  return message
}

const work = async (order: Order): Promise<Told> => {
  const db = openPostgres(order.databaseUrl, { name: order.name, max: 1 })
  const limits = await startLimits({
    db,
    name: order.name,
    cell: 'production',
    valkeyUrl: order.valkeyUrl,
    gatewaysMax: order.gatewaysMax,
    patienceMs: 1_000,
    log: pino({ level: 'silent' }),
  })
  const plan = planFor(order.limits)
  const slices = Array.from({ length: Math.ceil((order.seconds * 1_000) / order.sliceMs) }, () => 0)
  let refused = 0
  let away = 0
  let asked = 0
  process.send?.('ready')
  const { startAtMs } = Go.parse(await nextMessage())
  await sleep(Math.max(0, startAtMs - Date.now()))
  const cpu = process.cpuUsage()
  const untilMs = startAtMs + order.seconds * 1_000
  const loop = async () => {
    while (Date.now() < untilMs) {
      asked++
      try {
        const admission = await limits.admit(plan, callerOf(), limited())
        const slice = Math.floor((Date.now() - startAtMs) / order.sliceMs)
        if (slice < slices.length) slices[slice] = (slices[slice] ?? 0) + 1
        await turn()
        admission.leave()
      } catch (error) {
        if (!(error instanceof Problem)) throw error
        if (error.status === 503) away++
        else refused++
        await sleep(2)
      }
    }
  }
  await Promise.all(Array.from({ length: order.loops }, loop))
  const { user, system } = process.cpuUsage(cpu)
  await limits.close()
  await db.close()
  return { slices, refused, away, cpuMicrosPerAsk: (user + system) / Math.max(1, asked) }
}

try {
  const told = await work(Order.parse(await nextMessage()))
  process.send?.(told, () => process.exit(0))
} catch (cause) {
  process.stderr.write(`${String(cause)}\n`)
  process.exit(1)
}
