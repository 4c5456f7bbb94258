/** Limits as a gateway uses them: its stores, its breaker before each, its place among the gateways of the cell. */
import type { Db } from '#platform/db.ts'
import type { Log } from '#platform/log.ts'
import { joinGateways } from './gateways.ts'
import { type Limits, openLimits } from './limits.ts'
import { postgresRates, postgresWindows, purgeLimits } from './postgres-store.ts'
import { openDesk } from './store.ts'
import type { ValkeyPlace } from './valkey-store.ts'

export interface RunningLimits extends Limits {
  /** Forgets what is idle, here and in the database. */
  sweep(): Promise<void>
  /** Returns what is held of quotas and leaves the gateways of the cell. */
  close(): Promise<void>
}

/** Rates are leased from Valkey where its address is given, else from PostgreSQL; quotas always from PostgreSQL. */
export const startLimits = async (options: {
  db: Db
  /** This gateway's own name. */
  name: string
  cell: string
  valkeyUrl: string | undefined
  valkeyMode?: ValkeyPlace['mode']
  valkeyMaster?: string
  gatewaysMax: number
  patienceMs: number
  clock?: () => number
  log: Log
}): Promise<RunningLimits> => {
  const { db, name, cell, valkeyUrl, gatewaysMax, patienceMs, log } = options
  const clock = options.clock ?? (() => performance.now())
  const gateways = await joinGateways({ db, name, most: gatewaysMax, clock, log })
  const valkey =
    valkeyUrl === undefined ? undefined : await valkeyOf(placeOf(options, valkeyUrl), cell, log)
  const slowRates = openDesk(postgresRates(db).lease, clock, patienceMs)
  const windows = postgresWindows(db, gateways.boot)
  const limits = openLimits({
    clock,
    crowd: gateways.crowd,
    rates: valkey ? openDesk(valkey.lease, clock, patienceMs) : slowRates,
    // Asked for call by call, they are few; and a Valkey that starts anew would keep them empty for long.
    slowRates,
    windows: openDesk(windows.lease, clock, patienceMs),
    giveBack: windows.giveBack,
    windowsHeld: gateways.windowsHeld,
    patienceMs,
  })
  return {
    ...limits,
    sweep: async () => {
      await limits.sweep()
      await purgeLimits(db)
    },
    close: async () => {
      await limits
        .close()
        .catch((cause: unknown) =>
          log.warn({ cause }, 'held quotas are lost until their window ends'),
        )
      await gateways.stop()
      valkey?.close()
    },
  }
}

const placeOf = (
  {
    valkeyMode: mode = 'single',
    valkeyMaster: master = 'mymaster',
  }: Pick<Parameters<typeof startLimits>[0], 'valkeyMode' | 'valkeyMaster'>,
  url: string,
): ValkeyPlace => ({ url, mode, master })

/** A store of rates for a cell; its client is loaded by who has one. */
const valkeyOf = async (place: ValkeyPlace, cell: string, log: Log) => {
  const { openValkeyAt } = await import('./valkey-store.ts')
  return openValkeyAt(place, cell, (state, cause) => {
    if (state === 'connected') log.info('rates are leased from Valkey')
    else log.warn({ cause }, 'Valkey is away: rates go on by share')
  })
}
