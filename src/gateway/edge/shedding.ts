/**
 * Which calls are refused when this process has too much to do: the lowest class first (G34, G39). By the calls under
 * way at once; by the event loop only while it is both late and busy, and back more slowly than there.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { problem } from '#kernel/problem.ts'
import type { Operation } from '../documents/operation.ts'

export const overloaded = problem('gateway/overloaded', 503, 'The platform has too much to do')

/** From what is refused last to what is refused first. */
const classes = ['payment-status', 'payment', 'accounts', 'unattended', 'bulk'] as const
/** How much of the calls under way each class may see before it is refused. */
const shares = [1, 0.9, 0.8, 0.65, 0.5] as const
const LEVEL_MAX = classes.length - 1

const ranks = new Map<string, number>(classes.map((name, rank) => [name, rank]))

/** 0 is served longest. Account data that no customer waits for comes behind that which one does. */
export const rankOf = (priority: Operation['priority'], customerPresent: boolean): number =>
  ranks.get(priority === 'accounts' && !customerPresent ? 'unattended' : priority) ?? LEVEL_MAX

/** How loaded the loop was in the last moment. */
export interface Load {
  /** 0 to 1: how much of the time it was not waiting. */
  readonly utilisation: number
  /** p99 of how late it was. */
  readonly delayMs: number
}

export interface Level {
  /** So many of the lowest classes are refused. */
  readonly level: number
  readonly hot: number
  readonly calm: number
}

const TICK_MS = 250
const HOT_TICKS = 4
const CALM_TICKS = 8

/** One moment later: a level up after a second of trouble, one down after two of calm, and nothing in between. */
export const leveled = (before: Level, load: Load, delayMaxMs: number): Level => {
  const { level } = before
  if (load.delayMs >= delayMaxMs && load.utilisation >= 0.9) {
    const hot = before.hot + 1
    return hot < HOT_TICKS
      ? { level, hot, calm: 0 }
      : { level: Math.min(level + 1, LEVEL_MAX), hot: 0, calm: 0 }
  }
  if (load.delayMs < delayMaxMs / 2 || load.utilisation < 0.7) {
    const calm = before.calm + 1
    return calm < CALM_TICKS
      ? { level, hot: 0, calm }
      : { level: Math.max(level - 1, 0), hot: 0, calm: 0 }
  }
  return { level, hot: 0, calm: 0 }
}

export interface Shedding {
  /** Whether a call of this rank is served now. If so, `leave` follows. */
  enter(rank: number): boolean
  leave(): void
  state(): { readonly level: number; readonly inFlight: number } & Load
  stop(): void
}

const RESOLUTION_MS = 10

export const openShedding = (limits: { calls: number; delayMs: number }): Shedding => {
  const most = shares.map((share) => Math.max(1, Math.floor(limits.calls * share)))
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let before = performance.eventLoopUtilization()
  let load: Load = { utilisation: 0, delayMs: 0 }
  let held: Level = { level: 0, hot: 0, calm: 0 }
  let lowest = LEVEL_MAX
  let inFlight = 0
  const clock = setInterval(() => {
    const now = performance.eventLoopUtilization()
    load = {
      utilisation: performance.eventLoopUtilization(now, before).utilization,
      // The histogram counts from one timer to the next.
      delayMs: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS),
    }
    before = now
    delay.reset()
    held = leveled(held, load, limits.delayMs)
    lowest = LEVEL_MAX - held.level
  }, TICK_MS).unref()
  return {
    enter: (rank) => {
      if (rank > lowest || inFlight >= (most[rank] ?? 0)) return false
      inFlight++
      return true
    },
    leave: () => {
      inFlight--
    },
    state: () => ({ level: held.level, inFlight, ...load }),
    stop: () => {
      clearInterval(clock)
      delay.disable()
    },
  }
}
