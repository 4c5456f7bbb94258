/** Gateways' limits as real processes that share real stores, one of which may be killed under them. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { Limits } from '#gateway/snapshot.ts'

/** What a node is told to do. */
export const Order = z.object({
  name: z.string(),
  databaseUrl: z.string(),
  valkeyUrl: z.string().optional(),
  limits: Limits,
  gatewaysMax: z.int(),
  seconds: z.number(),
  /** How many ask at once. */
  loops: z.int(),
  sliceMs: z.int(),
})
export type Order = z.output<typeof Order>

/** All begin together, when the slowest is there. */
export const Go = z.object({ startAtMs: z.number() })

export const Told = z.object({
  /** Admitted in each slice of time since the start. */
  slices: z.array(z.int()),
  refused: z.int(),
  away: z.int(),
  cpuMicrosPerAsk: z.number(),
})
export type Told = z.output<typeof Told>

export const startRedis = async (port: number): Promise<ChildProcess> => {
  const options = ['--port', String(port), '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'ignore'] })
  let ready = false
  for await (const chunk of child.stdout) {
    ready = String(chunk).includes('eady to accept')
    if (ready) break
  }
  if (!ready) throw new Error(`redis-server does not serve on port ${port}: is it taken?`)
  return child
}

export interface Trial {
  readonly nodes: number
  readonly seconds: number
  readonly limits: Limits
  readonly databaseUrl: string
  /** Port of a Valkey of the trial's own; without it rates are leased from PostgreSQL. */
  readonly valkeyPort?: number
  /** Kill it in the middle, and let it come back empty at three quarters. */
  readonly kill?: boolean
  readonly warmMs?: number
}

export interface Outcome {
  readonly admitted: number
  /** Burst + rate × the whole time. */
  readonly allowed: number
  /** The most of any interval (in slices) over what that interval allows: no more than 1. */
  readonly worst: number
  readonly away: number
  readonly refused: number
  readonly cpuMicrosPerAsk: number
}

const SLICE_MS = 100

export const tryLimits = async (trial: Trial): Promise<Outcome> => {
  const { nodes, seconds, limits, databaseUrl, valkeyPort, kill, warmMs = 1_500 } = trial
  let redis = valkeyPort === undefined ? undefined : await startRedis(valkeyPort)
  const children = Array.from({ length: nodes }, () =>
    fork(join(import.meta.dirname, 'limit-node.ts')),
  )
  try {
    const exits = Promise.race(
      children.map(async (child, i) => {
        const [code] = await once(child, 'exit')
        if (code !== 0) throw new Error(`node ${i} ended with ${String(code)}`)
        return new Promise<never>(() => {})
      }),
    )
    exits.catch(() => {})
    const saidBy = async (child: ChildProcess): Promise<unknown> => {
      const [message] = await once(child, 'message')
      return message
    }
    const ready = Promise.all(children.map(saidBy))
    children.forEach((child, i) => {
      const order: Order = {
        name: `gateway-${i}`,
        databaseUrl,
        valkeyUrl: valkeyPort === undefined ? undefined : `redis://127.0.0.1:${valkeyPort}`,
        limits,
        gatewaysMax: Math.max(4, nodes),
        seconds,
        loops: 20,
        sliceMs: SLICE_MS,
      }
      child.send(order)
    })
    await Promise.race([ready, exits])
    // They hear of each other in five seconds; a fresh Valkey has an epoch of some age in two.
    const startAtMs = Date.now() + warmMs
    const all = Promise.race([
      Promise.all(children.map(async (child) => Told.parse(await saidBy(child)))),
      exits,
    ])
    all.catch(() => {})
    for (const child of children) child.send({ startAtMs })
    if (kill && redis && valkeyPort !== undefined) {
      await sleep(Math.max(0, startAtMs - Date.now()) + (seconds * 1_000) / 2)
      redis.kill('SIGKILL')
      await once(redis, 'close')
      await sleep((seconds * 1_000) / 4)
      redis = await startRedis(valkeyPort)
    }
    return outcomeOf(await all, limits, seconds)
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL')
    redis?.kill('SIGKILL')
  }
}

const outcomeOf = (told: readonly Told[], { rate }: Limits, seconds: number): Outcome => {
  const length = told[0]?.slices.length ?? 0
  const slices = Array.from({ length }, (_, s) =>
    told.reduce((sum, t) => sum + (t.slices[s] ?? 0), 0),
  )
  const sum = (of: (one: Told) => number) => told.reduce((all, one) => all + of(one), 0)
  let worst = 0
  for (let from = 0; from < length; from++) {
    let admitted = 0
    for (let to = from; to < length; to++) {
      admitted += slices[to] ?? 0
      const allowed = rate.burst + (rate.perSecond * (to - from + 1) * SLICE_MS) / 1_000
      worst = Math.max(worst, admitted / allowed)
    }
  }
  return {
    admitted: slices.reduce((a, b) => a + b, 0),
    allowed: rate.burst + rate.perSecond * seconds,
    worst,
    refused: sum((t) => t.refused),
    away: sum((t) => t.away),
    cpuMicrosPerAsk: sum((t) => t.cpuMicrosPerAsk) / told.length,
  }
}
