/** One gateway's limits in a process of its own: asks as fast as it is let, and says how many were admitted when. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { z } from 'zod'
import { startLimits } from '#gateway/limits/index.ts'
import { Limits } from '#gateway/snapshot.ts'
import { Problem } from '#kernel/problem.ts'
import { openPostgres } from '#platform/db.ts'
import { callerOf, limited, planFor } from './leases.ts'

const Order = z.object({
  name: z.string(),
  databaseUrl: z.string(),
  valkeyUrl: z.string().optional(),
  limits: Limits,
  gatewaysMax: z.int(),
  startAtMs: z.number(),
  seconds: z.number(),
  /** How many ask at once. */
  loops: z.int(),
  sliceMs: z.int(),
})
export type Order = z.output<typeof Order>

export const Told = z.object({
  /** Admitted in each slice of time since the start. */
  slices: z.array(z.int()),
  refused: z.int(),
  away: z.int(),
  cpuMicrosPerAsk: z.number(),
})
export type Told = z.output<typeof Told>

const work = async (order: Order): Promise<Told> => {
  const db = openPostgres(order.databaseUrl, { name: order.name, max: 1 })
  const limits = await startLimits({
    db,
    name: order.name,
    cell: 'production',
    valkeyUrl: order.valkeyUrl,
    gatewaysMax: order.gatewaysMax,
    log: pino({ level: 'silent' }),
  })
  const plan = planFor(order.limits)
  const slices = Array.from({ length: Math.ceil((order.seconds * 1_000) / order.sliceMs) }, () => 0)
  let refused = 0
  let away = 0
  let asked = 0
  await sleep(Math.max(0, order.startAtMs - Date.now()))
  const cpu = process.cpuUsage()
  const untilMs = order.startAtMs + order.seconds * 1_000
  const loop = async () => {
    while (Date.now() < untilMs) {
      asked++
      try {
        const admission = await limits.admit(plan, callerOf(), limited())
        const slice = Math.floor((Date.now() - order.startAtMs) / order.sliceMs)
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

process.once('message', (message) => {
  work(Order.parse(message)).then(
    (told) => process.send?.(told, () => process.exit(0)),
    (cause: unknown) => {
      process.stderr.write(`${String(cause)}\n`)
      process.exit(1)
    },
  )
})
