/** What keeps calls away from a gateway, and what is wrong although it serves: everything that somebody should act on. */
import type { Health, Reason } from './health.ts'
import type { LimitsState } from '../limits/limits.ts'
import type { Shedding } from '../edge/shedding.ts'
import type { SpoolState } from '../records/spool.ts'
import type { Upstreams } from '../upstream/upstream.ts'

/** Beats come twice a second; several were missed. High-risk operations are refused a little later (G49). */
const UNHEARD_MS = 3_000
/** A disk that usually takes so long makes every call late. */
const SLOW_SYNC_MS = 100

export const tellReasons = (
  health: Health,
  seen: {
    readonly holdsSnapshot: () => boolean
    readonly draining: () => boolean
    readonly spool: () => SpoolState
    readonly limits: () => LimitsState
    readonly shedding: Shedding['state']
    readonly upstreams: Upstreams['state']
    readonly unheardMs: () => number
    /** Epochs that control has announced and that are not held. */
    readonly behind: () => number
    /** Whether NATS is set and not connected. */
    readonly natsAway: () => boolean
  },
): void => {
  const when = (is: boolean, code: string, detail: string): Reason | undefined =>
    is ? { code, detail } : undefined

  health.unready(() =>
    when(!seen.holdsSnapshot(), 'gateway/no-snapshot', 'it holds no snapshot yet'),
  )
  health.unready(() => when(seen.draining(), 'gateway/draining', 'it is on its way out'))
  health.unready(() => {
    const { bytes, bytesMax } = seen.spool()
    const detail = 'control has taken too little for too long'
    return when(bytes >= bytesMax, 'gateway/spool-full', detail)
  })

  health.degraded(() => {
    const { bytes, bytesMax } = seen.spool()
    return when(
      bytes >= bytesMax / 2 && bytes < bytesMax,
      'gateway/spool-filling',
      'more than half of the spool waits for control; when it is full, calls are refused',
    )
  })
  health.degraded(() =>
    when(
      seen.spool().usualSyncMs > SLOW_SYNC_MS,
      'gateway/disk-slow',
      'the disk takes long to make records durable, and every call waits for it',
    ),
  )
  health.degraded(() =>
    when(
      seen.unheardMs() > UNHEARD_MS,
      'gateway/control-unheard',
      'control or the cell’s database is not heard: the held snapshot serves on, dangerous operations are refused',
    ),
  )
  health.degraded(() =>
    when(
      seen.behind() > 0 && seen.holdsSnapshot(),
      'gateway/snapshot-behind',
      'control has announced a newer snapshot than the one that is held; the log says why it was not taken',
    ),
  )
  health.degraded(() =>
    when(
      seen.natsAway(),
      'gateway/nats-away',
      'NATS is away: snapshots, revocations and usage go to and from control itself',
    ),
  )
  health.degraded(() =>
    when(
      seen.limits().ratesAway,
      'gateway/rates-away',
      'rates cannot be leased: shares are admitted',
    ),
  )
  health.degraded(() =>
    when(
      seen.limits().windowsAway,
      'gateway/quotas-away',
      'quotas cannot be leased: what is held is spent',
    ),
  )
  health.degraded(() => {
    const { level } = seen.shedding()
    const detail = `the lowest ${level} classes of calls are refused`
    return when(level > 0, 'gateway/overloaded', detail)
  })
  health.degraded(() =>
    seen
      .upstreams()
      .filter(({ breaker }) => breaker !== 'closed')
      .map(({ upstream, product, breaker }) => ({
        code: 'gateway/upstream-unavailable',
        detail: `${upstream} does not answer for ${product}: its breaker is ${breaker}`,
      })),
  )
  health.degraded(() =>
    seen
      .upstreams()
      .filter(({ quietUntilMs }) => quietUntilMs !== null)
      .map(({ upstream, product, ceiling }) => ({
        code: 'gateway/upstream-quiet',
        detail: `the bank’s day leaves ${upstream} room for ${ceiling} calls of ${product} at once`,
      })),
  )
}
